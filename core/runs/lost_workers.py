"""Which workers are gone, and what is said of the runs that they had in hand.

Called by `core.commands.show`, `core.commands.train` and `core.runs.queue`.
"""

import time

from core.records import TrainConfig
from core.runs import processes
from core.storage.run_claims import Claim
from core.storage.store import Store
from core.training import memory

SILENCE = 20.0  # seconds without a heartbeat after which a worker elsewhere counts as gone; they beat every 2
SILENCE_HERE = 90.0  # and one of this computer whose process lives
GONE = "Its worker ended unexpectedly; what it has learnt until then is kept, and it can be resumed."
GONE_EARLY = "Its worker ended unexpectedly, before there was anything to keep; Resume begins it anew."


class Watch:
    """Tells which holds are those of workers that are gone.

    By this process's own clock, which never steps: a worker is silent from when its heartbeat was last seen to
    change, whatever time it or this computer takes it to be.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[Claim, float]] = {}  # run -> as it was seen to change, and when

    def gone(self, claims: list[Claim]) -> list[Claim]:
        """Return those of all present holds whose worker is gone."""
        now = time.monotonic()
        before, self._seen = self._seen, {}
        for claim in claims:
            same = before.get(claim.run)
            self._seen[claim.run] = same if same and same[0] == claim else (claim, now)
        return [claim for claim in claims if self._is_gone(claim, now - self._seen[claim.run][1])]

    def forget(self) -> None:
        """Begin anew: for a while nobody could have been heard."""
        self._seen = {}

    @staticmethod
    def _is_gone(claim: Claim, silent: float) -> bool:
        if not processes.is_here(claim.worker):
            return silent > SILENCE
        return not processes.lives(claim.worker) or (claim.status != "queued" and silent > SILENCE_HERE)


def why_gone(store: Store, claim: Claim) -> str:
    """Return what a run says whose worker is gone; of one here also that memory may have been short."""
    run = store.run(claim.run)
    # Its checkpoint, for the next worker has not made a network of it yet.
    said = GONE if run is None or store.checkpoint(run.id) else GONE_EARLY
    if run is None or not isinstance(run.config, TrainConfig) or not processes.is_here(claim.worker):
        return said
    return said + memory.perhaps(run.config)


def interrupt_gone(store: Store, run_id: int | None = None) -> None:
    """Mark the runs, or one of them, whose worker on this computer is gone; one elsewhere is waited for."""
    watch, until = Watch(), time.monotonic() + SILENCE + 2
    while claims := [claim for claim in store.claims() if run_id in (None, claim.run)]:
        for claim in watch.gone(claims):
            store.interrupt(claim.run, claim.worker, why_gone(store, claim), token=claim.token)
        if run_id is None or processes.is_here(claims[0].worker) or time.monotonic() > until:
            return
        time.sleep(1.0)
