"""What a class can be asked to do, and who has won: pure functions of what was drawn and replied.

A new task is one entry in KINDS, and what `asked` says of it; docs/architecture.md says what else it may need.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.storage.room_records import UNLABELLED, Reply, RoomDrawing, Task

DIGITS = range(10)
VOTES = 2  # classmates who have to say so, before a drawing counts as what it is meant to be
# Points: read as what it should be taken for; read as anything else; a vote with most.
FOOLED, MISLED, JUDGED = 3, 1, 1


@dataclass(frozen=True)
class Kind:
    """name: on the button. does: one sentence for the phones. draws: is there something to draw?"""

    name: str
    does: str
    draws: bool


KINDS = {
    "ten": Kind(
        "Draw the ten digits", "Draw what is asked for: together you make a test for the network.", True
    ),
    "fool": Kind("Fool the network", "Draw a {draw} that people read, and the network takes for a {as}.", True),
    "guess": Kind("Guess", "A digit appears bit by bit: who knows it first, you or the network?", False),
    "free": Kind("Free drawing", "Draw whatever you like, and see what the network makes of it.", True),
    "predict": Kind(
        "Predict", "How many percent of your digits will it read rightly after it has learnt?", False
    ),
}


def does(task: Task) -> str:
    """Return what the phones are told."""
    return KINDS[task.kind].does.format(**task.settings) if task.kind == "fool" else KINDS[task.kind].does


def asked(
    task: Task | None, in_class: Mapping[int, int], own: Mapping[int, int], last: int | None = None
) -> int:
    """Return which digit a phone is asked for now, UNLABELLED where it may draw anything.

    in_class, own: how often each digit is there. Of those that this pupil has drawn least, the one that the
    class has least of, by chance among equals, and not the one of before where there is another:

        >>> everything = dict.fromkeys(range(10), 3)
        >>> asked(None, {**everything, 4: 2}, {}), asked(None, {**everything, 4: 2}, dict.fromkeys([4], 1)) != 4
        (4, True)
    """
    if task and task.kind == "free":
        return UNLABELLED
    if task and task.kind == "fool":
        return int(task.settings["draw"])
    least = min(own.get(digit, 0) for digit in DIGITS)
    among = [digit for digit in DIGITS if own.get(digit, 0) == least and digit != last] or list(DIGITS)
    rarest = min(in_class.get(digit, 0) for digit in among)
    return random.choice([digit for digit in among if in_class.get(digit, 0) == rarest])


def fits(task: Task, label: int) -> bool:
    """May a drawing that was asked for as this have been drawn in this task? label: as `asked` says."""
    if task.kind == "fool":
        return label == int(task.settings["draw"])
    return KINDS[task.kind].draws and (label == UNLABELLED) == (task.kind == "free")


# -- Fool the network


def is_accepted(votes: Sequence[float]) -> bool | None:
    """Do most classmates say that it is what it should be? None while too few have said anything."""
    yes = sum(vote > 0 for vote in votes)
    if max(yes, len(votes) - yes) < VOTES or 2 * yes == len(votes):
        return None
    return 2 * yes > len(votes)


def points(task: Task, drawn: Sequence[RoomDrawing], replies: Sequence[Reply]) -> dict[int, int]:
    """Return {pupil: points} of a task 'fool'. A reply is a vote about a drawing: 1 for yes, 0 for no."""
    by_drawing: dict[int, list[Reply]] = {}
    for reply in replies:
        by_drawing.setdefault(reply.about, []).append(reply)
    found: Counter[int] = Counter()
    for drawing in drawn:
        votes = by_drawing.get(drawing.id, [])
        accepted = is_accepted([vote.value for vote in votes])
        if accepted is None:
            continue
        if accepted and drawing.predicted != drawing.label:
            found[drawing.pupil] += FOOLED if drawing.predicted == task.settings["as"] else MISLED
        for vote in votes:
            found[vote.pupil] += JUDGED * ((vote.value > 0) == accepted)
    return {pupil: count for pupil, count in found.items() if count}


def to_judge(drawn: Sequence[RoomDrawing], judged: Sequence[Reply]) -> RoomDrawing | None:
    """Return the next drawing of somebody else that this pupil has said nothing of, or None."""
    known = {reply.about for reply in judged}
    return next((drawing for drawing in reversed(drawn) if drawing.id not in known), None)


# -- Guess and Predict


def first_right(task: Task, replies: Sequence[Reply]) -> tuple[int | None, float | None]:
    """Return (who was right first in the present question, seconds from its start); None for nobody."""
    about, answer, began = task.settings["question"], task.settings["label"], task.settings["began"]
    right = [one for one in replies if one.about == about and int(one.value) == answer]
    if not right:
        return None, None
    best = min(right, key=lambda one: one.created)
    return best.pupil, max(0.0, best.created.timestamp() - began)


def nearest(replies: Sequence[Reply], percent: float) -> list[int]:
    """Return the pupils whose prediction lies nearest to what came out, all of them where several do."""
    if not replies:
        return []
    off = {reply.pupil: abs(reply.value - percent) for reply in replies}
    return [pupil for pupil, distance in off.items() if distance == min(off.values())]
