"""Teaching a trained network somebody's hand: what it is given, and what is said of it.

It is taught with their drawings, but never with those held back, each changed a little anew in each pass; with
MNIST's digits, so that it does not forget them; and, where it knows what is no digit, with drawn digits in
other forms and with scribbles, letters and signs. (Replaying what was learnt before: Robins, Catastrophic
Forgetting, Rehearsal and Pseudorehearsal, 1995.)

Called by `core.worker.tasks` and `ui.sections.finetune`.
"""

from collections.abc import Sequence

import numpy as np

from core.data import datasets, near_duplicates, training_sets
from core.nn import architectures
from core.nn.architectures import Dense, Layer
from core.records import Augmentation, Dataset, Hand, Retraining, TrainConfig
from core.training import configs

RECIPE, TAUGHT = "retrain", ", taught a hand"  # its key, and what is added to the network's name
ENOUGH = 10  # drawings, below which we say what is missing
MNIST_DIGITS = 5000  # that are learnt again
OTHERS = 600  # pictures of the other sorts
OWN_SHARE = 0.3  # of the pictures of a pass are drawings, each as often as that takes
MOST_OFTEN = 60  # but no drawing more often than this
MOST_OWN = 4000  # drawings that are learnt from, the latest
SHARE = 0.65  # of the way from the weights before: a little less for the hand, half as much forgotten
VALIDATION = 2500  # of MNIST's digits: the curves are measured on them
CALIBRATION = 400  # pictures of other sorts on which it learns again how sure to be


def config(layers: Sequence[Layer], start: int, visitor: str, until: int, seed: int = 0) -> TrainConfig:
    """Return how a network of these layers is retrained; the others as in `Retraining`."""
    last = layers[-1]
    judges = isinstance(last, Dense) and last.units > architectures.CLASSES
    return TrainConfig(
        layers=tuple(layers),
        optimizer="Adam",
        learning_rate=0.0005,
        schedule="cosine",
        batch_size=64,
        epochs=2,
        seed=seed,
        train_size=MNIST_DIGITS,
        validation_share=VALIDATION / configs.PICTURES,
        augmentation=Augmentation(rotation=9, shear=6, scale=0.1, shift=1.2, elastic=0.5),
        keep="last",
        data="hand or none" if judges else "hand",
        retraining=Retraining(start, visitor, until, SHARE),
    )


def dataset(hand: Hand, of: TrainConfig) -> Dataset:
    """Return what is learnt from: drawings and others first, then MNIST's 60,000 in their order.

    A drawing that is nearly equal to one held back is left out, whatever is said of it.
    """
    learnt = np.flatnonzero(~hand.held_back)
    learnt = learnt[~near_duplicates.near_any(hand.x[learnt], hand.x[hand.held_back])][:MOST_OWN]
    parts = [(hand.x[learnt], hand.y[learnt])]
    if len(configs.kind(of).classes) > architectures.CLASSES:
        parts.append(training_sets.sample(OTHERS, of.seed))
    rest = of.train_size + sum(len(labels) for _, labels in parts[1:])
    often = int(np.clip(OWN_SHARE / (1 - OWN_SHARE) * rest / max(len(learnt), 1), 1, MOST_OFTEN))
    parts[0] = tuple(np.repeat(array, often, axis=0) for array in parts[0])  # type: ignore[assignment]
    mnist = datasets.mnist()
    pictures, labels = zip(*parts, (mnist.x_train, mnist.y_train), strict=True)
    return Dataset(np.concatenate(pictures), np.concatenate(labels), mnist.x_test, mnist.y_test)


def calibration(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures, not learnt from, on which a network that knows 'not a digit' finds how sure to be."""
    mnist, (pictures, labels) = datasets.mnist(), training_sets.sample(CALIBRATION, seed, held_out=True)
    return (
        np.concatenate([mnist.x_train[-VALIDATION:], pictures]),
        np.concatenate([mnist.y_train[-VALIDATION:], labels]),
    )


def missing(hand: Hand) -> str:
    """Return one sentence that says what more drawings would be good for, or '' where there are enough."""
    count = len(hand.y)
    if count >= ENOUGH:
        return ""
    none = [str(digit) for digit in range(architectures.CLASSES) if digit not in hand.y]
    more = f"Draw and label {ENOUGH - count} more: {count} of at least {ENOUGH} are there."
    without = " and ".join([", ".join(none[:-1]), none[-1]] if len(none) > 1 else none)
    return more + (f" There is no {without} yet." if none else "")
