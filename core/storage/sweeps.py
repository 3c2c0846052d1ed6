"""Sweeps in the database: what each tries, and how far each of its trainings is.

A sweep has an owner, as its runs have. `looking` is for the program alone, which carries it on: two programs
that look at one sweep do so one after the other.
"""

import contextlib
import json
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.records import TrainConfig
from core.storage import limits
from core.storage.database import NotYours, StoreError
from core.storage.run_access import UNREADABLE
from core.storage.schema import metrics, networks, runs, sweeps, trials
from core.storage.store import ACTIVE, KEPT_AFTER_DELETE, Store, ask_to_stop, check_sources
from core.training import configs, search
from core.training.search import Plan

TAG = "sweep {}"  # of its runs
GOES_ON = ("stopped", "interrupted")  # status of a run that has ended and can be resumed


@dataclass(frozen=True)
class Sweep:
    """status: 'running' until all that it tries has come to an end, 'done', or 'stopped' by somebody.

    config: what each training has but for its changes. deleted: for a day it can be brought back.
    """

    id: int
    visitor: str
    name: str
    recipe: str
    config: TrainConfig
    plan: Plan
    status: str
    created: float
    deleted: bool = False


@dataclass(frozen=True)
class Trial:
    """One training of a sweep.

    combination: which of the plan's. status: 'waiting', 'begun', 'paused' while it is to go on again once its
        run has stopped, 'ended', 'hopeless' for one that was stopped early, or 'skipped' where another seed of
        its combination was.
    run: None before it is begun. run_status: of the run; '' where there is none, or none any more.
    validation: accuracy of the weights that are kept, 0..1, None while unknown. best_epoch: of these.
    epoch: how far it has come. has_network: there is one of it.
    """

    id: int
    combination: int
    seed: int
    changes: dict[str, Any]
    status: str
    run: int | None = None
    judged: int = 0
    resumed: int = 0
    run_status: str = ""
    validation: float | None = None
    epoch: float = 0.0
    has_network: bool = False


def add(store: Store, config: TrainConfig, plan: Plan, *, name: str, recipe: str = "", visitor: str) -> int:
    """Store a sweep with all that it will train; return its id. Raises NotYours, LimitReached.

    First come all combinations with the first seed, then those with the next.
    """
    store.check_owner(visitor)
    with store.transaction() as connection:
        check_sources(store, connection, config)
        if store.owner is not None:
            limits.check_sweeps(connection, store.owner)
        row = {
            "visitor": visitor,
            "name": name,
            "recipe": recipe,
            "config": json.dumps(configs.to_json(config)),
            "plan": json.dumps(search.to_json(plan)),
            "status": "running",
            "created": time.time(),
            "looks": 0,
        }
        number = connection.execute(sa.insert(sweeps).values(row)).inserted_primary_key[0]  # type: ignore[index]
        tried = search.combinations(plan)
        rows = [
            {
                "sweep_id": number,
                "combination": combination,
                "seed": config.seed + seed,
                "changes": json.dumps(changes),
                "status": "waiting",
                "judged": 0,
                "resumed": 0,
            }
            for seed in range(plan.seeds)
            for combination, changes in enumerate(tried)
        ]
        connection.execute(sa.insert(trials), rows)
        return number


def every(store: Store) -> list[Sweep]:
    """Return the owner's sweeps that are not deleted, the latest first."""
    where = sa.and_(sweeps.c.deleted.is_(None), _mine(store))
    with store.transaction() as connection:
        return _read(connection.execute(sa.select(sweeps).where(where).order_by(sweeps.c.id.desc())))


def one(store: Store, number: int) -> Sweep | None:
    """Return one of the owner's sweeps, deleted or not, or None."""
    with store.transaction() as connection:
        found = _read(connection.execute(sa.select(sweeps).where(sweeps.c.id == number, _mine(store))))
    return found[0] if found else None


def trainings(store: Store, number: int) -> list[Trial]:
    """Return all trainings of an owner's sweep, in the order in which they are begun. Raises NotYours."""
    with store.transaction() as connection:
        _check_mine(connection, store, number)
        return _trials(connection, number)


def stop(store: Store, number: int) -> None:
    """Stop a sweep and what it trains; `resume` goes on."""
    with _changing(store, number) as connection:
        _set(connection, number, status="stopped")
        for trial in _trials(connection, number):
            if trial.run_status in ACTIVE:
                ask_to_stop(connection, trial.run or 0)


