"""Runs, their curves and their networks in a database: SQLite by default, PostgreSQL by its URL.

Every method is one short transaction on a connection of its own, so pages and workers may call from
any thread or process. Records go in and come out; no row leaves this module.

As an owner sees it (`Store.of`), their own runs are read and changed, and published ones read; others are not
there.
"""

import contextlib
import json
import secrets
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from core import paths
from core.io import arrays
from core.nn import architectures, batchnorm_folding
from core.records import Checkpoint, Imported, Metric, Network, Run, Snapshot, TrainConfig
from core.storage import fair_queue, limits
from core.storage.database import HOME, Database, NotYours, StoreError
from core.storage.schema import (
    checkpoints,
    drawings,
    metrics,
    networks,
    probes,
    runs,
    snapshots,
    states,
    steering,
)
from core.training import configs

ACTIVE = ("queued", "running")
NEVER_READABLE = " Those weights could not be made a network that reads, perhaps for want of memory."
KEPT_AFTER_DELETE = 24 * 3600.0  # seconds in which a deletion can be undone
TRIES = 2  # to make what an interrupted run has left an exported network: each may cost a worker its life
_SAME_ANSWER = 3.0  # seconds in which a database that cannot be opened is not tried again
# What a row may raise.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
_DIRECTORY = 16_384  # bytes at the end of an archive that hold its directory: 100 for each of 120 arrays

_FROM_JSON: dict[str, Callable[[Any], TrainConfig | Imported]] = {
    "trained": configs.from_json,
    "imported": configs.imported_from_json,
}
_RUN_FIELDS = {f.name for f in fields(Run)} - {"config", "created", "has_network"}
_METRIC_FIELDS = tuple(f.name for f in fields(Metric))
Record = TypeVar("Record")


class NotMine(StoreError):
    """A writer has lost its run: it was taken for dead, or somebody has ended or resumed the run."""


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


_opening = threading.Lock()
_refused: dict[str, tuple[float, StoreError]] = {}  # when, so that not each visitor waits for the same answer


@cache
def open_store(url: str | None = None) -> "Store":
    """Return the store of this computer, or the one at `url` that another process has made; one per process.

    Raises StoreError.
    """
    address = url or paths.database()
    with _opening:
        when, before = _refused.get(address, (0.0, None))
        if before and time.monotonic() - when < _SAME_ANSWER:
            raise StoreError(str(before))
        try:
            return Store(address, make=url is None)
        except StoreError as error:
            _refused[address] = time.monotonic(), error
            raise


