"""The accuracies that tutorials claim beside ours, recipe by recipe, measured over many sittings.

    >>> found = across_seeds([0.9281, 0.9263, 0.9289])
    >>> found.mean, found.minimum, found.maximum
    (0.9278, 0.9263, 0.9289)

`assets/reproduction.json` holds what has been measured; `reproduction_document` makes docs/reproduction.md of
it. Each result knows what it was trained with: where a recipe is changed, what was measured before counts no
more.

Called by `core.commands.reproduce`, `core.runs.reproduction_document`, `pages.tutorials`,
`ui.figures.lesson_figures`, `ui.sections.recipe_claims` and `ui.sections.tutorial_figures`.
"""

import json
import math
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path

from core.data.datasets import ASSETS
from core.records import Metric, Recipe, Run, TrainConfig
from core.training import configs, tutorial_recipes
from core.training.recipes import RECIPES
from core.training.tutorial_recipes import VARIANTS
from core.words import duration

FILE = ASSETS / "reproduction.json"

# The tutorials' recipes in the tutorials' order.
TUTORIALS = tuple(tutorial_recipes.TUTORIALS)

NAMES = (*TUTORIALS, *VARIANTS)

# So many seeds are trained where one takes less than so many seconds; else one is.
SEEDS, SHORT = 3, 600.0

# Images of a test, of MNIST as of CIFAR-10, and the epochs at the end over which a swing is levelled out.
TEST, LAST = 10_000, 5

NOT_MEASURED = "not measured yet with this recipe"

# What a tutorial prints after each epoch: (test accuracy, ...).
CLAIMED_EPOCHS = {
    "perceptron": (0.8705, 0.8916, 0.9023, 0.9093, 0.9137, 0.9184, 0.9202, 0.9244, 0.9272, 0.9281)
}

# What was found out where a result is not what the tutorial says, or says more than the numbers.
_ADADELTA = (
    "Adadelta's rate is 0.001 by default in today's Keras and was 1 in older ones, as its inventor has it. "
    "With 0.001 it learns so slowly that the network stays behind the perceptron."
)
_JPEG = (
    "The pictures were stored as JPEG of several qualities and read again, those of the test, too. Where the "
    "copy that was at hand is one of quality 75 already, what 95 and 75 cost cannot be told from it."
)
_EPSILON = (
    "Adam divides by the root of the mean squared gradient plus epsilon, 1e-7 in today's Keras and 1e-8 in its "
    "first versions."
)
FINDINGS: dict[str, str] = {
    **{name: _JPEG if one.jpeg else _ADADELTA for name, one in VARIANTS.items()},
    "cifar-three-adam-epsilon": _EPSILON,
    "cifar-two": (
        "Its accuracy still rises at the end, and swings by about a point from epoch to epoch. What the "
        "copy's own JPEG of quality 75 costs was not measured: the original pictures were not at hand. "
        "Stored once more at 95 it read 61.3%, at 75 61.2%, at 50 62.1%, at 30 59.9%, with the seed that reads "
        "61.5% without: down to 50 it costs nothing that one seed could show, 30 perhaps a point and a half."
    ),
    "cifar-three-adam": (
        "Its test accuracy stands still from about the twentieth epoch on. Of its training pictures it "
        "knows as many as the claim says; why it stays behind on the test is not known. It is not Adam's "
        "epsilon: with 1e-8, as in Keras's first versions, it read 75.7% with the seed that reads 75.4% "
        "with today's, which is within what chance does. What the copy's own JPEG costs was not measured; on "
        "the same copy the two networks before it reach a little more than their claims. Stored once more at "
        "95 it read 75.3% after 20 passes, at 75 75.1%, at 50 73.4%, at 30 73.3%, with the seed that reads "
        "75.1% after 20 without: fine JPEG costs nothing that one seed could show, coarse JPEG one to "
        "two points."
    ),
}


@dataclass(frozen=True)
class Epoch:
    """One pass: accuracies 0..1 and losses in nats.

    train_*: the mean over the pass, while learning, with dropout on. accuracy, loss: after it, on the images
    that the training was measured on.
    """

    train_accuracy: float
    train_loss: float
    accuracy: float
    loss: float


@dataclass(frozen=True)
class Result:
    """One training of a recipe.

    epochs: passes that were trained, of as many as the recipe asks for.
    last, best: accuracy on the test images after the last epoch, and after the best one, number best_epoch;
        best is None where the last weights are kept and the best epoch is one of other images.
    measured: what the epochs' accuracy was measured on, and the best chosen by, 'test' or 'validation'.
    seconds: of training, breaks left out.
    data: what was learnt from, where that is not the published data set, or ''.
    config: the recipe as it was then, to its last epoch.
    train_accuracy, train_loss: of the finished network on all images that it has learnt from, dropout off.
    test_loss: beside `last`. None where these were not measured.
    dtype: what was computed in, 'float32' or 'bfloat16'; '' where that was not recorded.
    """

    seed: int
    epochs: int
    of: int
    last: float
    best: float | None
    best_epoch: int
    measured: str
    seconds: float
    device: str
    date: str
    data: str
    curve: tuple[Epoch, ...]
    config: TrainConfig
    train_accuracy: float | None = None
    train_loss: float | None = None
    test_loss: float | None = None
    dtype: str = ""


