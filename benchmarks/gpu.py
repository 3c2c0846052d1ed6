"""What training costs on a GPU: `python -m benchmarks gpu` (under four minutes), where there is one.

Where a GPU has no TensorFlow beside it, `--export FOLDER`, `xla_program` and `--figures FILE` measure the same
program: `python -m benchmarks.gpu --help`.
"""

import argparse
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from benchmarks import xla_program
from benchmarks.__main__ import write
from benchmarks.xla_program import CHECKED, EPOCHS, RACES, SEEDS, SPEEDS, Figures, Race, Speed
from core.data import datasets
from core.records import Metric, TrainConfig
from core.worker import devices, epoch_program, training
from core.worker.hooks import Hooks
from core.worker.measure import logits
from core.worker.steps import Steps

TEXT = """
## On a GPU

{device}. An epoch is one program: images, augmentation, gradients and steps on the device. Images per second
and the epoch with its evaluation on 5% of the training digits are medians after the first of {epochs} epochs.

| network | augmentation | images per second | an epoch with its evaluation |
|---|---|--:|--:|
{speeds}

From the call to the measured test accuracy, medians of {seeds} seeds; beside it the same with the compilation
of its program, which comes once.

| until | recipe | time | with compilation | test accuracy |
|---|---|--:|--:|--:|
{races}

The first point of the curves comes after {first_point:.1f} s, compilation included.{agreement}
"""

NONE = "There is no GPU that TensorFlow can use on this computer, so training on a GPU was not measured."


def markdown() -> str:
    """Measure, and return a section of docs/benchmarks.md; '' where there is no GPU, which is said."""
    devices.prepare()
    if not devices.has_gpu():
        print(NONE)
        return ""
    return text(measure())


def text(figures: Figures) -> str:
    """The section that tells these figures."""
    about = {name: (network, changes) for name, (network, changes, _) in SPEEDS.items()}
    titles = {goal: title for goal, title, *_ in RACES}
    return TEXT.format(
        device=figures.device,
        epochs=EPOCHS,
        seeds=len(SEEDS),
        speeds="\n".join(
            f"| {' | '.join(about[s.name])} | {s.images_per_second:,.0f} | {1000 * s.epoch:,.0f} ms |"
            for s in figures.speeds
        ),
        races="\n".join(_row(race, titles[race.goal]) for race in figures.races),
        first_point=figures.first_point,
        agreement=figures.agreement and f" {figures.agreement}",
    )


def _row(race: Race, title: str) -> str:
    reached = ", ".join(f"{accuracy:.2%}" for accuracy in race.accuracies)
    first = "" if race.first is None else f"{race.first:.1f} s"
    return f"| {race.goal} | {title} | {np.median(race.seconds):.2f} s | {first} | {reached} |"


def measure() -> Figures:
    """Train on this computer's GPU with TensorFlow."""
    points: list[Metric] = []
    hooks = Hooks(on_metric=points.append)
    training.train(SPEEDS["quick"][2], datasets.mnist(), hooks)
    return Figures(
        devices.describe(),
        tuple(_speed(name) for name in SPEEDS),
        tuple(_race(goal, key, passes) for goal, _, key, passes in RACES),
        points[0].seconds,
    )


def _speed(name: str) -> Speed:
    config = replace(SPEEDS[name][2], epochs=EPOCHS)
    job, learning, whole = _job(config), [], []
    for epoch in range(EPOCHS):
        started, at = time.perf_counter(), epoch * job.batches
        _begin(job, epoch)
        job.steps.run(0, job.batches, job.rates[at : at + job.batches])
        learning.append(time.perf_counter() - started)
        job.evaluation.watch(np.arange(len(job.split.y_validation)), None)
        whole.append(time.perf_counter() - started)
    return Speed(name, len(job.split.chosen) / float(np.median(learning[1:])), float(np.median(whole[1:])))


def _race(goal: str, key: str, passes: int) -> Race:
    """Every training compiles its program anew; how long that takes, the first call tells."""
    seconds, compiled, accuracies = [], [], []
    data = datasets.mnist()
    for seed in SEEDS:
        clock = _Compiling()
        started = time.perf_counter()
        with mock.patch.object(epoch_program.EpochProgram, "run", clock.around(epoch_program.EpochProgram.run)):
            model = training.train(xla_program.racing(key, passes, seed), data).model
        accuracies.append(float((logits(model, data.x_test).argmax(1) == data.y_test).mean()))
        seconds.append(time.perf_counter() - started)
        compiled.append(clock.first)
    alone = tuple(whole - first for whole, first in zip(seconds, compiled, strict=True))
    return Race(goal, alone, tuple(accuracies), float(np.median(seconds)))


