"""The states of a training in the database: the network at some moments, and what it made of the probe.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError. Those that write
raise NotMine where the run is in other hands. Who may not read the run (`Store.of`) finds nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import sqlalchemy as sa

from core.io import arrays
from core.records import Probe, State, View
from core.storage.run_access import decoding
from core.storage.schema import probes, states
from core.storage.store import Store

_SCALARS = {"accuracy": float, "sample": int}
_PLAIN = ("step", "images", "epoch", "seconds")


def set_probe(store: Store, run_id: int, probe: Probe, *, token: str | None = None) -> None:
    """Say on which images this run is watched, once; what an earlier claim has said stays."""
    with store.writing(run_id, token) as connection:
        if connection.execute(sa.select(probes.c.run_id).where(probes.c.run_id == run_id)).first() is None:
            connection.execute(sa.insert(probes).values(run_id=run_id, arrays=_packed(probe)))


def probe(store: Store, run_id: int) -> Probe | None:
    """Return on which images this run is watched, or None."""
    query = sa.select(probes.c.arrays).where(probes.c.run_id == run_id, store.of_readable(probes))
    with store.transaction() as connection:
        data = connection.execute(query).scalar_one_or_none()
    with decoding(run_id):
        return None if data is None else Probe(**_unpacked(data))


def add(store: Store, run_id: int, state: State, gone: Sequence[int] = (), *, token: str | None = None) -> None:
    """Keep a state, in place of one at the same step, and forget those at the steps `gone`."""
    values = {name: getattr(state, name) for name in _PLAIN} | {
        "run_id": run_id,
        "weights": arrays.pack(state.weights),
        "view": state.view and _packed(state.view),
    }
    with store.writing(run_id, token) as connection:
        replaced = sa.and_(states.c.run_id == run_id, states.c.step.in_([*gone, state.step]))
        connection.execute(sa.delete(states).where(replaced))
        connection.execute(sa.insert(states).values(values))


def set_view(store: Store, run_id: int, step: int, view: View, *, token: str | None = None) -> None:
    """Say what the network of a state made of the probe; nothing where that state is not kept any more."""
    mine = sa.and_(states.c.run_id == run_id, states.c.step == step)
    with store.writing(run_id, token) as connection:
        connection.execute(sa.update(states).where(mine).values(view=_packed(view)))


def forget_after(store: Store, run_id: int, step: int, *, token: str | None = None) -> None:
    """Remove the states that a resumed training will come to again."""
    late = sa.and_(states.c.run_id == run_id, states.c.step > step)
    with store.writing(run_id, token) as connection:
        connection.execute(sa.delete(states).where(late))


def moments(store: Store, run_id: int) -> list[tuple[int, int]]:
    """Return (step, images) of each state, in order."""
    query = sa.select(states.c.step, states.c.images).where(states.c.run_id == run_id)
    query = query.where(store.of_readable(states)).order_by(states.c.step)
    with store.transaction() as connection:
        return [(row.step, row.images) for row in connection.execute(query)]


def views(store: Store, run_id: int, after: int = -1) -> list[State]:
    """Return the measured states after step `after`, in order; of their weights the first kernel only."""
    where = sa.and_(states.c.run_id == run_id, states.c.step > after, states.c.view.is_not(None))
    with store.transaction() as connection:
        where = sa.and_(where, store.of_readable(states))
        rows = connection.execute(sa.select(states).where(where).order_by(states.c.step)).mappings().all()
    with decoding(run_id):
        return [_state(row, only_first=True) for row in rows]


def latest(store: Store, run_id: int) -> State | None:
    """Return the last state that is measured, of its weights the first kernel only, or None."""
    where = sa.and_(states.c.run_id == run_id, states.c.view.is_not(None), store.of_readable(states))
    query = sa.select(states).where(where).order_by(states.c.step.desc()).limit(1)
    with store.transaction() as connection:
        row = connection.execute(query).mappings().first()
    with decoding(run_id):
        return None if row is None else _state(row, only_first=True)


def first_accuracy(store: Store, run_id: int) -> float | None:
    """Return the accuracy on the sample before the first step, or None."""
    where = sa.and_(states.c.run_id == run_id, states.c.step == 0, store.of_readable(states))
    query = sa.select(states.c.view).where(where)
    with store.transaction() as connection:
        data = connection.execute(query).scalar_one_or_none()
    with decoding(run_id):
        return None if data is None else View(**_unpacked(data)).accuracy


def state(store: Store, run_id: int, step: int) -> State | None:
    """Return the state at this step with all its weights, or None."""
    where = sa.and_(states.c.run_id == run_id, states.c.step == step, store.of_readable(states))
    with store.transaction() as connection:
        row = connection.execute(sa.select(states).where(where)).mappings().first()
    with decoding(run_id):
        return None if row is None else _state(row)


def _state(row: sa.RowMapping, *, only_first: bool = False) -> State:
    weights = _first_kernel(row["weights"]) if only_first else arrays.unpack(row["weights"])
    view = View(**_unpacked(row["view"])) if row["view"] else None
    return State(**{name: row[name] for name in _PLAIN}, weights=weights, view=view)


def _first_kernel(data: bytes) -> dict[str, np.ndarray]:
    """The first kernel of a state's weights, whose other arrays, most of its bytes, are not read."""
    with arrays.Archive(data) as archive:
        name = next((name for name in archive.names if name.endswith("/kernel")), None)
        return {} if name is None else {name: archive.array(name)}


def _packed(record: Probe | View) -> bytes:
    return arrays.pack({name: np.asarray(value) for name, value in asdict(record).items()})


def _unpacked(data: bytes) -> dict[str, Any]:
    found = arrays.unpack(data)
    return {name: _SCALARS[name](array) if name in _SCALARS else array for name, array in found.items()}