@dataclass(frozen=True)
class AcrossSeeds:
    """The mean, minimum and maximum of a figure over several seeds."""

    mean: float
    minimum: float
    maximum: float
    count: int


@dataclass(frozen=True)
class Summary:
    """What several seeds of a recipe have measured, in words: those that were trained for the most epochs.

    last, best: accuracy on the test images after the last and after the best epoch, as `accuracy_in_words`;
        best is '' where it is not known of each seed.
    last_five: the mean over the last five epochs, and the range of them all; '' where the test images were
        not measured after each.
    error: the standard error of `last`, of a test of so many images: '0.12'.
    training: the same on the training images in the last epoch, while learning. finished: of the finished
        network on them, dropout off. train_loss, test_loss: beside `finished` and `last`, in nats. All three ''
        where not known of each seed.
    best_epochs: '7, 10', of all seeds. epochs: '12', or '3 of 12' where it was not trained to its end.
    time: of one training, the mean. date: of the latest.
    """

    last: str
    error: str
    last_five: str
    best: str
    training: str
    finished: str
    train_loss: str
    test_loss: str
    best_epochs: str
    epochs: str
    seeds: int
    time: str
    date: str


def across_seeds(values: Sequence[float]) -> AcrossSeeds:
    """Return the mean, rounded to a hundredth of a percent, the least and the most of at least one value."""
    return AcrossSeeds(round(sum(values) / len(values), 4), min(values), max(values), len(values))


def by_epoch(points: Sequence[Metric]) -> tuple[Epoch, ...]:
    """Return a training's points joined into passes; what lies after the last whole one is left out.

    Each point speaks for the training images since the point before.
    """
    epochs: list[Epoch] = []
    images, before, right, loss = 0, 0, 0.0, 0.0
    for point in points:
        count, before = point.images - before, point.images
        images, right = images + count, right + count * point.train_accuracy
        loss += count * point.train_loss
        # It may also have been measured on all images where it was stopped, within a pass.
        if not point.whole or not images or point.epoch < len(epochs) + 1 - 1e-9:
            continue
        assert point.validation_accuracy is not None
        assert point.validation_loss is not None
        means = (right / images, loss / images, point.validation_accuracy, point.validation_loss)
        epochs.append(Epoch(*(round(value, 5) for value in means)))
        images, right, loss = 0, 0.0, 0.0
    return tuple(epochs)


def recipe(name: str) -> Recipe:
    """Return a tutorial's recipe, or one of its variants."""
    return VARIANTS[name] if name in VARIANTS else RECIPES[name]


def result(
    run: Run, points: Sequence[Metric], last: float, device: str, data: str, config: TrainConfig
) -> Result:
    """Return what a run has measured so far, which has a network.

    last: accuracy of its last weights on the test images; the weights that it keeps may be earlier ones.
    config: the recipe, of which the run may have fewer epochs.
    Raises ValueError where not a single epoch is whole.
    """
    curve = by_epoch(points)
    if not curve or run.test_accuracy is None:
        raise ValueError("not a single epoch of it has been trained")
    measured = configs.measured(run.training)
    best = max(range(len(curve)), key=lambda epoch: curve[epoch].accuracy)
    kept = None if run.training.checkpoint_selection == "last" else run.test_accuracy
    return Result(
        seed=run.training.seed,
        epochs=len(curve),
        of=config.epochs,
        last=curve[-1].accuracy if measured == "test" else last,
        best=curve[best].accuracy if measured == "test" else kept,
        best_epoch=best + 1,
        measured=measured,
        seconds=round(run.seconds, 1),
        device=device,
        date=f"{date.today():%Y-%m-%d}",
        data=data,
        curve=curve,
        config=replace(config, seed=run.training.seed),
        train_accuracy=run.train_accuracy,
        train_loss=run.train_loss,
        test_loss=run.test_loss if configs.kept(run.training) == "the last weights" else None,
        dtype=run.dtype,
    )


def read(path: Path = FILE) -> dict[str, tuple[Result, ...]]:
    """Return what has been measured of the recipes as they are now, by recipe and seed; {} where nothing is.

    What was measured of another recipe under the same name is left out.
    """
    if not path.exists():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    read = {name: [_result(one) for one in content.get(name, ())] for name in NAMES}
    results = {
        name: tuple(one for one in found if configs.same_but_for_seed(one.config, recipe(name).config))
        for name, found in read.items()
    }
    return {name: found for name, found in results.items() if found}


