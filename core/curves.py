"""What the curves of a training show, in one plain sentence with the numbers it is based on.

    >>> verdict(points, 10).sentence
    'Flat since epoch 4: the validation accuracy stays within 0.1 points of 98.6%.'

Only points on all validation pictures count. Training figures are means since the point before, measured
while learning, with dropout and augmentation on: they may look worse than the validation's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, log

from core.records import Metric

GUESSING = 0.15  # accuracy up to which a network may be guessing: the most frequent digit alone is 11%
GUESSING_LOSS = log(10)  # of ten equal probabilities
WINDOW = 3  # epochs that are compared with all before them
NOTICEABLE = 0.0015  # of accuracy: less than what two seeds differ by
RISE = 0.05, 0.002  # of the least validation loss: relative and absolute, both are asked for
UNSTEADY = 0.25  # of the share that is misread
LOW = 0.95  # accuracy that nearly every network surpasses
REMARKABLE = 0.005  # accuracy by which training may look worse without a word


@dataclass(frozen=True)
class Verdict:
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


def verdict(points: Sequence[Metric], epochs: int) -> Verdict:
    """Return what the points of a training of so many epochs show; the first rule that applies decides."""
    known = _known(points)
    for kind, rule in RULES.items():
        if sentence := rule(known, epochs):
            return Verdict(kind, sentence)
    raise AssertionError("the last rule always applies")


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
            f"after epoch {best.number:g} and is {now} now, which is guessing; try a smaller learning rate."
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
        done = f"after epoch {last.number:g} of {epochs}"
        return f"Too early to say: the validation accuracy is {_percent(last.accuracy)} {done}; {more}."
    if len(known) == 2 and last.accuracy - first.accuracy < NOTICEABLE:
        change = f"{_percent(first.accuracy)}, then {_percent(last.accuracy)}"
        return f"Too early to say: the validation accuracy was {change}."
    return ""


def _overfitting(known: list[_Epoch], epochs: int) -> str:
    """The validation loss rises, for two epochs at least, while the training loss falls, and is lower."""
    least, last = min(known, key=lambda e: e.loss), known[-1]
    relative, absolute = RISE
    risen = min(e.loss for e in known[-2:]) > max(least.loss * (1 + relative), least.loss + absolute)
    if not risen or last.train_loss > min(least.train_loss * (1 - relative), last.loss):
        return ""
    return (
        f"Overfitting since epoch {least.number:g}: the training loss fell from {_loss(least.train_loss)} to "
        f"{_loss(last.train_loss)} since then, the validation loss rose from {_loss(least.loss)} to "
        f"{_loss(last.loss)}; training accuracy is now {_percent(last.train_accuracy)}, "
        f"validation {_percent(last.accuracy)}."
    )


def _improving(known: list[_Epoch], epochs: int) -> str:
    window = min(WINDOW, len(known) - 1)
    before, best = (max(e.accuracy for e in part) for part in (known[:-window], known))
    if best - before < NOTICEABLE:
        return ""
    last, count = known[-1], known[-1].number - known[-1 - window].number
    span = f"{count:g} epochs" if count > 1 else "epoch"
    left = epochs - last.number
    return (
        f"Still improving: the best validation accuracy rose from {_percent(before)} to {_percent(best)} "
        f"over the last {span}; {f'{left:g} of {epochs} are left' if left > 0 else 'more epochs may help'}."
        + _remark(last)
    )


def _unsteady(known: list[_Epoch], epochs: int) -> str:
    since, lowest, highest = _level(known)
    if (highest - lowest) / 2 <= max(REMARKABLE, UNSTEADY * (1 - highest)):
        return ""
    return (
        f"Unsteady since epoch {since:g}: the validation accuracy moves between {_percent(lowest)} "
        f"and {_percent(highest)}; a smaller learning rate may steady it."
    )


def _underfitting(known: list[_Epoch], epochs: int) -> str:
    (since, _, highest), last = _level(known), known[-1]
    if max(highest, last.train_accuracy) > LOW:
        return ""
    return (
        f"Underfitting: flat since epoch {since:g}, and even of the training pictures only "
        f"{_percent(last.train_accuracy)} are read (validation {_percent(last.accuracy)}); "
        "try a larger network or another learning rate."
    )


def _flat(known: list[_Epoch], epochs: int) -> str:
    since, lowest, highest = _level(known)
    off = ceil(500 * (highest - lowest) - 1e-6) / 10  # in points, never too few
    near = f"stays within {off:.1f} points of" if off else "stays at"
    return (
        f"Flat since epoch {since:g}: the validation accuracy {near} {_percent((lowest + highest) / 2)}."
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


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _loss(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "under 0.001"
