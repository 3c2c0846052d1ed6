"""What is known of a class: frozen records, data only."""

import zlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.ink.preprocessing import SIZE

UNLABELLED = -1  # a free drawing, of which nobody has said what it is


@dataclass(frozen=True)
class Task:
    """What all phones of a room do now. kind: a key of `core.rooms.tasks.KINDS`.

    settings: JSON-ready, such as {"draw": 4, "as": 9}. status: running, paused or ended. created: UTC.
    """

    id: int
    kind: str
    settings: dict
    status: str
    created: datetime


@dataclass(frozen=True)
class Room:
    """A class, as its teachers and its pupils see it.

    code: by which phones join. changes: counts all changes, and orders teachers' ones, which phones look for.
    expires: when all of it is deleted, UTC; None where it is kept. locked: nobody new may join. paused: no
    phone may draw. hidden: the wall shows no drawing. network: the number of what reads on all phones, as in
    `registry`.
    simulated: this computer draws as its pupils. task: the last that was started, also where it has ended.
    """

    id: int
    code: str
    created: datetime
    expires: datetime | None
    changes: int
    orders: int
    locked: bool
    paused: bool
    hidden: bool
    network: int
    simulated: bool
    task: Task | None = None

    @property
    def going(self) -> Task | None:
        """The task that the phones have now: None where it has ended, and they draw the ten digits."""
        return self.task if self.task and self.task.status != "ended" else None


@dataclass(frozen=True)
class Pupil:
    """A phone in a room. name: two words of ours. colour: '#rrggbb'. removed: their teacher took them out."""

    id: int
    name: str
    colour: str
    removed: bool = False


@dataclass(frozen=True, slots=True)  # of a class thousands are in memory
class RoomDrawing:
    """What a pupil has drawn.

    label: 0..9, what was asked for, or UNLABELLED. packed: its image, by `packed`. strokes: JSON,
    `files.write_drawing`. predicted: 0..9 by the network of that moment, None where it abstained. created: UTC.
    held_out: no network ever learns from it. task: its number, or None. network: of the one that predicted it.
    """

    id: int
    pupil: int
    task: int | None
    label: int
    packed: bytes
    strokes: str
    predicted: int | None
    confidence: float | None
    held_out: bool
    created: datetime
    network: int = 0

    @property
    def pixels(self) -> np.ndarray:
        """Its image, uint8 [28, 28], 0 = paper, 255 = ink; read-only, and unpacked at each look, in 4 us."""
        return np.ndarray((SIZE, SIZE), np.uint8, zlib.decompress(self.packed))


def packed(pixels: bytes) -> bytes:
    """Return an image, 784 bytes, as a drawing keeps it: some 200 bytes of a digit."""
    return zlib.compress(pixels, 1)


@dataclass(frozen=True)
class Reply:
    """A pupil's answer. about: a drawing's number, a question's, or 0. value: a number. created: UTC."""

    pupil: int
    about: int
    value: float
    created: datetime


@dataclass(frozen=True)
class Event:
    """Something that a teacher did, and may undo. kind: such as 'drawing' or 'pupil'. about: JSON-ready."""

    id: int
    kind: str
    about: dict
    created: datetime