def write(results: dict[str, tuple[Result, ...]], path: Path = FILE) -> None:
    """Write what `read` reads, so that a crash leaves the file as it was or as it shall be."""
    lines = [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(_row(one)) for one in results[name]) + "\n]"
        for name in NAMES
        if results.get(name)
    ]
    half = path.with_suffix(".tmp")
    half.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    half.replace(path)


def add(results: dict[str, tuple[Result, ...]], name: str, new: Result) -> dict[str, tuple[Result, ...]]:
    """Return the results with a new one, in the place of one with the same seed that is no longer."""
    others = {one.seed: one for one in results.get(name, ())}
    if new.seed not in others or new.epochs >= others[new.seed].epochs:
        others[new.seed] = new
    return {**results, name: tuple(others[seed] for seed in sorted(others))}


def is_done(results: dict[str, tuple[Result, ...]], name: str, seed: int, epochs: int) -> bool:
    """Has this recipe been trained with this seed for at least so many epochs?"""
    return any(one.seed == seed and one.epochs >= epochs for one in results.get(name, ()))


def seeds(results: dict[str, tuple[Result, ...]], name: str) -> int:
    """Return how many seeds a recipe is trained with, as far as is known: one until it is known to be quick."""
    first = next((one for one in results.get(name, ()) if one.seed == 0 and one.epochs == one.of), None)
    return SEEDS if first and first.seconds < SHORT else 1


def longest(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return those that were trained for the most epochs: they alone are compared and averaged."""
    limit = max((one.epochs for one in results), default=0)
    return tuple(one for one in results if one.epochs == limit)


def summary(results: Sequence[Result]) -> Summary | None:
    """Return a recipe's results in words, or None where there are none."""
    found = longest(results)
    if not found:
        return None
    trained, of = found[0].epochs, found[0].of
    best, finished, train_losses, losses = (
        _known([getattr(one, name) for one in found])
        for name in ("best", "train_accuracy", "train_loss", "test_loss")
    )
    return Summary(
        last=accuracy_in_words([one.last for one in found]),
        error=f"{100 * standard_error(across_seeds([one.last for one in found]).mean):.2f}",
        last_five=_last_five(found),
        best=accuracy_in_words(best) if best else "",
        training=accuracy_in_words([one.curve[-1].train_accuracy for one in found]),
        finished=accuracy_in_words(finished) if finished else "",
        train_loss=_mean_loss(train_losses),
        test_loss=_mean_loss(losses),
        best_epochs=", ".join(sorted({str(one.best_epoch) for one in found}, key=int)),
        epochs=f"{trained}" if trained == of else f"{trained} of {of}",
        seeds=len(found),
        time=duration(across_seeds([one.seconds for one in found]).mean),
        date=max(one.date for one in found),
    )


def standard_error(accuracy: float, count: int = TEST) -> float:
    """Return by how much an accuracy 0..1, of a test of `count` images, is off by chance (one sigma).

    >>> round(standard_error(0.9), 4)
    0.003
    """
    return math.sqrt(accuracy * (1 - accuracy) / count)


def _last_five(found: Sequence[Result]) -> str:
    if any(one.measured != "test" or one.epochs < LAST for one in found):
        return ""
    return accuracy_in_words([epoch.accuracy for one in found for epoch in one.curve[-LAST:]])


def _mean_loss(losses: Sequence[float]) -> str:
    """In nats; '' of none."""
    return f"{sum(losses) / len(losses):.3f}" if losses else ""


def _known(values: Sequence[float | None]) -> list[float]:
    """These values, or none of them where one is missing."""
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else []


def number(name: str) -> int:
    """Return which of the sixteen a recipe is, 1 to 16."""
    return TUTORIALS.index(name) + 1


def accuracy_in_words(values: Sequence[float]) -> str:
    """
    >>> accuracy_in_words([0.9281, 0.9263, 0.9289])
    '92.78% (92.63 to 92.89)'
    """
    found = across_seeds(values)
    reach = f" ({100 * found.minimum:.2f} to {100 * found.maximum:.2f})" if found.count > 1 else ""
    return f"{100 * found.mean:.2f}%{reach}"


def processor() -> str:
    """Return the processor's name as Linux tells it, or what kind of machine this is."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = {line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")}
    return names.pop() if len(names) == 1 else platform.machine()


def _row(one: Result) -> dict:
    curve = [list(asdict(epoch).values()) for epoch in one.curve]
    return {**asdict(one), "curve": curve, "config": configs.to_json(one.config)}


def _result(row: dict) -> Result:
    known = {field.name for field in fields(Result)}
    values = {name: value for name, value in row.items() if name in known}
    curve = tuple(Epoch(*epoch) for epoch in row["curve"])
    return Result(**{**values, "curve": curve, "config": configs.from_json(row["config"])})
