"""Training diagnostics: overfitting, underfitting and so on, in one sentence with its numbers.

    >>> diagnose(points, 10).sentence
    'Flat since epoch 4: the validation accuracy stays within 0.1 points of 98.6%.'

Only points on all validation images count. Training figures are means since the point before, measured
while learning, with dropout and augmentation on: they may look worse than the validation's.

Called by `ui.sections.run_panel`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, log
from typing import NamedTuple

from core.nn.architectures import BatchNormalization
from core.records import Metric, TrainConfig

GUESSING = 1.5  # times chance: accuracy up to which a network may be guessing; MNIST's ones alone are 11%
WINDOW = 3  # epochs that are compared with all before them
NOTICEABLE = 0.0015  # of accuracy: less than what two seeds differ by
RISE = 0.05, 0.002  # of the least validation loss: relative and absolute, both are asked for
UNSTEADY = 0.25  # of the fraction that is misclassified
CAUGHT_UP = 500  # steps of batch normalization: 0.99 ** 500 is less than a hundredth
LAGGING = 0.1  # accuracy by which training looks better
REMARKABLE = 0.005  # accuracy by which training may look worse without a word
FAR_OFF = 10.0  # a learning rate is, that is so many times the optimizer's default, or a part of it
EXCESS = 0.1  # of training loss over validation loss in an epoch that a too large rate has begun with
FALL = 0.1, 0.03  # of accuracy below the best: a collapse, or where three times as many are misread as well
BY_HEART = 0.99  # training accuracy that tells of it
GAP = 0.01, 0.05  # between training and validation accuracy: beside BY_HEART, and by itself


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


class _Plan(NamedTuple):
    """What `diagnose` is told of the training."""

    epochs: int
    rate: float
    classes: int
    baseline: float

    @property
    def guessing(self) -> float:
        """The accuracy up to which it may be guessing."""
        return GUESSING / self.classes

    @property
    def guessing_loss(self) -> float:
        """Of equal probabilities, in nats."""
        return log(self.classes)


def diagnose(
    points: Sequence[Metric], epochs: int, rate: float = 1.0, classes: int = 10, baseline: float = 0.95
) -> Diagnosis:
    """Return what the points of a training of so many epochs show; the first rule that applies decides.

    rate: its peak learning rate, as a multiple of the optimizer's default. classes: how many it tells apart.
    baseline: the test accuracy that a small network reaches on this data set (`datasets.Kind`). Where the
        accuracy is flat and a network reads fewer even of its own training images, it underfits.
    """
    known = _known(points)
    for kind, rule in RULES.items():
        if sentence := rule(known, _Plan(epochs, rate, classes, baseline)):
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


def _not_learning(known: list[_Epoch], plan: _Plan) -> str:
    """At chance, now. Batch normalization may read badly what it has learnt well, hence both accuracies."""
    if not known or max(known[-1].accuracy, known[-1].train_accuracy) > plan.guessing:
        return ""
    last, best = known[-1], max(known, key=lambda e: e.accuracy)
    now = _percent(last.accuracy)
    if best.accuracy > 2 * plan.guessing:
        return (
            f"The network has forgotten what it knew: the validation accuracy was {_percent(best.accuracy)} "
            f"after epoch {_epochs(best.number)} and is {now} now, which is guessing; "
            "try a smaller learning rate."
        )
    if _falls(known, plan):
        return (
            f"The network learns very slowly: {now} is little more than guessing; try a larger learning rate."
        )
    if _is_too_large(known, plan):
        return (
            f"The network has not learnt anything yet: {now} is what guessing gives; try a smaller learning "
            "rate."
        )
    return (
        f"The network has hardly moved: {now} is what guessing gives, and the loss stays near "
        f"{_loss(last.loss)}, that of guessing being {plan.guessing_loss:.3f}; try a larger learning rate."
    )


def _falls(known: list[_Epoch], plan: _Plan) -> bool:
    """Does the validation loss of a network that guesses still go down, or lies it below that of guessing?"""
    first, last, guessing = known[0], known[-1], plan.guessing_loss
    return last.loss < guessing - 0.01 or guessing + 0.2 > first.loss > last.loss + 0.01


def _is_too_large(known: list[_Epoch], plan: _Plan) -> bool:
    """Has the rate thrown the network off? It ends at the loss of guessing as well, but not without a leap."""
    if not 1 / FAR_OFF < plan.rate < FAR_OFF:
        return plan.rate > 1
    leapt = known[0].train_loss > known[0].loss + EXCESS
    return leapt or max(e.loss for e in known) > 2 * plan.guessing_loss or plan.rate > 1


def _early(known: list[_Epoch], plan: _Plan) -> str:
    if not known:
        return "Too early to say: no epoch has been measured yet."
    first, last = known[0], known[-1]
    if len(known) == 1:
        more = "one point is no curve yet" if plan.epochs > 1 else "train for more epochs to see a curve"
        done = f"{_percent(last.accuracy)} after epoch {_epochs(last.number)} of {plan.epochs}; {more}."
        if last.number < 1 or last.accuracy <= plan.guessing:
            return f"Too early to say: the validation accuracy is {done}"
        return f"Of the validation pictures it reads {done}"
    if len(known) == 2 and last.accuracy - first.accuracy < NOTICEABLE and not _fallen(known):
        change = f"{_percent(first.accuracy)}, then {_percent(last.accuracy)}"
        return f"Too early to say: the validation accuracy was {change}."
    return ""


def _collapsed(known: list[_Epoch], plan: _Plan) -> str:
    """Far below a peak since it was reached; where it has come back from such a fall before, it is unsteady."""
    best = max(known, key=lambda e: e.accuracy)
    came_back = any(_fallen(known[: end + 1]) for end in range(known.index(best)))
    if not _fallen(known) or came_back:
        return ""
    return (
        f"It has lost much of what it knew: the validation accuracy was {_percent(best.accuracy)} after epoch "
        f"{_epochs(best.number)} and is {_percent(known[-1].accuracy)} now; try a smaller learning rate."
    )


def _fallen(known: list[_Epoch]) -> bool:
    """Is the latest accuracy far below the best?"""
    best, last = max(e.accuracy for e in known), known[-1].accuracy
    far, some = FALL
    return best - last > far or (best - last > some and 1 - last > 3 * (1 - best))


def _loss_risen(known: list[_Epoch]) -> _Epoch | None:
    """The epoch of the least validation loss, where it rises since, for two epochs at least, while the training
    loss falls, and is lower.
    """
    minimum, last = min(known, key=lambda e: e.loss), known[-1]
    relative, absolute = RISE
    risen = min(e.loss for e in known[-2:]) > max(minimum.loss * (1 + relative), minimum.loss + absolute)
    falls = last.train_loss <= min(minimum.train_loss * (1 - relative), last.loss)
    return minimum if risen and falls else None


def _surer_not_righter(known: list[_Epoch], plan: _Plan) -> str:
    """The validation loss rises while the accuracy still climbs."""
    (before, best), minimum, last = _window(known), _loss_risen(known), known[-1]
    if minimum is None or best - max(before, minimum.accuracy) < NOTICEABLE:
        return ""
    return (
        f"The validation loss rises, from {_loss(minimum.loss)} after epoch {_epochs(minimum.number)} to "
        f"{_loss(last.loss)}, while the validation accuracy still climbs, from {_percent(minimum.accuracy)} to "
        f"{_percent(best)}: it is right more often, but ever surer where it is wrong. By the loss it overfits, "
        "by the accuracy not yet."
    )


def _overfitting(known: list[_Epoch], plan: _Plan) -> str:
    minimum, last = _loss_risen(known), known[-1]
    if minimum is None:
        return ""
    return (
        f"Overfitting since epoch {_epochs(minimum.number)}: the training loss fell from "
        f"{_loss(minimum.train_loss)} to {_loss(last.train_loss)} since then, the validation loss rose from "
        f"{_loss(minimum.loss)} to {_loss(last.loss)}; training accuracy is now "
        f"{_percent(last.train_accuracy)}, validation {_percent(last.accuracy)}, a gap of {_gap(last)} points."
        f"{' It knows its training pictures by heart.' * (last.train_accuracy >= BY_HEART)}"
    )


def _gap(last: _Epoch) -> str:
    """How much better training images are read, in points: the difference of what is said of the two."""
    return f"{round(100 * last.train_accuracy, 1) - round(100 * last.accuracy, 1):.1f}"


def _improving(known: list[_Epoch], plan: _Plan) -> str:
    (before, best), window = _window(known), min(WINDOW, len(known) - 1)
    last = known[-1]
    gone = last.accuracy < best - NOTICEABLE and last.accuracy < last.train_accuracy - GAP[1]
    passed = gone and last.train_accuracy >= BY_HEART
    if best - before < NOTICEABLE or _fallen(known) or passed:
        return ""
    count = last.number - known[-1 - window].number
    span = f"{_epochs(count)} epochs" if count > 1 else "epoch"
    left = plan.epochs - last.number
    more = f"{_epochs(left)} of {plan.epochs} are left" if left > 0 else "more epochs may help"
    return (
        f"Still improving: the best validation accuracy rose from {_percent(before)} to {_percent(best)} "
        f"over the last {span}; {more}." + _remark(last)
    )


def _window(known: list[_Epoch]) -> tuple[float, float]:
    """The best accuracy before the last few epochs, and of all."""
    window = min(WINDOW, len(known) - 1)
    before, best = (max(e.accuracy for e in part) for part in (known[:-window], known))
    return before, best


def _by_heart(known: list[_Epoch], plan: _Plan) -> str:
    last = known[-1]
    gap, (small, large) = last.train_accuracy - last.accuracy, GAP
    if gap < (small if last.train_accuracy >= BY_HEART else large):
        return ""
    knows = (
        "It knows its training pictures by heart"
        if last.train_accuracy >= BY_HEART
        else "It overfits its training pictures"
    )
    return (
        f"{knows}: it reads {_percent(last.train_accuracy)} of them, but {_percent(last.accuracy)} of the "
        f"validation pictures, a gap of {_gap(last)} points. More pictures, augmentation or dropout may "
        "narrow it; more epochs will not."
    )


def _unsteady(known: list[_Epoch], plan: _Plan) -> str:
    since, lowest, highest = _level(known)
    if (highest - lowest) / 2 <= max(REMARKABLE, UNSTEADY * (1 - highest)):
        return ""
    return (
        f"Unsteady since epoch {_epochs(since)}: the validation accuracy moves between {_percent(lowest)} "
        f"and {_percent(highest)}; a smaller learning rate may steady it."
    )


def _underfitting(known: list[_Epoch], plan: _Plan) -> str:
    (since, _, highest), last = _level(known), known[-1]
    if max(highest, last.train_accuracy) > plan.baseline:
        return ""
    return (
        f"Underfitting: flat since epoch {_epochs(since)}, and even of the training pictures only "
        f"{_percent(last.train_accuracy)} are read (validation {_percent(last.accuracy)}); "
        "try a larger network or another learning rate."
    )


def _flat(known: list[_Epoch], plan: _Plan) -> str:
    since, lowest, highest = _level(known)
    off = ceil(500 * (highest - lowest) - 1e-6) / 10  # in points, never too few
    near = f"stays within {off:.1f} points of" if off else "stays at"
    return (
        f"Flat since epoch {_epochs(since)}: the validation accuracy {near} {_percent((lowest + highest) / 2)}."
        + _remark(known[-1])
    )


RULES: dict[str, Callable[[list[_Epoch], _Plan], str]] = {
    "not learning": _not_learning,
    "early": _early,
    "collapsed": _collapsed,
    "loss rises": _surer_not_righter,
    "overfitting": _overfitting,
    "improving": _improving,
    "unsteady": _unsteady,
    "by heart": _by_heart,
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