def resume(store: Store, number: int) -> None:
    """Go on with a sweep that was stopped; what it had begun goes on where it was. Raises LimitReached.

    A run that was asked to stop may train on for a moment: whoever carries the sweep on waits for its end.
    Of a deleted one raises StoreError: nobody would carry it on.
    """
    with _changing(store, number) as connection:
        if _deleted(connection, number) is not None:
            raise StoreError(f"Sweep {number} is deleted; Undo on the page Runs brings it back for a day.")
        status = connection.execute(sa.select(sweeps.c.status).where(sweeps.c.id == number)).scalar_one()
        if status == "running":
            return
        if store.owner is not None:
            limits.check_sweeps(connection, store.owner)
        _set(connection, number, status="running")
        for trial in _trials(connection, number):
            if trial.status in ("begun", "ended") and trial.run_status in (*ACTIVE, *GOES_ON):
                set_trial(connection, trial.id, status="paused", resumed=0)


def delete(store: Store, number: int) -> None:
    """Hide a sweep with its runs, which are stopped; `undelete` brings all of it back for a day."""
    now = time.time()
    with _changing(store, number) as connection:
        for trial in _trials(connection, number):
            if trial.run_status in ACTIVE:
                ask_to_stop(connection, trial.run or 0)
        _set(connection, number, deleted=now)
        mine = sa.and_(runs.c.id.in_(_run_ids(number)), runs.c.deleted.is_(None))
        connection.execute(sa.update(runs).where(mine).values(deleted=now))


def undelete(store: Store, number: int) -> None:
    """Bring back a deleted sweep, stopped if not done, with the runs that were deleted with it."""
    with _changing(store, number) as connection:
        when = _deleted(connection, number)
        together = sa.and_(runs.c.id.in_(_run_ids(number)), runs.c.deleted == when)
        connection.execute(sa.update(runs).where(together).values(deleted=None))
        stopped = sa.case((sweeps.c.status == "running", "stopped"), else_=sweeps.c.status)
        _set(connection, number, deleted=None, status=stopped)


# -- what the program does


def running(store: Store) -> list[int]:
    """Return the numbers of the sweeps that are to be carried on, the oldest first."""
    store.program_only()
    where = sa.and_(sweeps.c.status == "running", sweeps.c.deleted.is_(None))
    with store.transaction() as connection:
        return list(connection.execute(sa.select(sweeps.c.id).where(where).order_by(sweeps.c.id)).scalars())


@contextmanager
def looking(store: Store, number: int) -> Iterator[tuple[sa.Connection, Sweep, list[Trial]] | None]:
    """Return a sweep that goes on, in a transaction in which nobody else carries it on, or None."""
    store.program_only()
    with store.transaction() as connection:
        mine = sa.and_(sweeps.c.id == number, sweeps.c.status == "running", sweeps.c.deleted.is_(None))
        # A write, so that whoever else looks waits here until this transaction has ended.
        connection.execute(sa.update(sweeps).where(mine).values(looks=sweeps.c.looks + 1))
        found = _read(connection.execute(sa.select(sweeps).where(mine)))
        yield (connection, found[0], _trials(connection, number)) if found else None


def set_trial(connection: sa.Connection, number: int, **values: Any) -> None:
    """Change columns of one training of a sweep, in the transaction of `looking`."""
    connection.execute(sa.update(trials).where(trials.c.id == number).values(values))


def finish(connection: sa.Connection, number: int) -> None:
    """Say that all that a sweep tries has come to an end."""
    _set(connection, number, status="done")


def requeue(connection: sa.Connection, run_id: int) -> None:
    """Have a run that has ended go on from its checkpoint."""
    ended = sa.and_(runs.c.id == run_id, runs.c.status.not_in(ACTIVE), runs.c.deleted.is_(None))
    values = {"status": "queued", "note": "", "stop": False, "queued": time.time(), "worker": "", "token": ""}
    connection.execute(sa.update(runs).where(ended).values(values))


def at_epoch(connection: sa.Connection, number: int, epoch: int) -> dict[int, float]:
    """Return {run: validation accuracy after this epoch} of all of a sweep's runs that have come so far."""
    near = sa.and_(metrics.c.whole, metrics.c.epoch > epoch - 0.001, metrics.c.epoch < epoch + 0.001)
    query = sa.select(metrics.c.run_id, metrics.c.validation_accuracy)
    rows = connection.execute(query.where(near, metrics.c.run_id.in_(_run_ids(number))))
    return {row.run_id: row.validation_accuracy for row in rows if row.validation_accuracy is not None}


