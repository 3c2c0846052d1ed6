"""Training diagnostics: overfitting, underfitting and so on, in one sentence with its numbers.

    >>> diagnose(points, 10).sentence
    'Flat since epoch 4: the validation accuracy stays within 0.1 points of 98.6%.'

Only points on all validation pictures count. Training figures are means since the point before, measured
while learning, with dropout and augmentation on: they may look worse than the validation's.

Called by `ui.sections.run_panel`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, log

from core.nn.architectures import BatchNormalization
from core.records import Metric, TrainConfig

GUESSING = 0.15  # accuracy up to which a network may be guessing: the most frequent digit alone is 11%
GUESSING_LOSS = log(10)  # of ten equal probabilities
WINDOW = 3  # epochs that are compared with all before them
NOTICEABLE = 0.0015  # of accuracy: less than what two seeds differ by
RISE = 0.05, 0.002  # of the least validation loss: relative and absolute, both are asked for
UNSTEADY = 0.25  # of the fraction that is misclassified
LOW = 0.95  # accuracy that nearly every network surpasses
CAUGHT_UP = 500  # steps of batch normalization: 0.99 ** 500 is less than a hundredth
LAGGING = 0.1  # accuracy by which training looks better
REMARKABLE = 0.005  # accuracy by which training may look worse without a word


@dataclass(frozen=True)
class Diagnosis:
    """kind: a key of RULES. sentence: what to tell the person who trains."""

    kind: str
    sentence: str


@dataclass(frozen=True)
class _Epoch:
    """A whole point whose validation figures are known, without the fields that no rule reads."""

    number: float
    train_accuracy: float
    train_loss: float
    accuracy: float
    loss: float


def diagnose(points: Sequence[Metric], epochs: int) -> Diagnosis:
    """Return what the points of a training of so many epochs show; the first rule that applies decides."""
    known = _known(points)
    for kind, rule in RULES.items():
        if sentence := rule(known, epochs):
            return Diagnosis(kind, sentence)
    raise AssertionError("the last rule always applies")


def lag(points: Sequence[Metric], config: TrainConfig) -> str:
    """Return one sentence where batch normalization makes a network read worse than it has learnt, or ''.

    It reads with averages over the batches so far, which begin at 0 and 1 and move by a hundredth at each step
    (Keras's momentum, 0.99). Until they have caught up the validation accuracy may fall, stopped and resumed or
    not. Only in the first epoch can that be told from overfitting: what it learns from then, it has never seen.
    """
    if not points or not any(isinstance(layer, BatchNormalization) for layer in config.layers):
        return ""
    last, steps = points[-1], points[-1].images / config.batch_size
    accuracy = last.validation_accuracy
    if accuracy is None or last.epoch > 1 or steps > CAUGHT_UP or last.train_accuracy - accuracy < LAGGING:
        return ""
    return (
        f"The network has learnt more than it shows: it reads {_percent(last.train_accuracy)} while learning "
        f"but {_percent(accuracy)} of the validation pictures, because batch normalization reads with averages "
        f"over all steps so far. They catch up within some {CAUGHT_UP} steps; {steps:,.0f} are done."
    )


def _known(points: Sequence[Metric]) -> list[_Epoch]:
    known = []
    for p in points:
        accuracy, loss = p.validation_accuracy, p.validation_loss
        if p.whole and accuracy is not None and loss is not None and isfinite(loss + p.train_loss):
            known.append(_Epoch(p.epoch, p.train_accuracy, p.train_loss, accuracy, loss))
    return known


def _not_learning(known: list[_Epoch], epochs: int) -> str:
    """At chance, now. Batch normalization may read badly what it has learnt well, hence both accuracies."""
    if not known or max(known[-1].accuracy, known[-1].train_accuracy) > GUESSING:
        return ""
    last, best = known[-1], max(known, key=lambda e: e.accuracy)
    now = _percent(last.accuracy)
    if best.accuracy > 2 * GUESSING:
        return (
            f"The network has forgotten what it knew: the validation accuracy was {_percent(best.accuracy)} "
            f"after epoch {_epochs(best.number)} and is {now} now, which is guessing; "
            "try a smaller learning rate."
        )
    if last.loss < GUESSING_LOSS - 0.01 or GUESSING_LOSS + 0.2 > known[0].loss > last.loss + 0.01:
        return (
            f"The network learns very slowly: {now} is little more than guessing; try a larger learning rate."
        )
    return (
        f"The network has not learnt anything yet: {now} is what guessing gives; try a smaller learning rate."
    )


def _early(known: list[_Epoch], epochs: int) -> str:
    if not known:
        return "Too early to say: no epoch has been measured yet."
    first, last = known[0], known[-1]
    if len(known) == 1:
        more = "one point is no curve yet" if epochs > 1 else "train for more epochs to see a curve"
        done = f"after epoch {_epochs(last.number)} of {epochs}"
        return f"Too early to say: the validation accuracy is {_percent(last.accuracy)} {done}; {more}."
    if len(known) == 2 and last.accuracy - first.accuracy < NOTICEABLE:
        change = f"{_percent(first.accuracy)}, then {_percent(last.accuracy)}"
        return f"Too early to say: the validation accuracy was {change}."
    return ""


def _overfitting(known: list[_Epoch], epochs: int) -> str:
    """The validation loss rises, for two epochs at least, while the training loss falls, and is lower."""
    minimum, last = min(known, key=lambda e: e.loss), known[-1]
    relative, absolute = RISE
    risen = min(e.loss for e in known[-2:]) > max(minimum.loss * (1 + relative), minimum.loss + absolute)
    if not risen or last.train_loss > min(minimum.train_loss * (1 - relative), last.loss):
        return ""
    return (
        f"Overfitting since epoch {_epochs(minimum.number)}: the training loss fell from "
        f"{_loss(minimum.train_loss)} to {_loss(last.train_loss)} since then, the validation loss rose from "
        f"{_loss(minimum.loss)} to {_loss(last.loss)}; training accuracy is now "
        f"{_percent(last.train_accuracy)}, validation {_percent(last.accuracy)}."
    )


def _improving(known: list[_Epoch], epochs: int) -> str:
    window = min(WINDOW, len(known) - 1)
    before, best = (max(e.accuracy for e in part) for part in (known[:-window], known))
    if best - before < NOTICEABLE:
        return ""
    last, count = known[-1], known[-1].number - known[-1 - window].number
    span = f"{_epochs(count)} epochs" if count > 1 else "epoch"
    left = epochs - last.number
    more = f"{_epochs(left)} of {epochs} are left" if left > 0 else "more epochs may help"
    return (
        f"Still improving: the best validation accuracy rose from {_percent(before)} to {_percent(best)} "
        f"over the last {span}; {more}." + _remark(last)
    )


def _unsteady(known: list[_Epoch], epochs: int) -> str:
    since, lowest, highest = _level(known)
    if (highest - lowest) / 2 <= max(REMARKABLE, UNSTEADY * (1 - highest)):
        return ""
    return (
        f"Unsteady since epoch {_epochs(since)}: the validation accuracy moves between {_percent(lowest)} "
        f"and {_percent(highest)}; a smaller learning rate may steady it."
    )


def _underfitting(known: list[_Epoch], epochs: int) -> str:
    (since, _, highest), last = _level(known), known[-1]
    if max(highest, last.train_accuracy) > LOW:
        return ""
    return (
        f"Underfitting: flat since epoch {_epochs(since)}, and even of the training pictures only "
        f"{_percent(last.train_accuracy)} are read (validation {_percent(last.accuracy)}); "
        "try a larger network or another learning rate."
    )


def _flat(known: list[_Epoch], epochs: int) -> str:
    since, lowest, highest = _level(known)
    off = ceil(500 * (highest - lowest) - 1e-6) / 10  # in points, never too few
    near = f"stays within {off:.1f} points of" if off else "stays at"
    return (
        f"Flat since epoch {_epochs(since)}: the validation accuracy {near} {_percent((lowest + highest) / 2)}."
        + _remark(known[-1])
    )


RULES: dict[str, Callable[[list[_Epoch], int], str]] = {
    "not learning": _not_learning,
    "early": _early,
    "overfitting": _overfitting,
    "improving": _improving,
    "unsteady": _unsteady,
    "underfitting": _underfitting,
    "flat": _flat,
}


def _level(known: list[_Epoch]) -> tuple[float, float, float]:
    """The first epoch that read nearly as well as the best; the lowest and highest accuracy since."""
    enough = max(e.accuracy for e in known) - NOTICEABLE
    first = next(i for i, e in enumerate(known) if e.accuracy > enough)
    since = [e.accuracy for e in known[first:]]
    return known[first].number, min(since), max(since)


def _remark(last: _Epoch) -> str:
    if last.train_accuracy > last.accuracy - REMARKABLE:
        return ""
    return (
        f" The training accuracy is lower, {_percent(last.train_accuracy)}: it is measured while learning, "
        "with dropout and augmentation on, if there are any."
    )


def _epochs(number: float) -> str:
    """Return such as '3' or, of an epoch that has not ended, '0.2': never '0.0'.

    >>> _epochs(3.0), _epochs(0.181614), _epochs(0.01), _epochs(2.98)
    ('3', '0.2', 'under 0.1', '3.0')
    """
    if number == round(number):
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 0.05 else "under 0.1"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}%"


def _loss(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "under 0.001"
