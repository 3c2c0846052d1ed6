"""Many trainings of one network with other settings: begun, judged, and put in order by their validation.

All that is known of a sweep is in the database, so that it goes on after a crash of a worker or of the server:
`carry_on` is called every moment while one goes on, by whatever program watches over the workers.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from core.storage import sweeps
from core.storage.store import ACTIVE, Store, ask_to_stop, insert_run
from core.storage.sweeps import Sweep, Trial
from core.training import search
from core.words import counted

RESUMED = 3  # times that a training goes on whose worker has ended, or that gave way to others
_OVER = ("ended", "hopeless", "skipped")


@dataclass(frozen=True)
class Row:
    """One combination of settings on the board.

    trials: its trainings, one for each seed. mean, low, high: of the validation accuracies that are known, None
    where none is. state: 'finished', 'training', 'waiting', 'stopped early' or 'not finished'.
    """

    changes: dict[str, Any]
    trials: tuple[Trial, ...]
    mean: float | None
    low: float | None
    high: float | None
    state: str


def carry_on(store: Store, room: Callable[[], int], only: Collection[int] | None = None) -> bool:
    """Judge, resume and begin trainings of all sweeps that go on. Returns whether there are any.

    room: how many trainings of each may wait or train at once; asked only where there is a sweep. only: the
    sweeps that are looked at, where not all are.
    """
    numbers = [number for number in sweeps.running(store) if only is None or number in only]
    places = room() if numbers else 0
    for number in numbers:
        with sweeps.looking(store, number) as found:
            if found:
                _look(*found, places)
    return bool(numbers)


def board(trials: Sequence[Trial]) -> list[Row]:
    """Return one row for each combination, the best by validation first; the stopped ones follow."""
    groups: dict[int, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(trial.combination, []).append(trial)
    return sorted(map(_row, groups.values()), key=_rank)


def best(rows: Sequence[Row]) -> Trial | None:
    """Return the training that validation chooses: the best seed of the best finished combination, or None."""
    finished = [row for row in rows if row.state == "finished" and row.mean is not None]
    if not finished:
        return None
    known = [t for t in finished[0].trials if t.validation is not None and t.run_status]
    return max(known, key=lambda trial: (trial.validation or 0.0, -trial.seed), default=None)


def said(changes: dict[str, Any]) -> str:
    """Return settings in words: 'learning rate 0.001, batch size 32'."""
    return ", ".join(f"{_in_lower_case(name)} {shown(value)}" for name, value in changes.items())


def shown(value: Any) -> str:
    """Return a setting's value as it is read."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def progress(sweep: Sweep, trials: Sequence[Trial]) -> tuple[float, str]:
    """Return which fraction of a sweep's trainings is over, and how it stands in one line."""
    over = sum(trial.status in _OVER for trial in trials)
    running = sum(trial.run_status == "running" for trial in trials)
    early = sum(trial.status in ("hopeless", "skipped") for trial in trials)
    parts = [f"{over} of {counted(len(trials), 'training')} over"]
    parts += [f"{running} going on"] * bool(running) + [f"{early} of them stopped early"] * bool(early)
    return over / max(1, len(trials)), ", ".join(parts)


def _look(connection: Connection, sweep: Sweep, trials: list[Trial], room: int) -> None:
    trials = [_followed(connection, trial) for trial in trials]
    trials = _judged(connection, sweep, trials)
    paused = [trial for trial in trials if trial.status == "paused"]
    stopping = [trial for trial in paused if trial.run_status in ACTIVE]
    free = room - len(stopping) - sum(trial.status == "begun" for trial in trials)
    stopped = [trial for trial in paused if trial not in stopping]
    waiting = [trial for trial in trials if trial.status == "waiting"]
    for trial in (stopped + waiting)[: max(0, free)]:
        _begin(connection, sweep, trial)
    if all(trial.status in _OVER for trial in trials):
        sweeps.finish(connection, sweep.id)


def _followed(connection: Connection, trial: Trial) -> Trial:
    """What has become of a training's run since."""
    if trial.status not in ("begun", "paused") or trial.run_status in ACTIVE:
        return trial
    if trial.status == "paused" and trial.run_status in sweeps.GOES_ON:
        return trial
    if trial.run_status == "interrupted" and trial.resumed < RESUMED:
        sweeps.requeue(connection, trial.run or 0)
        sweeps.set_trial(connection, trial.id, resumed=trial.resumed + 1)
        return replace(trial, resumed=trial.resumed + 1, run_status="queued")
    sweeps.set_trial(connection, trial.id, status="ended")
    return replace(trial, status="ended")


def _judged(connection: Connection, sweep: Sweep, trials: list[Trial]) -> list[Trial]:
    """Stop those that a milestone finds hopeless; other seeds of their combination are not begun."""
    lost = set()
    for count, epoch in enumerate(search.judged_after(sweep.config, sweep.plan), start=1):
        values = sweeps.at_epoch(connection, sweep.id, epoch)
        for place, trial in enumerate(trials):
            if trial.status != "begun" or trial.judged >= count or trial.run not in values:
                continue
            sweeps.set_trial(connection, trial.id, judged=count)
            trials[place] = replace(trial, judged=count)
            if not search.survives(values[trial.run], list(values.values())):
                ask_to_stop(connection, trial.run)
                sweeps.set_trial(connection, trial.id, status="hopeless")
                trials[place] = replace(trial, judged=count, status="hopeless")
                lost.add(trial.combination)
    for place, trial in enumerate(trials):
        if trial.combination in lost and trial.status == "waiting":
            sweeps.set_trial(connection, trial.id, status="skipped")
            trials[place] = replace(trial, status="skipped")
    return trials


def _begin(connection: Connection, sweep: Sweep, trial: Trial) -> None:
    """Queue a training, or what was stopped of it."""
    if trial.status == "paused":
        sweeps.requeue(connection, trial.run or 0)
        sweeps.set_trial(connection, trial.id, status="begun")
        return
    config = replace(search.change(sweep.config, trial.changes), seed=trial.seed)
    facts = {
        "name": f"{sweep.name}: {said(trial.changes)}",
        "visitor": sweep.visitor,
        "recipe": "",
        "tags": sweeps.TAG.format(sweep.id),
    }
    run_id = insert_run(connection, config, facts)
    sweeps.set_trial(connection, trial.id, status="begun", run_id=run_id)


def _row(trials: list[Trial]) -> Row:
    known = [trial.validation for trial in trials if trial.validation is not None]
    mean = sum(known) / len(known) if known else None
    low, high = (min(known), max(known)) if known else (None, None)
    return Row(trials[0].changes, tuple(trials), mean, low, high, _state(trials))


def _state(trials: list[Trial]) -> str:
    if any(trial.status in ("hopeless", "skipped") for trial in trials):
        return "stopped early"
    if all(trial.status == "ended" for trial in trials):
        done = any(trial.run_status in ("done", "failed") for trial in trials)
        return "finished" if done else "not finished"
    return "training" if any(trial.run_status == "running" for trial in trials) else "waiting"


def _rank(row: Row) -> tuple[int, float]:
    return (2 if row.mean is None else int(row.state == "stopped early"), -(row.mean or 0.0))


def _in_lower_case(name: str) -> str:
    words = search.label(name)
    return words[:1].lower() + words[1:]