def of_run(store: Store, run_id: int) -> Sweep | None:
    """Return the sweep that a run belongs to, or None."""
    store.program_only()
    query = sa.select(sweeps).join(trials, trials.c.sweep_id == sweeps.c.id).where(trials.c.run_id == run_id)
    with store.transaction() as connection:
        found = _read(connection.execute(query))
    return found[0] if found else None


def runs_of_sweeps(store: Store) -> set[int]:
    """Return the numbers of all runs that belong to a sweep and wait or train."""
    store.program_only()
    query = sa.select(trials.c.run_id).join(runs, runs.c.id == trials.c.run_id)
    with store.transaction() as connection:
        return set(connection.execute(query.where(runs.c.status.in_(ACTIVE))).scalars())


def all_runs(store: Store, numbers: Collection[int]) -> set[int]:
    """Return the numbers of all runs of these sweeps, ended or not."""
    store.program_only()
    with store.transaction() as connection:
        return set(connection.execute(_run_ids(*numbers)).scalars())


def purge(store: Store, now: float | None = None) -> None:
    """Remove for good what was deleted more than a day ago; `Store.purge` removes the runs."""
    store.program_only()
    before = (now or time.time()) - KEPT_AFTER_DELETE
    with store.transaction() as connection:
        gone = list(connection.execute(sa.select(sweeps.c.id).where(sweeps.c.deleted < before)).scalars())
        connection.execute(sa.delete(trials).where(trials.c.sweep_id.in_(gone)))
        connection.execute(sa.delete(sweeps).where(sweeps.c.id.in_(gone)))


# -- inside


def _mine(store: Store) -> sa.ColumnElement[bool]:
    return sa.true() if store.owner is None else sweeps.c.visitor == store.owner


def _check_mine(connection: sa.Connection, store: Store, number: int) -> None:
    found = connection.execute(sa.select(sweeps.c.id).where(sweeps.c.id == number, _mine(store))).first()
    if found is None:
        raise NotYours(f"There is no sweep {number} of yours.")


@contextmanager
def _changing(store: Store, number: int) -> Iterator[sa.Connection]:
    with store.transaction() as connection:
        # A write first: the program may be about to begin another of its trainings.
        connection.execute(sa.update(sweeps).where(sweeps.c.id == number).values(looks=sweeps.c.looks + 1))
        _check_mine(connection, store, number)
        yield connection


def _deleted(connection: sa.Connection, number: int) -> float | None:
    return connection.execute(sa.select(sweeps.c.deleted).where(sweeps.c.id == number)).scalar_one()


def _set(connection: sa.Connection, number: int, **values: Any) -> None:
    connection.execute(sa.update(sweeps).where(sweeps.c.id == number).values(values))


def _run_ids(*numbers: int) -> sa.Select:
    return sa.select(trials.c.run_id).where(trials.c.sweep_id.in_(numbers), trials.c.run_id.is_not(None))


def _read(rows: Any) -> list[Sweep]:
    found = []
    for row in rows.mappings():
        with contextlib.suppress(*UNREADABLE):  # a damaged one is left out
            config, plan = (
                configs.from_json(json.loads(row["config"])),
                search.from_json(json.loads(row["plan"])),
            )
            plain = {name: row[name] for name in ("id", "visitor", "name", "recipe", "status", "created")}
            found.append(Sweep(**plain, config=config, plan=plan, deleted=row["deleted"] is not None))
    return found


def _trials(connection: sa.Connection, number: int) -> list[Trial]:
    has_network = sa.exists().where(networks.c.run_id == runs.c.id).label("has_network")
    of_its_run = (runs.c.status.label("run_status"), runs.c.validation_accuracy, has_network)
    epoch = sa.select(sa.func.max(metrics.c.epoch)).where(metrics.c.run_id == trials.c.run_id).scalar_subquery()
    there = sa.and_(runs.c.id == trials.c.run_id, runs.c.deleted.is_(None))
    query = sa.select(trials, *of_its_run, epoch.label("epoch")).outerjoin(runs, there)
    rows = connection.execute(query.where(trials.c.sweep_id == number).order_by(trials.c.id)).mappings()
    return [
        Trial(
            id=row["id"],
            combination=row["combination"],
            seed=row["seed"],
            changes=json.loads(row["changes"]),
            status=row["status"],
            run=row["run_id"],
            judged=row["judged"],
            resumed=row["resumed"],
            run_status=row["run_status"] or "",
            validation=row["validation_accuracy"],
            epoch=row["epoch"] or 0.0,
            has_network=bool(row["has_network"] and row["run_status"]),
        )
        for row in rows
    ]
