"""What a report is about: one network or several on the same test images, and what is known of each."""

import importlib.metadata
import platform
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis import evaluation
from core.data import datasets
from core.data.datasets import KINDS
from core.models.classifiers import Classifier
from core.nn import architectures, calibration
from core.records import Evaluation, Metric, Network, Run, TrainConfig
from core.storage.store import Store
from core.training import configs, finetuning
from core.words import duration, percent, printable

NO_NUMBER = "none: some of its answers are not numbers (NaN), so nothing can be counted"
_PACKAGES = ("tensorflow", "keras", "ai-edge-litert", "numpy")


@dataclass(frozen=True)
class Subject:
    """A network, how it answers its data set's test images, and its training.

    evaluation: None where some of its answers are no numbers, so that nothing can be counted.
    run: None where it is of none. points: of its curves, none where nobody knows them.
    """

    name: str
    network: Network
    evaluation: Evaluation | None
    run: Run | None = None
    points: tuple[Metric, ...] = ()


def of_network(network: Network, run: Run | None = None, points: Sequence[Metric] = ()) -> Subject:
    """Measure a network. Raises datasets.NoData."""
    data, kind, classifier = datasets.load(network.data), KINDS[network.data], Classifier(network)
    parts = np.array_split(data.x_test, 20)
    logits = np.concatenate([classifier.outputs(part.astype(np.float32) / 255) for part in parts])
    probabilities = calibration.split(logits)[0].astype(np.float32)
    finite = np.isfinite(probabilities).all()
    found = evaluation.evaluate(probabilities, data.y_test, kind.names) if finite else None
    name = f"run {run.id}: {printable(run.name)}" if run else printable(network.name)
    return Subject(name, network, found, run, tuple(points))


def of_run(store: Store, number: int) -> Subject | None:
    """The same of a run; None where it has no network."""
    run, network = store.run(number), store.network(number)
    return of_network(network, run, store.metrics(number)) if run and network else None


def facts(subject: Subject) -> dict[str, str]:
    """What it is and how it was trained, in words, in the order in which it is read."""
    network, run = subject.network, subject.run
    shape, kind = datasets.shape_of(network), KINDS[network.data]
    # Of a run's network batch normalization is folded away.
    layers = run.config.layers if run else network.layers
    measured = _measured(subject.evaluation, kind.noun) if subject.evaluation else {"Accuracy": NO_NUMBER}
    told = measured | {
        "Data": kind.title,
        "Layers": " → ".join(in_words(layer) for layer in layers),
        "Parameters": f"{architectures.parameters(layers, shape):,}",
    }
    if run and run.kind == "trained":
        told |= _training(run, subject.points)
    return told | ({"Device": " in ".join(filter(None, (run.device, run.dtype)))} if run and run.device else {})


def _measured(found: Evaluation, noun: str) -> dict[str, str]:
    right = int((found.predicted == found.labels).sum())
    low, high = evaluation.interval(right, len(found.labels))
    error = calibration.expected_calibration_error(found.probabilities, found.labels)
    return {
        "Accuracy": f"{right / len(found.labels):.2%} of {len(found.labels):,} test {noun}, "
        f"95% interval {low:.2%} to {high:.2%}",
        "Test loss": f"{found.losses.mean():.4f} nats",
        "Calibration error": f"{error:.2%} (expected calibration error, {calibration.BINS} bins)",
    }


def in_words(layer: architectures.Layer) -> str:
    """Return a layer as it is called: 'Conv2D 16, 4x4, relu'."""
    match layer:
        case architectures.Conv2D():
            more = [f"{layer.kernel}x{layer.kernel}", *([f"stride {layer.stride}"] if layer.stride > 1 else [])]
            return ", ".join((f"Conv2D {layer.filters}", *more, layer.padding, layer.activation))
        case architectures.Dense():
            return f"Dense {layer.units}, {layer.activation}"
        case architectures.MaxPooling2D() | architectures.AveragePooling2D():
            return f"{layer.kind} {layer.pool}x{layer.pool}"
        case architectures.Dropout():
            return f"Dropout {layer.rate:g}"
        case architectures.Activation():
            return layer.activation
    return layer.kind


def _training(run: Run, points: Sequence[Metric]) -> dict[str, str]:
    config = run.training
    augmentation = {k: v for k, v in vars(config.augmentation).items() if v}
    told = {
        "Seed": str(config.seed),
        "Optimizer": f"{config.optimizer}, learning rate {configs.peak_learning_rate(config):g}, "
        f"{config.schedule}",
        "Batch size": str(config.batch_size),
        "Epochs": _epochs(config, points),
        "Training images": _learnt_from(config),
        "Augmentation": ", ".join(f"{k} {v:g}" for k, v in augmentation.items()) or "none",
        "Label smoothing": f"{config.label_smoothing:g}",
        "Trained against attacks": f"up to {config.attack_budget:g}" if config.attack_budget else "no",
        "Weights kept": configs.kept(config).removeprefix("the "),
        "Training time": duration(run.seconds),
        "Begun": f"{run.created:%Y-%m-%d %H:%M} UTC",
    }
    if config.changes:
        told["Changed on the way"] = "; ".join(
            f"{change.name.replace('_', ' ')} {change.value:g} from step {change.step:,}"
            for change in config.changes
        )
    if config.validation_split and run.validation_accuracy is not None:
        told["Validation accuracy"] = f"{percent(run.validation_accuracy)}, after epoch {run.best_epoch}"
    if run.train_accuracy is not None:
        told["Training accuracy"] = percent(run.train_accuracy)
    return told


def _epochs(config: TrainConfig, points: Sequence[Metric]) -> str:
    """How many it was to be, and how many it has been where it was stopped before."""
    done = points[-1].epoch if points else config.epochs
    return f"{done:.3g} of {config.epochs}" if done < config.epochs else str(config.epochs)


def _learnt_from(config: TrainConfig) -> str:
    count, held_out = configs.divide(config)
    if finetuning.learns_alone(config):
        return f"labelled drawings alone, and {held_out:,} of MNIST's held out"
    drawings = " of MNIST's, labelled drawings" if config.fine_tuning else ""
    return f"{count:,}{drawings}, and {held_out:,} held out"


def environment() -> dict[str, str]:
    """What this report was made with."""
    told = {"Python": platform.python_version(), "System": platform.platform()}
    for name in _PACKAGES:
        try:
            told[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return told
