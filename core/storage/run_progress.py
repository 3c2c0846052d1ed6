"""What a training leaves on its way: points of its curves, what it gets wrong, where it would go on."""

import json
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import sqlalchemy as sa

from core.io import arrays
from core.records import Checkpoint, Metric, Snapshot
from core.storage.run_access import RunAccess, decoding, readable_records
from core.storage.schema import checkpoints, metrics, runs, snapshots

_METRIC_FIELDS = tuple(f.name for f in fields(Metric))


class RunProgress(RunAccess):
    """How far the runs are, and the drawings that they read on the way."""

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

    def metrics(self, run_id: int) -> list[Metric]:
        """Return the points of a run's curves, in order."""
        query = sa.select(*(metrics.c[name] for name in _METRIC_FIELDS)).where(metrics.c.run_id == run_id)
        query = query.where(self.of_readable(metrics))
        with self._transaction() as connection:
            rows = connection.execute(query.order_by(metrics.c.images, metrics.c.id)).mappings().all()
        return readable_records(_metric, rows)

    def forget_metrics_after(self, run_id: int, images: int, *, token: str | None = None) -> None:
        """Remove points that a resumed training will measure again."""
        late = sa.and_(metrics.c.run_id == run_id, metrics.c.images > images)
        with self.writing(run_id, token) as connection:
            connection.execute(sa.delete(metrics).where(late))

    def set_snapshot(self, run_id: int, snapshot: Snapshot, *, token: str | None = None) -> None:
        """Replace what the network got wrong after the epoch before."""
        values = {
            "run_id": run_id,
            "epoch": snapshot.epoch,
            "confusion": json.dumps(snapshot.confusion),
            "worst": json.dumps(snapshot.worst),
            "images": snapshot.images,
        }
        with self.writing(run_id, token) as connection:
            connection.execute(sa.delete(snapshots).where(snapshots.c.run_id == run_id))
            connection.execute(sa.insert(snapshots).values(values))

    def snapshot(self, run_id: int) -> Snapshot | None:
        """Return what the network got wrong after its last epoch, or None."""
        row = self._one(snapshots, run_id)
        if row is None:
            return None
        with decoding(run_id):
            confusion, worst = json.loads(row["confusion"]), json.loads(row["worst"])
            return Snapshot(row["epoch"], tuple(map(tuple, confusion)), tuple(map(tuple, worst)), row["images"])

    def set_checkpoint(self, run_id: int, checkpoint: Checkpoint, *, token: str | None = None) -> None:
        """Replace where this training would go on."""
        values = packed(checkpoint)
        with self.writing(run_id, token) as connection:
            connection.execute(sa.delete(checkpoints).where(checkpoints.c.run_id == run_id))
            connection.execute(sa.insert(checkpoints).values(run_id=run_id, **values))
            best = {"best_epoch": checkpoint.best_epoch, "validation_accuracy": checkpoint.best_accuracy}
            if checkpoint.best_epoch:
                connection.execute(sa.update(runs).where(runs.c.id == run_id).values(best))

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


def _metric(row: sa.RowMapping) -> Metric:
    drawing = row["drawing"]
    return Metric(**{**row, "drawing": None if drawing is None else tuple(json.loads(drawing))})


def packed(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as a row of its table."""
    values = {f.name: getattr(checkpoint, f.name) for f in fields(Checkpoint)}
    values["state"] = arrays.pack({str(i): array for i, array in enumerate(checkpoint.state)})
    values["best"] = arrays.pack(checkpoint.best)
    return values
