"""Runs, their curves and their networks in a database: SQLite by default, PostgreSQL by its URL.

Every method is one short transaction on a connection of its own, so pages and workers may call from
any thread or process. Records go in and come out; no row leaves this module.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from core import architectures, arrays, configs, folding, home, tables
from core.records import Checkpoint, Metric, Network, Run, Snapshot, TrainConfig
from core.tables import checkpoints, drawings, metrics, networks, runs, snapshots

ACTIVE = ("queued", "running")
KEPT_AFTER_DELETE = 24 * 3600.0  # seconds in which a deletion can be undone
_BUSY_SECONDS = 20  # that SQLite waits for another writer

_RUN_FIELDS = {f.name for f in fields(Run)} - {"config", "created", "readable"}
_METRIC_FIELDS = tuple(f.name for f in fields(Metric))


class StoreError(Exception):
    """The database cannot be reached, read or written; the text is one sentence that says why."""


@cache
def open_store(url: str | None = None) -> "Store":
    """Return the store at `url`, or of this computer, one per process. Raises StoreError."""
    return Store(url or home.database())


class Store:
    """The database at `url`; tables and columns are made if they are missing. Raises StoreError."""

    def __init__(self, url: str):
        self.url = url
        try:
            address = sa.make_url(url)
            if address.get_backend_name() == "sqlite" and address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            if address.drivername == "postgresql":
                address = address.set(drivername="postgresql+psycopg")
            self._engine = sa.create_engine(address)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise StoreError(f"The database cannot be opened: {error}.") from None
        except OSError as error:
            raise StoreError(f"The data folder cannot be written: {error}.") from None
        if address.get_backend_name() == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        with self._transaction() as connection:
            tables.upgrade(connection)

    # -- runs

    def add(
        self,
        config: TrainConfig,
        *,
        name: str,
        visitor: str = "",
        recipe: str = "",
        drawing: np.ndarray | None = None,
    ) -> int:
        """Queue a training and return its number. drawing: float32 [28, 28], read as it learns."""
        now = time.time()
        values = {
            "name": name,
            "visitor": visitor,
            "recipe": recipe,
            "config": json.dumps(configs.to_json(config)),
            "status": "queued",
            "created": now,
            "queued": now,
            "drawing": None if drawing is None else np.float32(drawing).tobytes(),
        }
        with self._transaction() as connection:
            return connection.execute(sa.insert(runs).values(values)).inserted_primary_key[0]  # type: ignore[index]

    def run(self, number: int) -> Run | None:
        """Return one run, deleted or not, or None."""
        found = self._select(runs.c.id == number)
        return found[0] if found else None

    def runs(self) -> list[Run]:
        """Return all runs that are not deleted, the latest first."""
        return self._select(runs.c.deleted.is_(None))

    def position(self, number: int) -> int:
        """Return how many runs come before this one: 0 for the one that is or will be trained next."""
        mine = sa.select(runs.c.queued).where(runs.c.id == number).scalar_subquery()
        before = sa.or_(runs.c.queued < mine, sa.and_(runs.c.queued == mine, runs.c.id < number))
        ahead = sa.or_(runs.c.status == "running", sa.and_(runs.c.status == "queued", before))
        query = sa.select(sa.func.count()).where(ahead, runs.c.deleted.is_(None), runs.c.id != number)
        with self._transaction() as connection:
            return connection.execute(query).scalar_one()

    def rename(self, number: int, name: str) -> None:
        """Give a run another name."""
        self._update(number, name=name)

    def delete(self, number: int) -> None:
        """Hide a run, and stop it if it trains or waits; `undelete` brings it back for a day."""
        self.ask_to_stop(number)
        self._update(number, deleted=time.time())

    def undelete(self, number: int) -> None:
        """Bring a deleted run back."""
        self._update(number, deleted=None)

    def purge(self, now: float | None = None) -> None:
        """Remove for good what was deleted more than a day ago."""
        before = (now or time.time()) - KEPT_AFTER_DELETE
        with self._transaction() as connection:
            gone = [row.id for row in connection.execute(sa.select(runs.c.id).where(runs.c.deleted < before))]
            for table in (metrics, snapshots, checkpoints, networks):
                connection.execute(sa.delete(table).where(table.c.run_id.in_(gone)))
            connection.execute(sa.delete(runs).where(runs.c.id.in_(gone)))
            connection.execute(sa.delete(drawings).where(drawings.c.deleted < before))

    # -- what a worker does

    def claim(self, number: int, worker: str, device: str) -> bool:
        """Mark a queued run as being trained by `worker`. False if it is no longer queued."""
        change = (
            sa.update(runs)
            .where(runs.c.id == number, runs.c.status == "queued", runs.c.deleted.is_(None))
            .values(status="running", worker=worker, device=device, heartbeat=time.time(), note="")
        )
        with self._transaction() as connection:
            return connection.execute(change).rowcount == 1

    def beat(self, number: int) -> bool:
        """Say that the worker of this run is alive. Returns whether the run was asked to stop."""
        with self._transaction() as connection:
            connection.execute(sa.update(runs).where(runs.c.id == number).values(heartbeat=time.time()))
            return self._stop_asked(connection, number)

    def stop_asked(self, number: int) -> bool:
        """Was this run asked to stop, or deleted?"""
        with self._transaction() as connection:
            return self._stop_asked(connection, number)

    def drawing(self, number: int) -> np.ndarray | None:
        """Return the drawing to be read while this run trains, float32 [28, 28], or None."""
        with self._transaction() as connection:
            data = connection.execute(sa.select(runs.c.drawing).where(runs.c.id == number)).scalar_one_or_none()
        return None if data is None else np.frombuffer(data, np.float32).reshape(28, 28)

    def set_drawing(self, number: int, drawing: np.ndarray) -> None:
        """Have another drawing read from the next point on; what was said of the one before is dropped."""
        with self._transaction() as connection:
            pixels = np.float32(drawing).tobytes()
            connection.execute(sa.update(runs).where(runs.c.id == number).values(drawing=pixels))
            connection.execute(sa.update(metrics).where(metrics.c.run_id == number).values(drawing=None))

    def add_metric(self, number: int, metric: Metric, images_per_second: float) -> None:
        """Append a point to the curves and move the run's own figures on."""
        point = {**asdict(metric), "run_id": number}
        point["drawing"] = None if metric.drawing is None else json.dumps([round(p, 5) for p in metric.drawing])
        figures = {
            "images": metric.images,
            "seconds": metric.seconds,
            "images_per_second": images_per_second,
            "heartbeat": time.time(),
        }
        with self._transaction() as connection:
            connection.execute(sa.insert(metrics).values(point))
            connection.execute(sa.update(runs).where(runs.c.id == number).values(figures))

    def set_snapshot(self, number: int, snapshot: Snapshot) -> None:
        """Replace what the network got wrong after the epoch before."""
        self._replace(
            snapshots,
            number,
            epoch=snapshot.epoch,
            confusion=json.dumps(snapshot.confusion),
            worst=json.dumps(snapshot.worst),
        )

    def set_checkpoint(self, number: int, checkpoint: Checkpoint) -> None:
        """Replace where this training would go on."""
        values = {f.name: getattr(checkpoint, f.name) for f in fields(Checkpoint)}
        values["state"] = arrays.pack({str(i): array for i, array in enumerate(checkpoint.state)})
        values["best"] = arrays.pack(checkpoint.best)
        with self._transaction() as connection:
            connection.execute(sa.delete(checkpoints).where(checkpoints.c.run_id == number))
            connection.execute(sa.insert(checkpoints).values(run_id=number, **values))
            best = {"best_epoch": checkpoint.best_epoch, "validation_accuracy": checkpoint.best_accuracy}
            if checkpoint.best_epoch:
                connection.execute(sa.update(runs).where(runs.c.id == number).values(best))

    def finish(
        self,
        number: int,
        network: Network,
        keras: bytes,
        probabilities: np.ndarray | None,
        *,
        test_accuracy: float | None,
        calibration: np.ndarray | None = None,
        status: str | None = None,
        note: str | None = None,
    ) -> None:
        """Store the network, and how the run ended, in one transaction: no page sees half of it.

        keras: the network as a .keras file. probabilities: float32 [10000, 10], of the test pictures, or None,
        like test_accuracy, where these are not here.
        calibration: float [3], the numbers that `training.calibrate` has worked into it.
        status, note: None to leave them as they are.
        """
        results = {} if probabilities is None else {"probabilities": np.asarray(probabilities, np.float32)}
        if calibration is not None:
            results["calibration"] = np.asarray(calibration)
        stored = {
            "weights": arrays.pack(network.weights),
            "litert": network.litert,
            "keras": keras,
            "probabilities": arrays.pack(results),
        }
        facts = {"test_accuracy": test_accuracy, "status": status, "note": note}
        with self._transaction() as connection:
            connection.execute(sa.delete(networks).where(networks.c.run_id == number))
            connection.execute(sa.insert(networks).values(run_id=number, **stored))
            values = {name: value for name, value in facts.items() if value is not None}
            connection.execute(sa.update(runs).where(runs.c.id == number).values(values))

    def end(self, number: int, status: str, note: str) -> None:
        """Say how a run ended that leaves no new network."""
        self._update(number, status=status, note=note)

    # -- what a page asks for

    def ask_to_stop(self, number: int) -> None:
        """Stop a run at its next batch; one that has not begun leaves the queue at once."""
        waiting = sa.and_(runs.c.id == number, runs.c.status == "queued")
        with self._transaction() as connection:
            connection.execute(
                sa.update(runs)
                .where(waiting)
                .values(status="stopped", note="It was taken out of the queue before it began.")
            )
            connection.execute(sa.update(runs).where(runs.c.id == number).values(stop=True))

    def requeue(self, number: int) -> bool:
        """Queue a run that has ended, to go on from its checkpoint. False if it has not ended."""
        ended = sa.and_(runs.c.id == number, runs.c.status.not_in(ACTIVE))
        change = sa.update(runs).where(ended).values(status="queued", note="", stop=False, queued=time.time())
        with self._transaction() as connection:
            return connection.execute(change).rowcount == 1

    def metrics(self, number: int) -> list[Metric]:
        """Return the points of a run's curves, in order."""
        query = sa.select(*(metrics.c[name] for name in _METRIC_FIELDS)).where(metrics.c.run_id == number)
        with self._transaction() as connection:
            rows = connection.execute(query.order_by(metrics.c.images, metrics.c.id)).mappings().all()
        return [Metric(**{**row, "drawing": _tuple(row["drawing"])}) for row in rows]

    def forget_metrics_after(self, number: int, images: int) -> None:
        """Remove points that a resumed training will measure again."""
        late = sa.and_(metrics.c.run_id == number, metrics.c.images > images)
        with self._transaction() as connection:
            connection.execute(sa.delete(metrics).where(late))

    def snapshot(self, number: int) -> Snapshot | None:
        """Return what the network got wrong after its last epoch, or None."""
        row = self._one(snapshots, number)
        if row is None:
            return None
        confusion, worst = json.loads(row["confusion"]), json.loads(row["worst"])
        return Snapshot(row["epoch"], tuple(map(tuple, confusion)), tuple(map(tuple, worst)))

    def checkpoint(self, number: int) -> Checkpoint | None:
        """Return where this training would go on, or None."""
        row = self._one(checkpoints, number)
        if row is None:
            return None
        values = {f.name: row[f.name] for f in fields(Checkpoint)}
        state = arrays.unpack(values["state"])
        values["state"] = tuple(state[str(i)] for i in range(len(state)))
        values["best"] = arrays.unpack(values["best"])
        return Checkpoint(**values)

    def network(self, number: int) -> Network | None:
        """Return the network that a run has left, or None."""
        run, row = self.run(number), self._one(networks, number, "weights", "litert", "probabilities")
        if run is None or row is None:
            return None
        about = {
            "run": number,
            "recipe": run.recipe,
            "seed": run.config.seed,
            "epochs": run.best_epoch,
            "train_seconds": round(run.seconds),
            "test_accuracy": run.test_accuracy,
            "date": f"{run.created:%Y-%m-%d}",
        }
        if (numbers := arrays.unpack(row["probabilities"]).get("calibration")) is not None:
            about["calibration"] = dict(zip(("temperature", "a", "b"), map(float, numbers), strict=True))
        weights = arrays.unpack(row["weights"])
        layers = folding.layers(run.config.layers)
        if not {name.split("/")[0] for name in weights} <= set(architectures.names(layers)):
            layers = run.config.layers  # stored by a version that did not fold
        return Network(run.name, layers, weights, row["litert"], about, run.config.data)

    def keras_file(self, number: int) -> bytes | None:
        """Return a run's network as a .keras file, or None."""
        row = self._one(networks, number, "keras")
        return row["keras"] if row else None

    def probabilities(self, number: int) -> np.ndarray | None:
        """Return what a run's network says of its 10,000 test pictures, float32 [10000, 10], or None."""
        row = self._one(networks, number, "probabilities")
        return arrays.unpack(row["probabilities"]).get("probabilities") if row else None

    # -- looking after

    def workers(self) -> list[tuple[int, str, float]]:
        """Return (run, worker, last sign of life in seconds since 1970) of every run that is training."""
        query = sa.select(runs.c.id, runs.c.worker, runs.c.heartbeat).where(runs.c.status == "running")
        with self._transaction() as connection:
            return [tuple(row) for row in connection.execute(query)]  # type: ignore[misc]

    def waiting(self) -> list[int]:
        """Return the numbers of the queued runs, in their order."""
        query = sa.select(runs.c.id).where(runs.c.status == "queued", runs.c.deleted.is_(None))
        with self._transaction() as connection:
            return list(connection.execute(query.order_by(runs.c.queued, runs.c.id)).scalars())

    def active(self) -> list[int]:
        """Return the numbers of the runs that train or wait, the one that trains first."""
        query = sa.select(runs.c.id).where(runs.c.status.in_(ACTIVE), runs.c.deleted.is_(None))
        with self._transaction() as connection:
            # 'running' comes after 'queued' in the alphabet
            ordered = query.order_by(runs.c.status.desc(), runs.c.queued, runs.c.id)
            return list(connection.execute(ordered).scalars())

    def interrupt(self, number: int, worker: str, note: str) -> bool:
        """Mark a run as interrupted if it is still in the hands of `worker`, which is gone."""
        mine = sa.and_(runs.c.id == number, runs.c.status == "running", runs.c.worker == worker)
        with self._transaction() as connection:
            change = sa.update(runs).where(mine).values(status="interrupted", note=note)
            return connection.execute(change).rowcount == 1

    # -- inside

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """Return one transaction on a connection of its own, for tables that another module looks after."""
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise StoreError(_sentence(error)) from error

    def _select(self, condition: sa.ColumnElement[bool]) -> list[Run]:
        readable = sa.exists().where(networks.c.run_id == runs.c.id).label("readable")
        with self._transaction() as connection:
            query = sa.select(runs, readable).where(condition).order_by(runs.c.id.desc())
            return [_run(row) for row in connection.execute(query).mappings()]

    def _update(self, number: int, **values: Any) -> None:
        with self._transaction() as connection:
            connection.execute(sa.update(runs).where(runs.c.id == number).values(values))

    def _replace(self, table: sa.Table, number: int, **values: Any) -> None:
        with self._transaction() as connection:
            connection.execute(sa.delete(table).where(table.c.run_id == number))
            connection.execute(sa.insert(table).values(run_id=number, **values))

    def _one(self, table: sa.Table, number: int, *names: str) -> dict[str, Any] | None:
        columns: Sequence[sa.Column] = [table.c[name] for name in names] or list(table.c)
        with self._transaction() as connection:
            row = connection.execute(sa.select(*columns).where(table.c.run_id == number)).mappings().first()
        return None if row is None else dict(row)

    def _stop_asked(self, connection: sa.Connection, number: int) -> bool:
        return (
            connection.execute(sa.select(runs.c.stop).where(runs.c.id == number)).scalar_one_or_none()
            is not False
        )


def _run(row: sa.RowMapping) -> Run:
    return Run(
        config=configs.from_json(json.loads(row["config"])),
        created=datetime.fromtimestamp(row["created"], UTC),
        readable=bool(row["readable"]),
        **{name: row[name] for name in _RUN_FIELDS},
    )


def _tuple(text: str | None) -> tuple[float, ...] | None:
    return None if text is None else tuple(json.loads(text))


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Readers and a writer at once; a crash of the program loses nothing, one of the system the last moment."""
    for setting in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute(f"PRAGMA busy_timeout={1000 * _BUSY_SECONDS}")


def _sentence(error: sa.exc.DBAPIError) -> str:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
    if "full" in reason:
        return f"The disk is full, so nothing more can be stored ({reason}). What was stored before is safe."
    if "locked" in reason:
        return (
            "The database is in use by another program, so nothing was stored just now. Try again in a moment."
        )
    return f"The database cannot be read or written: {reason}."
