"""The networks that runs have left, in each form in which they are read, and what was measured of them."""

import hashlib
from typing import Any

import numpy as np
import sqlalchemy as sa

from core.io import arrays
from core.nn import architectures, batchnorm_folding
from core.records import Network, TrainConfig
from core.storage.run_access import RunAccess, decoding
from core.storage.schema import networks, runs

_DIRECTORY = 16_384  # bytes at the end of an archive that hold its directory: 100 for each of 120 arrays


class RunNetworks(RunAccess):
    """The networks of the runs."""

    def finish(
        self,
        run_id: int,
        network: Network,
        keras: bytes,
        probabilities: np.ndarray | None,
        *,
        version: str = "",
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

        keras: the network as a .keras file. probabilities: float32 [10000, 10], of the test images, or None,
        like test_accuracy and test_loss, where these are not here. version: of these images' files, as
        `datasets.version`.
        training_figures: (train_accuracy, train_loss) as in Run.
        calibration: float [3], the numbers that `worker.measure.calibrate` has worked into it.
        best: of the weights that are kept, (best_epoch, validation_accuracy) as in Run.
        scalings: of a file's network, float [n, 2], each `input_scalings.Fit`, in their order.
        status, note, best, training_figures, dtype: None to leave them as they are.
        """
        results = {"of": _digest(version), "calibration": calibration, "scalings": scalings}
        results["probabilities"] = None if probabilities is None else np.asarray(probabilities, np.float32)
        stored = _stored(network, keras, results)
        facts: dict[str, Any] = {"status": status, "note": note, "dtype": dtype}
        facts |= {"test_accuracy": test_accuracy, "test_loss": test_loss}
        facts |= zip(("best_epoch", "validation_accuracy"), best or (None, None), strict=True)
        facts |= zip(("train_accuracy", "train_loss"), training_figures or (None, None), strict=True)
        with self.writing(run_id, token) as connection:
            connection.execute(sa.delete(networks).where(networks.c.run_id == run_id))
            connection.execute(sa.insert(networks).values(run_id=run_id, **stored))
            values = {name: value for name, value in facts.items() if value is not None}
            values |= {"token": "", "owed": 0}
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

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

    def probabilities(self, run_id: int, version: str = "") -> np.ndarray | None:
        """Return what a run's network says of its 10,000 test images, float32 [10000, 10], or None.

        version: as in `finish`. None, too, where it has read those of other files.
        """
        row = self._one(networks, run_id, "probabilities")
        with decoding(run_id):
            results = arrays.unpack(row["probabilities"]) if row else {}
        of = results.get("of", _digest(""))  # of before this was kept: of the only images that never change
        return results.get("probabilities") if np.array_equal(of, _digest(version)) else None

    def scalings(self, run_id: int) -> np.ndarray | None:
        """Return what `finish` was told of how a file's network reads scaled images, or None."""
        row = self._one(networks, run_id, "probabilities")
        return arrays.unpack(row["probabilities"]).get("scalings") if row else None


def _digest(version: str) -> np.ndarray:
    return np.frombuffer(hashlib.sha256(version.encode()).digest(), np.uint8)


def _stored(network: Network, keras: bytes, results: dict[str, np.ndarray | None]) -> dict[str, bytes]:
    """The columns of a network, in each form in which it is read; of the results what there is."""
    return {
        "weights": arrays.pack(network.weights),
        "litert": network.litert,
        "keras": keras,
        "probabilities": arrays.pack({name: np.asarray(a) for name, a in results.items() if a is not None}),
    }