class Store(Database):
    """The runs in the database at `url`. Raises StoreError."""

    # -- runs

    def add(
        self,
        config: TrainConfig | Imported,
        *,
        name: str,
        visitor: str | None = None,
        recipe: str = "",
        drawing: np.ndarray | None = None,
        checkpoint: Checkpoint | None = None,
        worker: str = "",
    ) -> int:
        """Queue a training, or a network from a file, and return its id.

        visitor: whose it is; None for the owner, or for this computer's own user.
        drawing: float32 [28, 28], read as it learns. checkpoint: where it begins; `best` are a file's weights.
        worker: the only one that may train it, as in `claim`; '' for any.
        Raises NotYours where it would learn from what is somebody else's, LimitReached.
        """
        visitor = (self.owner or HOME) if visitor is None else visitor
        self.check_owner(visitor)
        pixels = None if drawing is None else np.float32(drawing).tobytes()
        with self._transaction() as connection:
            check_sources(self, connection, config)
            if self.owner is not None:
                limits.check_trainings(connection, self.owner)
            facts = {"name": name, "visitor": visitor, "recipe": recipe, "worker": worker, "drawing": pixels}
            run_id = insert_run(connection, config, facts)
            if checkpoint:
                connection.execute(sa.insert(checkpoints).values(run_id=run_id, **_packed(checkpoint)))
            return run_id

    def run(self, run_id: int) -> Run | None:
        """Return one run, deleted or not, or None."""
        found = self._select(sa.and_(runs.c.id == run_id, self._readable()))
        return found[0] if found else None

    def runs(self) -> list[Run]:
        """Return all runs that are not deleted, the latest first."""
        return self._select(sa.and_(runs.c.deleted.is_(None), self._readable()))

    def position(self, run_id: int) -> int:
        """Return how many trainings come before this one: 0 for the one that is or will be trained next.

        Networks from files stand in nobody's way, and wait for no training.
        """
        self._check_readable(run_id)
        with self._transaction() as connection:
            found = fair_queue.active(connection)
        trained = [one.id for one in found if not one.imported]
        return trained.index(run_id) if run_id in trained else 0

    def rename(self, run_id: int, name: str) -> None:
        """Give a run another name."""
        self._update(run_id, name=name)

    def describe(self, run_id: int, *, name: str, notes: str, tags: str, baseline: bool) -> None:
        """Say what its owner has written of a run. name: '' leaves it. An owner has one baseline."""
        values = {"notes": notes, "tags": tags, "baseline": baseline} | ({"name": name} if name else {})
        with self.changing(run_id) as connection:
            if baseline:
                whose = sa.select(runs.c.visitor).where(runs.c.id == run_id).scalar_subquery()
                connection.execute(sa.update(runs).where(runs.c.visitor == whose).values(baseline=False))
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

    def delete(self, run_id: int) -> None:
        """Hide a run, and stop it if it trains or waits; `undelete` brings it back for a day."""
        with self.changing(run_id) as connection:  # nobody can resume it between the one and the other
            ask_to_stop(connection, run_id)
            change = sa.update(runs).where(runs.c.id == run_id).values(deleted=time.time())
            connection.execute(change)

    def undelete(self, run_id: int) -> None:
        """Bring a deleted run back."""
        self._update(run_id, deleted=None)

    def publish(self, run_id: int, published: bool = True) -> None:
        """Show a run and its network to all, or to its owner alone again."""
        self._update(run_id, published=published)

    def purge(self, now: float | None = None) -> None:
        """Remove for good what was deleted more than a day ago."""
        self.program_only()
        before = (now or time.time()) - KEPT_AFTER_DELETE
        with self._transaction() as connection:
            gone = [row.id for row in connection.execute(sa.select(runs.c.id).where(runs.c.deleted < before))]
            for table in (metrics, snapshots, checkpoints, networks, probes, states, steering):
                connection.execute(sa.delete(table).where(table.c.run_id.in_(gone)))
            connection.execute(sa.delete(runs).where(runs.c.id.in_(gone)))
            connection.execute(sa.delete(drawings).where(drawings.c.deleted < before))

    # -- what a worker does

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

    def drawing(self, run_id: int) -> np.ndarray | None:
        """Return the drawing to be read while this run trains, float32 [28, 28], or None.

        It is its owner's, also where the run is published.
        """
        query = sa.select(runs.c.drawing).where(runs.c.id == run_id, self._mine())
        with self._transaction() as connection:
            data = connection.execute(query).scalar_one_or_none()
        return None if data is None else np.frombuffer(data, np.float32).reshape(28, 28)

    def set_drawing(self, run_id: int, drawing: np.ndarray) -> None:
        """Have another drawing read from the next point on; what was said of the one before is dropped."""
        with self.changing(run_id) as connection:
            pixels = np.float32(drawing).tobytes()
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(drawing=pixels))
            connection.execute(sa.update(metrics).where(metrics.c.run_id == run_id).values(drawing=None))

    def add_metric(
        self, run_id: int, metric: Metric, images_per_second: float, *, token: str | None = None
    ) -> None:
        """Append a point to the curves and move the run's own figures on."""
        point = {**asdict(metric), "run_id": run_id}
        point["drawing"] = None if metric.drawing is None else json.dumps([round(p, 5) for p in metric.drawing])
        figures = {
            "images": metric.images,
            "seconds": metric.seconds,
            "images_per_second": images_per_second,
        }
        with self.writing(run_id, token) as connection:
            connection.execute(sa.insert(metrics).values(point))
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(figures))

    def set_snapshot(self, run_id: int, snapshot: Snapshot, *, token: str | None = None) -> None:
        """Replace what the network got wrong after the epoch before."""
        values = {
            "run_id": run_id,
            "epoch": snapshot.epoch,
            "confusion": json.dumps(snapshot.confusion),
            "worst": json.dumps(snapshot.worst),
        }
        with self.writing(run_id, token) as connection:
            connection.execute(sa.delete(snapshots).where(snapshots.c.run_id == run_id))
            connection.execute(sa.insert(snapshots).values(values))

    def set_checkpoint(self, run_id: int, checkpoint: Checkpoint, *, token: str | None = None) -> None:
        """Replace where this training would go on."""
        values = _packed(checkpoint)
        with self.writing(run_id, token) as connection:
            connection.execute(sa.delete(checkpoints).where(checkpoints.c.run_id == run_id))
            connection.execute(sa.insert(checkpoints).values(run_id=run_id, **values))
            best = {"best_epoch": checkpoint.best_epoch, "validation_accuracy": checkpoint.best_accuracy}
            if checkpoint.best_epoch:
                connection.execute(sa.update(runs).where(runs.c.id == run_id).values(best))

    def finish(
        self,
        run_id: int,
        network: Network,
        keras: bytes,
        probabilities: np.ndarray | None,
        *,
        test_accuracy: float | None,
        test_loss: float | None = None,
        training_figures: tuple[float, float] | None = None,
        dtype: str | None = None,
        calibration: np.ndarray | None = None,
        best: tuple[int, float] | None = None,
        scalings: np.ndarray | None = None,
        status: str | None = None,
        note: str | None = None,
        token: str | None = None,
    ) -> None:
        """Store the network, and how the run ended, in one transaction: no page sees half of it.

        keras: the network as a .keras file. probabilities: float32 [10000, 10], of the test pictures, or None,
        like test_accuracy and test_loss, where these are not here.
        training_figures: (train_accuracy, train_loss) as in Run.
        calibration: float [3], the numbers that `training.calibrate` has worked into it.
        best: of the weights that are kept, (best_epoch, validation_accuracy) as in Run.
        scalings: of a file's network, float [n, 2], each `input_scalings.Fit`, in their order.
        status, note, best, training_figures, dtype: None to leave them as they are.
        """
        results = {} if probabilities is None else {"probabilities": np.asarray(probabilities, np.float32)}
        if calibration is not None:
            results["calibration"] = np.asarray(calibration)
        if scalings is not None:
            results["scalings"] = np.asarray(scalings)
        stored = {
            "weights": arrays.pack(network.weights),
            "litert": network.litert,
            "keras": keras,
            "probabilities": arrays.pack(results),
        }
        measured: dict[str, Any] = dict(
            zip(("best_epoch", "validation_accuracy"), best or (None, None), strict=True)
        )
        measured |= dict(zip(("train_accuracy", "train_loss"), training_figures or (None, None), strict=True))
        measured |= {"test_accuracy": test_accuracy, "test_loss": test_loss, "dtype": dtype}
        facts = {**measured, "status": status, "note": note}
        with self.writing(run_id, token) as connection:
            connection.execute(sa.delete(networks).where(networks.c.run_id == run_id))
            connection.execute(sa.insert(networks).values(run_id=run_id, **stored))
            values = {name: value for name, value in facts.items() if value is not None}
            values |= {"token": "", "owed": 0}
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

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

    # -- what a page asks for

    def ask_to_stop(self, run_id: int) -> None:
        """Stop a run at its next batch; one that has not begun leaves the queue at once."""
        with self.changing(run_id) as connection:
            ask_to_stop(connection, run_id)

    def requeue(self, run_id: int, worker: str = "") -> bool:
        """Queue a run that has ended, to go on from its checkpoint. False if it has not ended, or is deleted.

        worker: as in `add`.
        """
        ended = sa.and_(runs.c.id == run_id, runs.c.status.not_in(ACTIVE), runs.c.deleted.is_(None))
        values = {"status": "queued", "note": "", "stop": False, "queued": time.time(), "worker": worker}
        change = sa.update(runs).where(ended).values(**values, token="")
        with self.changing(run_id) as connection:
            if self.owner is not None:
                limits.check_trainings(connection, self.owner)
            return connection.execute(change).rowcount == 1

    def metrics(self, run_id: int) -> list[Metric]:
        """Return the points of a run's curves, in order."""
        query = sa.select(*(metrics.c[name] for name in _METRIC_FIELDS)).where(metrics.c.run_id == run_id)
        query = query.where(self.of_readable(metrics))
        with self._transaction() as connection:
            rows = connection.execute(query.order_by(metrics.c.images, metrics.c.id)).mappings().all()
        return _read(_metric, rows)

    def forget_metrics_after(self, run_id: int, images: int, *, token: str | None = None) -> None:
        """Remove points that a resumed training will measure again."""
        late = sa.and_(metrics.c.run_id == run_id, metrics.c.images > images)
        with self.writing(run_id, token) as connection:
            connection.execute(sa.delete(metrics).where(late))

    def snapshot(self, run_id: int) -> Snapshot | None:
        """Return what the network got wrong after its last epoch, or None."""
        row = self._one(snapshots, run_id)
        if row is None:
            return None
        with decoding(run_id):
            confusion, worst = json.loads(row["confusion"]), json.loads(row["worst"])
            return Snapshot(row["epoch"], tuple(map(tuple, confusion)), tuple(map(tuple, worst)))

    def checkpoint(self, run_id: int) -> Checkpoint | None:
        """Return where this training would go on, or None."""
        row = self._one(checkpoints, run_id)
        if row is None:
            return None
        values = {f.name: row[f.name] for f in fields(Checkpoint)}
        with decoding(run_id):
            state = arrays.unpack(values["state"])
            values["state"] = tuple(state[str(i)] for i in range(len(state)))
            values["best"] = arrays.unpack(values["best"])
            return Checkpoint(**values)

    def network(self, run_id: int) -> Network | None:
        """Return the network that a run has left, or None."""
        run, row = self.run(run_id), self._one(networks, run_id, "weights", "litert", "probabilities")
        if run is None or row is None:
            return None
        about: dict[str, Any] = {
            "run": run_id,
            "test_accuracy": run.test_accuracy,
            "date": f"{run.created:%Y-%m-%d}",
        }
        if isinstance(run.config, TrainConfig):
            about |= {"recipe": run.recipe, "seed": run.config.seed}
            about |= {"epochs": run.best_epoch, "train_seconds": round(run.seconds)}
        with decoding(run_id):
            numbers, weights = (
                arrays.unpack(row["probabilities"]).get("calibration"),
                arrays.unpack(row["weights"]),
            )
        if numbers is not None:
            about["calibration"] = dict(zip(("temperature", "a", "b"), map(float, numbers), strict=True))
        layers = batchnorm_folding.layers(run.config.layers)
        if not {name.split("/")[0] for name in weights} <= set(architectures.names(layers)):
            layers = run.config.layers  # stored by a version that did not fold
        return Network(run.name, layers, weights, row["litert"], about, run.config.data)

    def network_version(self, run_id: int) -> bytes | None:
        """Return bytes that are others for each other network of a run, or None where it has none.

        They are the end of the weights' archive: its directory, with a checksum of each array.
        """
        size = sa.func.length(networks.c.weights)
        first = sa.case((size > _DIRECTORY, size - _DIRECTORY + 1), else_=1)
        query = sa.select(sa.func.substr(networks.c.weights, first)).where(networks.c.run_id == run_id)
        query = query.where(self.of_readable(networks))
        with self._transaction() as connection:
            end = connection.execute(query).scalar_one_or_none()
        return None if end is None else bytes(end)

    def keras_file(self, run_id: int) -> bytes | None:
        """Return a run's network as a .keras file, or None."""
        row = self._one(networks, run_id, "keras")
        return row["keras"] if row else None

    def probabilities(self, run_id: int) -> np.ndarray | None:
        """Return what a run's network says of its 10,000 test pictures, float32 [10000, 10], or None."""
        row = self._one(networks, run_id, "probabilities")
        with decoding(run_id):
            return arrays.unpack(row["probabilities"]).get("probabilities") if row else None

    def scalings(self, run_id: int) -> np.ndarray | None:
        """Return what `finish` was told of how a file's network reads scaled pictures, or None."""
        row = self._one(networks, run_id, "probabilities")
        return arrays.unpack(row["probabilities"]).get("scalings") if row else None

    # -- looking after

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

    def active(self) -> list[int]:
        """Return the numbers of the runs that train or wait, the one that trains first."""
        query = sa.select(runs.c.id).where(
            runs.c.status.in_(ACTIVE), runs.c.deleted.is_(None), self._readable()
        )
        with self._transaction() as connection:
            # 'running' comes after 'queued' in the alphabet
            ordered = query.order_by(runs.c.status.desc(), runs.c.queued, runs.c.id)
            return list(connection.execute(ordered).scalars())

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

    def of_readable(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a row of another table is of a run that may be read."""
        its = sa.exists().where(runs.c.id == table.c.run_id, self._readable())
        return sa.true() if self.owner is None else its

    # -- inside

    @contextmanager
    def writing(self, run_id: int, token: str | None) -> Iterator[sa.Connection]:
        """Return a transaction in which a run is written to, by its only writer where there is a token.

        Raises NotMine.
        """
        self.program_only()
        with self._transaction() as connection:
            mine = sa.and_(runs.c.id == run_id, sa.true() if token is None else runs.c.token == token)
            # A write, so that nobody can take the run away before this transaction has ended.
            written = connection.execute(sa.update(runs).where(mine).values(heartbeat=time.time())).rowcount
            if token is not None and not written:
                raise NotMine(f"Run {run_id} is not in the hands of this worker any more.")
            yield connection

    def _select(self, condition: sa.ColumnElement[bool]) -> list[Run]:
        has_network = sa.exists().where(networks.c.run_id == runs.c.id).label("has_network")
        with self._transaction() as connection:
            query = sa.select(runs, has_network).where(condition).order_by(runs.c.id.desc())
            return _read(_run, connection.execute(query).mappings())

    @contextmanager
    def changing(self, run_id: int) -> Iterator[sa.Connection]:
        """A transaction in which an owner changes a run of theirs. Raises NotYours."""
        with self._transaction() as connection:
            whose = sa.select(runs.c.visitor).where(runs.c.id == run_id)
            if self.owner is not None and connection.execute(whose).scalar_one_or_none() != self.owner:
                raise NotYours(f"Run {run_id} is not yours: only who has started it can change it.")
            yield connection

    def _mine(self) -> sa.ColumnElement[bool]:
        return sa.true() if self.owner is None else runs.c.visitor == self.owner

    def _readable(self) -> sa.ColumnElement[bool]:
        """Theirs, and what is published."""
        shown = sa.and_(runs.c.published, runs.c.deleted.is_(None))
        return sa.true() if self.owner is None else sa.or_(self._mine(), shown)

    def _check_readable(self, run_id: int) -> None:
        if self.owner is not None and self.run(run_id) is None:
            raise NotYours(f"Run {run_id} is not yours, nor published.")

    def _update(self, run_id: int, **values: Any) -> None:
        with self.changing(run_id) as connection:
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

    def _one(self, table: sa.Table, run_id: int, *names: str) -> dict[str, Any] | None:
        columns: Sequence[sa.Column] = [table.c[name] for name in names] or list(table.c)
        with self._transaction() as connection:
            query = sa.select(*columns).where(table.c.run_id == run_id, self.of_readable(table))
            row = connection.execute(query).mappings().first()
        return None if row is None else dict(row)

    def _stop_requested(self, connection: sa.Connection, run_id: int) -> bool:
        return (
            connection.execute(sa.select(runs.c.stop).where(runs.c.id == run_id)).scalar_one_or_none()
            is not False
        )


def check_sources(store: Store, connection: sa.Connection, config: TrainConfig | Imported) -> None:
    """What a training learns from, and begins with, is its owner's. Raises NotYours."""
    if store.owner is None or (learns := configs.fine_tuning(config)) is None:
        return
    store.check_owner(learns.visitor)
    base = sa.select(runs.c.id).where(runs.c.id == learns.base, store._readable())
    if learns.base > 0 and connection.execute(base).first() is None:
        raise NotYours(f"Run {learns.base}, with which it would begin, is not yours, nor published.")


def insert_run(connection: sa.Connection, config: TrainConfig | Imported, facts: dict[str, Any]) -> int:
    """Queue a run in this transaction; return its id. facts: its other columns."""
    now = time.time()
    values = {
        "kind": "imported" if isinstance(config, Imported) else "trained",
        "config": json.dumps(configs.to_json(config)),
        "status": "queued",
        "created": now,
        "queued": now,
        **facts,
    }
    return connection.execute(sa.insert(runs).values(values)).inserted_primary_key[0]  # type: ignore[index]


def ask_to_stop(connection: sa.Connection, run_id: int) -> None:
    waiting = sa.and_(runs.c.id == run_id, runs.c.status == "queued")
    out = {"status": "stopped", "note": "It was taken out of the queue before it began."}
    connection.execute(sa.update(runs).where(waiting).values(out))
    connection.execute(sa.update(runs).where(runs.c.id == run_id).values(stop=True))


def _run(row: sa.RowMapping) -> Run:
    return Run(
        config=_FROM_JSON[row["kind"]](json.loads(row["config"])),
        created=datetime.fromtimestamp(row["created"], UTC),
        has_network=bool(row["has_network"]),
        **{name: row[name] for name in _RUN_FIELDS},
    )


def _metric(row: sa.RowMapping) -> Metric:
    drawing = row["drawing"]
    return Metric(**{**row, "drawing": None if drawing is None else tuple(json.loads(drawing))})


def _read(make: Callable[[sa.RowMapping], Record], rows: Iterable[sa.RowMapping]) -> list[Record]:
    """The records of these rows, without those that cannot be read."""
    records = []
    for row in rows:
        with contextlib.suppress(*UNREADABLE):
            records.append(make(row))
    return records


def _packed(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as a row of its table."""
    values = {f.name: getattr(checkpoint, f.name) for f in fields(Checkpoint)}
    values["state"] = arrays.pack({str(i): array for i, array in enumerate(checkpoint.state)})
    values["best"] = arrays.pack(checkpoint.best)
    return values


@contextmanager
def decoding(run_id: int) -> Iterator[None]:
    """Say of what cannot be decoded which run it is of. Raises StoreError."""
    try:
        yield
    except (*UNREADABLE, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise StoreError(f"What is stored of run {run_id} is damaged: {error}.") from None


def _owed(connection: sa.Connection, run_id: int) -> int:
    """The tries to export what this run has left: none where it has left nothing that was measured.

    A file's weights are measured by their reading alone.
    """
    of_a_file = sa.select(runs.c.id).where(runs.c.id == run_id, runs.c.kind == "imported").exists()
    measured = sa.or_(checkpoints.c.best_epoch > 0, checkpoints.c.best_accuracy > 0, of_a_file)
    left = sa.select(checkpoints.c.run_id).where(checkpoints.c.run_id == run_id, measured)
    return TRIES if connection.execute(left).first() else 0
