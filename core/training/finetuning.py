"""Fine-tuning a trained network on somebody's drawings: configuration, training set, calibration set.

The training set holds their drawings, but never those held out, each augmented anew in each epoch; MNIST's
digits, so that the network does not forget them; and, where it has a reject class, drawn digits in other forms
and scribbles, letters and signs. (Replaying what was learnt before: Robins, Catastrophic Forgetting, Rehearsal
and Pseudorehearsal, 1995. The mixing weight: Wortsman and others, WiSE-FT,
2022.)
"""

from collections.abc import Sequence

import numpy as np

from core.data import datasets, near_duplicates, training_sets
from core.nn import architectures
from core.nn.architectures import Dense, Layer
from core.records import Augmentation, Dataset, DrawingArrays, FineTuning, TrainConfig
from core.training import configs

# Its key, stored with each run, and what is added to the network's name.
RECIPE, NAME_SUFFIX = "retrain", ", taught a hand"
MIN_DRAWINGS = 10  # drawings, below which we say what is missing
REPLAYED_DIGITS = 5000  # that are learnt again
REJECT_EXAMPLES = 600  # images of the reject class
DRAWINGS_FRACTION = 0.3  # of the images of an epoch are drawings, each as often as that takes
MAX_REPEATS = 60  # but no drawing more often than this
MAX_DRAWINGS = 4000  # drawings that are learnt from, the latest
MIXING_WEIGHT = (
    0.65  # from the base weights to the fine-tuned ones: a little less for the hand, half as much forgotten
)
ALONE = -1000  # as `FineTuning.base`: random weights, and drawings alone to learn from
VALIDATION = 2500  # of MNIST's digits: the curves are measured on them
CALIBRATION = 400  # images of the reject class on which it is calibrated again


def config(layers: Sequence[Layer], base: int, visitor: str, until: int, seed: int = 0) -> TrainConfig:
    """Return how a network of these layers is fine-tuned; the others as in `FineTuning`."""
    last = layers[-1]
    has_reject_class = isinstance(last, Dense) and last.units > architectures.CLASSES
    return TrainConfig(
        layers=tuple(layers),
        optimizer="Adam",
        learning_rate=0.0005,
        schedule="cosine",
        batch_size=64,
        epochs=2,
        seed=seed,
        train_size=REPLAYED_DIGITS,
        validation_split=VALIDATION / datasets.KINDS["mnist"].train,
        augmentation=Augmentation(rotation=9, shear=6, scale=0.1, shift=1.2, elastic=0.5),
        checkpoint_selection="last",
        data="hand or none" if has_reject_class else "hand",
        fine_tuning=FineTuning(base, visitor, until, MIXING_WEIGHT),
    )


def learns_alone(of: TrainConfig) -> bool:
    """Does it learn from drawings alone, and from none of the images of the published data?"""
    return of.fine_tuning is not None and of.fine_tuning.base == ALONE


def dataset(hand: DrawingArrays, of: TrainConfig) -> Dataset:
    """Return what is learnt from: drawings and others first, then MNIST's 60,000 in their order.

    A drawing that is nearly equal to one held out is left out, whatever is said of it.
    """
    learnt = np.flatnonzero(~hand.held_out)
    learnt = learnt[~near_duplicates.near_any(hand.x[learnt], hand.x[hand.held_out])][:MAX_DRAWINGS]
    if learns_alone(of):
        return _drawings_alone(hand.x[learnt], hand.y[learnt])
    parts = [(hand.x[learnt], hand.y[learnt])]
    if len(configs.kind(of).classes) > architectures.CLASSES:
        parts.append(training_sets.sample(REJECT_EXAMPLES, of.seed))
    rest = of.train_size + sum(len(labels) for _, labels in parts[1:])
    often = int(
        np.clip(DRAWINGS_FRACTION / (1 - DRAWINGS_FRACTION) * rest / max(len(learnt), 1), 1, MAX_REPEATS)
    )
    parts[0] = tuple(np.repeat(array, often, axis=0) for array in parts[0])  # type: ignore[assignment]
    mnist = datasets.mnist()
    images, labels = zip(*parts, (mnist.x_train, mnist.y_train), strict=True)
    return Dataset(np.concatenate(images), np.concatenate(labels), mnist.x_test, mnist.y_test)


def _drawings_alone(x: np.ndarray, y: np.ndarray) -> Dataset:
    """Drawings, again and again, in the place of MNIST's training digits; those for validation stay."""
    mnist = datasets.mnist()
    count = datasets.KINDS["mnist"].train - VALIDATION
    images, labels = np.resize(x, (count, *x.shape[1:])), np.resize(y, count)
    x_train = np.concatenate([images, mnist.x_train[-VALIDATION:]])
    return Dataset(x_train, np.concatenate([labels, mnist.y_train[-VALIDATION:]]), mnist.x_test, mnist.y_test)


def calibration(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images, not learnt from, on which a network that knows 'not a digit' is calibrated."""
    mnist, (images, labels) = datasets.mnist(), training_sets.sample(CALIBRATION, seed, held_out=True)
    return (
        np.concatenate([mnist.x_train[-VALIDATION:], images]),
        np.concatenate([mnist.y_train[-VALIDATION:], labels]),
    )


def missing(hand: DrawingArrays) -> str:
    """Return one sentence that says what more drawings would be good for, or '' where there are enough."""
    count = len(hand.y)
    if count >= MIN_DRAWINGS:
        return ""
    none = [str(digit) for digit in range(architectures.CLASSES) if digit not in hand.y]
    more = f"Draw and label {MIN_DRAWINGS - count} more: {count} of at least {MIN_DRAWINGS} are there."
    without = " and ".join([", ".join(none[:-1]), none[-1]] if len(none) > 1 else none)
    return more + (f" There is no {without} yet." if none else "")
