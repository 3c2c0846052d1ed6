"""The program that TensorFlow makes of an epoch for a GPU, run and measured without it, by JAX's runtime.

For a machine with a GPU and no TensorFlow: `python -m benchmarks.gpu --export FOLDER` elsewhere, then there,
with JAX, NumPy and SciPy, `python -m benchmarks.xla_program FOLDER FIGURES`, and
`python -m benchmarks.gpu --figures FIGURES` writes them into docs/benchmarks.md. What Python does around the
program (the draws of the next epoch in a thread, points, the best weights) is done here as well.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.data import augmentation
from core.nn import architectures
from core.records import Augmentation, Dataset, TrainConfig
from core.training import optimization, recipes

CHECKED = 20  # steps that are compared with TensorFlow's on a processor
EPOCHS = 5  # that are timed
SEEDS = (0, 1, 2)

_MINUTE, _QUICK = recipes.RECIPES["minute"].config, recipes.RECIPES["quick"].config
_ELASTIC = replace(
    recipes.RECIPES["digit-lab"].config,
    layers=(*recipes.RECIPES["digit-lab"].config.layers[:-1], architectures.Dense(10, "softmax")),
    data="mnist",
)
# What is timed for an epoch: (network, augmentation, configuration).
SPEEDS: dict[str, tuple[str, str, TrainConfig]] = {
    "quick": ("quick", "none", _QUICK),
    "plain": ("minute", "none", replace(_MINUTE, augmentation=Augmentation())),
    "minute": ("minute", "affine", _MINUTE),
    "elastic": ("digit-lab, of MNIST's digits", "affine and elastic", _ELASTIC),
}
# What is trained to its end: (goal, recipe, key of SPEEDS whose program it is, passes).
RACES: tuple[tuple[str, str, str, int], ...] = (
    ("98.54%", "quick", "quick", 1),
    ("99%", "minute, two passes", "minute", 2),
    ("99.4%", "minute", "minute", 4),
)


@dataclass(frozen=True)
class Speed:
    """Of one of SPEEDS: images per second in an epoch, and seconds of an epoch with its evaluation."""

    name: str
    images_per_second: float
    epoch: float


@dataclass(frozen=True)
class Race:
    """Of one of RACES: seconds of each training, and its accuracy on the test digits.

    first: of a training that compiles, whose seconds are `compiled` in all; None where that is not known.
    """

    goal: str
    seconds: tuple[float, ...]
    accuracies: tuple[float, ...]
    first: float | None = None


@dataclass(frozen=True)
class Figures:
    """All that is measured. device: its name, and what ran the program.

    first_point: seconds from the call to the first point of the curves, compilation included.
    agreement: one sentence on how far it agrees with TensorFlow on a processor, '' where it is TensorFlow.
    """

    device: str
    speeds: tuple[Speed, ...]
    races: tuple[Race, ...]
    first_point: float
    agreement: str = ""


def from_json(text: str) -> Figures:
    """Read what `main` has written."""
    content = json.loads(text)
    return Figures(
        content["device"],
        tuple(Speed(**speed) for speed in content["speeds"]),
        tuple(Race(**race) for race in content["races"]),
        content["first_point"],
        content["agreement"],
    )


def racing(key: str, passes: int, seed: int) -> TrainConfig:
    """The configuration of one of RACES."""
    return replace(SPEEDS[key][2], epochs=passes, seed=seed)


class Program:
    """One exported function, compiled: arguments in, results out, on the first device."""

    def __init__(self, folder: Path, name: str):
        import jax  # noqa: PLC0415  # only here, where nothing else of the project needs it
        from jax._src import compiler  # noqa: PLC0415
        from jaxlib import xla_client  # noqa: PLC0415

        jax.config.update("jax_enable_x64", True)  # the optimizer counts its steps in int64
        self.jax, self.about = jax, json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        device = jax.devices()[0]
        options = compiler.get_compile_options(num_replicas=1, num_partitions=1)
        started = time.perf_counter()
        self.loaded = device.client.compile_and_load(
            _standard((folder / f"{name}.mlir").read_bytes()), xla_client.DeviceList((device,)), options
        )
        self.seconds = time.perf_counter() - started
        with np.load(folder / f"{name}.npz") as file:
            self.constants = {key: jax.device_put(file[key]) for key in file.files}

    def __call__(self, arguments: Iterable[Any], variables: list[Any], **arrays: Any) -> Any:
        """arguments, arrays: what it is given before and beside its variables, which it may replace."""
        known = {**dict(enumerate(variables)), **self.constants, **arrays}
        given = [*map(self.jax.device_put, arguments), *(known[name] for name in self.about["given"])]
        results = self.loaded.execute_sharded(given)
        first, *changed = [arrays[0] for arrays in results.disassemble_into_single_device_arrays()]
        for index, array in zip(self.about["changed"], changed, strict=False):
            variables[index] = array
        return first


def _standard(program: bytes) -> bytes:
    """The same program in StableHLO alone, as JAX's plugin for GPUs wants it.

    XLA has put copies into it, of a dialect of its own, which say where values lie and not what they are.
    """
    from jax._src.interpreters import mlir  # noqa: PLC0415
    from jaxlib.mlir import ir  # noqa: PLC0415
    from jaxlib.mlir.dialects import stablehlo  # noqa: PLC0415

    copies = []

    def look(operation: Any) -> Any:
        if operation.name == "mhlo.copy":
            copies.append(operation)
        return ir.WalkResult.ADVANCE

    with mlir.make_ir_context():
        module = ir.Module.parse(program)
        module.operation.walk(look)
        for copy in copies:
            copy.results[0].replace_all_uses_with(copy.operands[0])
            copy.operation.erase()
        return stablehlo.serialize_portable_artifact(module, stablehlo.get_current_version())


class Training:
    """What `core.worker.training` does of a configuration, with two exported programs."""

    def __init__(self, folder: Path, name: str, data: Dataset):
        self.steps, self.evaluation = Program(folder, f"{name}-steps"), Program(folder, f"{name}-evaluation")
        self.put, self.data, self.folder, self.name = self.steps.jax.device_put, data, folder, name
        self.config = SPEEDS[name][2]
        rest = self.steps.about["rest"]
        self.validation, self.truth = self._images(data.x_train[rest:]), data.y_train[rest:]
        self.images, self.labels = self._images(data.x_train), self.put(data.y_train.astype(np.int32))
        self.thread = ThreadPoolExecutor(1)
        self.begin(self.config)

    def _images(self, images: np.ndarray) -> Any:
        return self.put(images[..., None].astype(np.float16))

    def begin(self, config: TrainConfig) -> None:
        """Take the start values that TensorFlow has drawn for the configuration's seed."""
        with np.load(self.folder / f"{self.name}-{config.seed}.npz") as file:
            self.variables = [self.put(file[f"v{i}"]) for i in range(len(file.files) - 1)]
            self.chosen = file["chosen"]
        self.config, self.batches = config, -(-len(self.chosen) // config.batch_size)
        assert config.learning_rate
        self.rates = optimization.rates(config.schedule, config.learning_rate, self.batches * config.epochs)
        self.next = self._draw(0)

    def _draw(self, epoch: int) -> Any:
        return self.thread.submit(augmentation.draw_epoch, self.config, self.chosen, epoch, 28)

    def epoch(self, epoch: int, count: int | None = None) -> np.ndarray:
        """Learn from the first `count` batches of an epoch, or all. Returns the sums, as `Steps.run` does."""
        order, warps = self.next.result()
        self.next = self._draw(epoch + 1)
        shape = (self.batches, self.config.batch_size)
        missing = np.prod(shape) - len(order)
        given = [np.concatenate([a, np.zeros((missing, *a.shape[1:]), a.dtype)]) for a in (order, warps)]
        given = [a.reshape(*shape, *a.shape[1:]) for a in given if a.size]
        at = epoch * self.batches % len(self.rates)
        numbers = (np.int32(len(order)), np.int32(0), np.int32(count or self.batches))
        rates = self.rates[at : at + self.batches]
        arguments = (*given, rates, *numbers)
        sums = self.steps(arguments, self.variables, images=self.images, labels=self.labels)
        return np.asarray(sums, float)

    def logits(self, images: Any, count: int) -> np.ndarray:
        """float32 [count, 10] of the first images. images: as many as are held out, on the device."""
        about = self.evaluation.about
        order = np.zeros(about["batches"] * about["size"], np.int32)
        order[: count + 1] = [*range(count), len(self.truth)]
        shape = about["batches"], about["size"]
        given = (order.reshape(shape), np.zeros(about["drawing"], np.float32), np.int32(count + 1))
        return np.asarray(self.evaluation(given, self.variables, images=images))[:count]

    def accuracy(self) -> float:
        """On what is held out."""
        return float((self.logits(self.validation, len(self.truth)).argmax(1) == self.truth).mean())

    def test_accuracy(self) -> float:
        """On the test digits, as many at once as are held out."""
        right, size = 0, len(self.truth)
        for at in range(0, len(self.data.x_test), size):
            part, truth = self.data.x_test[at : at + size], self.data.y_test[at : at + size]
            images = self._images(np.concatenate([part, np.zeros((size - len(part), 28, 28), np.uint8)]))
            right += int((self.logits(images, len(part)).argmax(1) == truth).sum())
        return right / len(self.data.x_test)

    def best_weights(self) -> list[np.ndarray]:
        """What a training copies when an epoch was its best."""
        return [np.asarray(v) for v in self.variables]


def check(training: Training) -> tuple[float, float]:
    """Return how far loss and accuracy after CHECKED steps lie from TensorFlow's on a processor.

    Mean cross-entropy of these steps in nats; fraction of the held-out digits that are correct after them.
    """
    training.begin(SPEEDS[training.name][2])
    sums = training.epoch(0, CHECKED)
    expected = training.steps.about["expected"]
    loss = abs(sums[0] / sums[2] - expected["loss"])
    return loss, abs(training.accuracy() - expected["accuracy"])


def speed(training: Training) -> Speed:
    """Time whole epochs, the draws of the next one going on meanwhile."""
    config = replace(SPEEDS[training.name][2], epochs=EPOCHS)
    training.begin(config)
    learning, whole = [], []
    for epoch in range(EPOCHS):
        started = time.perf_counter()
        training.epoch(epoch)
        learning.append(time.perf_counter() - started)
        training.accuracy()
        whole.append(time.perf_counter() - started)
    return Speed(training.name, len(training.chosen) / _median(learning[1:]), _median(whole[1:]))


def race(training: Training, goal: str, passes: int) -> Race:
    """Train each seed to its end: points after each epoch, the best weights copied, the test digits read."""
    seconds, accuracies = [], []
    for seed in SEEDS:
        started = time.perf_counter()
        training.begin(racing(training.name, passes, seed))
        best = 0.0
        for epoch in range(passes):
            training.epoch(epoch)
            if (accuracy := training.accuracy()) > best:
                best = accuracy
                training.best_weights()
        accuracies.append(training.test_accuracy())
        seconds.append(time.perf_counter() - started)
    compiled = training.steps.seconds + training.evaluation.seconds
    return Race(goal, tuple(seconds), tuple(accuracies), first=compiled + _median(seconds))


def measure(folder: Path, say: Callable[[str], object], names: Iterable[str] = SPEEDS) -> Figures:
    """Compile, check and time what is exported in a folder. names: keys of SPEEDS."""
    with np.load(Path(__file__).parents[1] / "assets" / "mnist.npz") as file:
        data = Dataset(file["x_train"], file["y_train"], file["x_test"], file["y_test"])
    speeds, races, apart = [], [], []
    first_point = 0.0
    for name in names:
        started = time.perf_counter()
        training = Training(folder, name, data)
        training.epoch(0, 2)
        training.accuracy()
        point = time.perf_counter() - started
        first_point = first_point or point
        apart.append(check(training))
        speeds.append(speed(training))
        say(
            f"{name}: first point {point:.2f} s, compiled in {training.steps.seconds:.2f} and "
            f"{training.evaluation.seconds:.2f} s, off by {apart[-1]}, {speeds[-1]}"
        )
        for goal, _, key, passes in RACES:
            if key == name:
                races.append(race(training, goal, passes))
                say(str(races[-1]))
    loss, accuracy = np.max(apart, axis=0)
    agreement = (
        f"After {CHECKED} steps the mean loss was within {loss:.1g} and the accuracy on held-out digits within "
        f"{100 * accuracy:.1g} points of TensorFlow's on a processor."
    )
    device = training.steps.jax.devices()[0]
    ran = f"{device.device_kind}, the program of TensorFlow in JAX {training.steps.jax.__version__}"
    return Figures(ran, tuple(speeds), tuple(races), first_point, agreement)


def _median(times: list[float]) -> float:
    return float(np.median(times))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.xla_program", description=__doc__)
    parser.add_argument("folder", type=Path, help="what `python -m benchmarks.gpu --export` has written")
    parser.add_argument("figures", type=Path, help="where the figures go, as JSON")
    parser.add_argument("--only", nargs="+", choices=SPEEDS, default=tuple(SPEEDS), help="some of the networks")
    asked = parser.parse_args()
    figures = measure(asked.folder, lambda line: print(line, flush=True), asked.only)
    asked.figures.write_text(json.dumps(asdict(figures), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
