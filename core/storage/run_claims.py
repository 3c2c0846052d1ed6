"""Who has a run in hand: what waits, what is claimed, and which worker is alive, gone or let go."""

import secrets
import time
from dataclasses import dataclass, fields

import sqlalchemy as sa

from core.storage import fair_queue
from core.storage.run_access import ACTIVE, RunAccess
from core.storage.schema import checkpoints, runs

NEVER_READABLE = " Those weights could not be made a network that reads, perhaps for want of memory."
TRIES = 2  # to make what an interrupted run has left an exported network: each may cost a worker its life


@dataclass(frozen=True)
class Claim:
    """Who has a run in hand. worker: `processes.name`. token: of this one claim; '' before it is claimed.

    heartbeat: another number after each sign of life. status: of the run. stop: it was asked to stop.
    """

    run: int
    worker: str
    token: str
    heartbeat: float
    status: str
    stop: bool


class RunClaims(RunAccess):
    """The runs as a worker, and the program that looks after the workers, take and leave them."""

    def claim(self, run_id: int, worker: str, device: str) -> str:
        """Mark a queued run as being trained by `worker`, `processes.name`; return the token to write with.

        '' if it is no longer queued, or for another worker. With a token, each method here that writes raises
        NotMine, having changed nothing, once the run is no longer in the hands of this claim.
        """
        self.program_only()
        token = secrets.token_hex(16)
        mine = sa.and_(runs.c.status == "queued", runs.c.worker.in_(("", worker)))
        change = (
            sa.update(runs)
            .where(runs.c.id == run_id, mine, runs.c.deleted.is_(None))
            .values(
                status="running",
                worker=worker,
                token=token,
                device=device,
                heartbeat=time.time(),
                note="",
                owed=0,
            )
        )
        with self._transaction() as connection:
            return token if connection.execute(change).rowcount == 1 else ""

    def claim_rest(self, run_id: int, worker: str) -> str:
        """Take one of the tries to export what an interrupted run has left; return as `claim` does."""
        self.program_only()
        token = secrets.token_hex(16)
        rest = sa.and_(runs.c.status.not_in(ACTIVE), runs.c.owed > 0, runs.c.token == "")
        values = {"worker": worker, "token": token, "heartbeat": time.time(), "owed": runs.c.owed - 1}
        change = sa.update(runs).where(runs.c.id == run_id, rest).values(values)
        with self._transaction() as connection:
            return token if connection.execute(change).rowcount == 1 else ""

    def heartbeat(self, run_id: int, token: str | None = None) -> bool:
        """Say that the worker of this run is alive. Returns whether the run was asked to stop."""
        with self.writing(run_id, token) as connection:
            return self._stop_requested(connection, run_id)

    def stop_requested(self, run_id: int) -> bool:
        """Was this run asked to stop, or deleted?"""
        self.program_only()
        with self._transaction() as connection:
            return self._stop_requested(connection, run_id)

    def end(self, run_id: int, status: str, note: str, *, token: str | None = None) -> None:
        """Say how a run ended that leaves no new network; what an interrupted one has left is owed."""
        with self.writing(run_id, token) as connection:
            owed = _owed(connection, run_id) if status == "interrupted" else 0
            values = {"status": status, "note": note, "token": "", "owed": owed}
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

    def refuse(self, run_id: int, note: str) -> None:
        """Say why a run that waits cannot be trained."""
        self.program_only()
        waiting = sa.and_(runs.c.id == run_id, runs.c.status == "queued")
        with self._transaction() as connection:
            connection.execute(sa.update(runs).where(waiting).values(status="failed", note=note))

    def claims(self) -> list[Claim]:
        """Return who has which run in hand: to train it, to train it next, or to export what it left."""
        self.program_only()
        next_ = sa.and_(runs.c.status == "queued", runs.c.worker != "")
        held = sa.or_(runs.c.status == "running", runs.c.token != "", next_)
        columns = (runs.c[f.name] for f in fields(Claim) if f.name != "run")
        with self._transaction() as connection:
            rows = connection.execute(sa.select(runs.c.id.label("run"), *columns).where(held))
            return [Claim(**row) for row in rows.mappings()]

    def workers(self) -> list[tuple[int, str, float]]:
        """Return (run, worker, heartbeat) of every run that is training."""
        held = (claim for claim in self.claims() if claim.status == "running")
        return [(claim.run, claim.worker, claim.heartbeat) for claim in held]

    def waiting(self) -> list[int]:
        """Return the numbers of the queued runs that any worker may train, in their order."""
        return [one.id for one in self.queue() if one.free and not one.running]

    def queue(self) -> list[fair_queue.Waiting]:
        """Return what trains, and then what waits, in the order in which it is begun."""
        self.program_only()
        with self._transaction() as connection:
            return fair_queue.active(connection)

    def owed(self) -> list[int]:
        """Return the numbers of the interrupted runs whose best weights are yet to be exported."""
        self.program_only()
        rest = sa.and_(runs.c.owed > 0, runs.c.token == "", runs.c.status.not_in(ACTIVE))
        query = sa.select(runs.c.id).where(rest, runs.c.deleted.is_(None)).order_by(runs.c.id)
        with self._transaction() as connection:
            return list(connection.execute(query).scalars())

    def interrupt(self, run_id: int, worker: str, note: str, *, token: str | None = None) -> bool:
        """Take a run out of the hands of `worker`, which is gone. False if it is not in them any more.

        token: of the claim, where the worker may have had several. note: what is said of a run that did not
        come to its end; one that had, and was only to be exported, keeps its own.
        """
        self.program_only()
        claim = sa.true() if token is None else runs.c.token == token
        mine = sa.and_(runs.c.id == run_id, runs.c.worker == worker, claim)
        with self._transaction() as connection:
            values = {"status": "interrupted", "note": note, "token": "", "worker": ""}
            change = sa.update(runs).where(mine, runs.c.status.in_(ACTIVE)).values(values)
            if connection.execute(change).rowcount:
                owed = _owed(connection, run_id)
                connection.execute(sa.update(runs).where(runs.c.id == run_id).values(owed=owed))
                return True
            said = sa.case((runs.c.owed == 0, runs.c.note + NEVER_READABLE), else_=runs.c.note)
            rest = sa.update(runs).where(mine, runs.c.token != "").values(token="", note=said)
            return connection.execute(rest).rowcount == 1

    def _stop_requested(self, connection: sa.Connection, run_id: int) -> bool:
        return (
            connection.execute(sa.select(runs.c.stop).where(runs.c.id == run_id)).scalar_one_or_none()
            is not False
        )


def _owed(connection: sa.Connection, run_id: int) -> int:
    """The tries to export what this run has left: none where it has left nothing that was measured.

    A file's weights are measured by their reading alone.
    """
    of_a_file = sa.select(runs.c.id).where(runs.c.id == run_id, runs.c.kind == "imported").exists()
    measured = sa.or_(checkpoints.c.best_epoch > 0, checkpoints.c.best_accuracy > 0, of_a_file)
    left = sa.select(checkpoints.c.run_id).where(checkpoints.c.run_id == run_id, measured)
    return TRIES if connection.execute(left).first() else 0