class _Compiling:
    """first: seconds of the first call of what it is put around."""

    first = 0.0

    def around(self, call: Callable) -> Callable:
        def timed(*given: Any) -> Any:
            started = time.perf_counter()
            result = call(*given)
            self.first = self.first or time.perf_counter() - started
            return result

        return timed


def _begin(job: training._Training, epoch: int) -> None:
    job.steps.begin_epoch(job.split.indices(epoch), epoch)
    job.steps.prepare(lambda: job.split.indices(epoch + 1), epoch + 1)


def export(folder: Path) -> None:
    """Write the programs of SPEEDS, the start values of their seeds, and what a processor makes of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (*_, config) in SPEEDS.items():
        with mock.patch.object(devices, "has_gpu", return_value=True):
            job = _job(config)
            steps, evaluation = job.steps, job.evaluation
            assert isinstance(steps, epoch_program.EpochProgram)
            assert isinstance(evaluation, epoch_program.DeviceEvaluation)
            _begin(job, 0)
            arguments = steps.arguments(0, CHECKED, job.rates[:CHECKED].numpy())
            about: dict[str, Any] = {"expected": _expected(config), "rest": len(job.split.chosen)}
            _write(folder / f"{name}-steps", steps.program, arguments, job, **about)
            order, drawing, count = evaluation.arguments(np.arange(len(job.split.y_validation)), None)
            about = {"batches": evaluation.batches, "size": evaluation.size, "drawing": list(drawing.shape)}
            _write(folder / f"{name}-evaluation", evaluation.program, (order, drawing, count), job, **about)
        for seed in SEEDS if name in {key for _, _, key, _ in RACES} else SEEDS[:1]:
            job = _job(replace(config, seed=seed))
            values = {f"v{i}": v.value.numpy() for i, v in enumerate(job._variables())}
            np.savez_compressed(folder / f"{name}-{seed}.npz", chosen=job.split.indices(0), **values)


def _job(config: TrainConfig) -> training._Training:
    return training._Training(config, datasets.mnist(), Hooks())


def _write(path: Path, program: Any, arguments: tuple, job: training._Training, **about: Any) -> None:
    """Write path.mlir, the program in StableHLO, path.json and path.npz.

    The JSON says what the program is given after its arguments: 'images', 'labels', 'c0', ... for a constant in
    the npz, or the index of a variable of the training; and which variables its results are, after the first.
    """
    ir = program.experimental_get_compiler_ir(*arguments)
    captured = program.get_concrete_function(*arguments).captured_inputs
    names: dict[int, int | str] = {id(v.value.handle): i for i, v in enumerate(job._variables())}
    names |= {
        id(job.evaluation.images): "images",
        id(job.steps.images): "images",
        id(job.steps.labels): "labels",
    }
    constants = {f"c{i}": x for i, x in enumerate(captured) if id(x) not in names}
    names |= {id(x): name for name, x in constants.items()}
    given = [names[id(x)] for x in captured]
    # '{1}: (7, {}, may-alias)': its second result is the new value of its eighth argument.
    aliases = re.findall(r"\{\d+\}: \((\d+), ", ir(stage="hlo").split("entry_computation_layout")[0])
    before = sum(bool(np.prod(a.shape)) for a in arguments)  # those of no values are left out
    about |= {"given": given, "changed": [given[int(a) - before] for a in aliases]}
    path.with_suffix(".mlir").write_bytes(ir(stage="stablehlo_serialized"))
    path.with_suffix(".json").write_text(json.dumps(about), encoding="utf-8")
    np.savez(path.with_suffix(".npz"), **{name: x.numpy() for name, x in constants.items()})


def _expected(config: TrainConfig) -> dict[str, float]:
    """What the first CHECKED steps come to on a processor, by the operations that are used there."""
    with mock.patch.object(devices, "has_gpu", return_value=False):
        job = _job(config)
    assert type(job.steps) is Steps
    _begin(job, 0)
    loss, _, count, *_ = job.steps.run(0, CHECKED, job.rates[:CHECKED])
    seen, _ = job.evaluation.watch(np.arange(len(job.split.y_validation)), None)
    return {"loss": loss / count, "accuracy": float((seen.logits.argmax(1) == job.split.y_validation).mean())}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--export", type=Path, metavar="FOLDER", help="for `benchmarks.xla_program`, here")
    asked.add_argument("--figures", type=Path, metavar="FILE", help="that `benchmarks.xla_program` has written")
    given = parser.parse_args()
    if given.export:
        export(given.export)
    else:
        figures = xla_program.from_json(given.figures.read_text(encoding="utf-8"))
        write("gpu", text(figures), figures.device)


if __name__ == "__main__":
    main()
