"""Classes of somebody's own: names, and drawings of each; as one file, and with examples to begin with.

    {"name": "Shapes", "classes": ["heart", "star"],
     "drawings": [{"class": "heart", "strokes": [[[x, y], ...], ...]}, ...]}

is the file, JSON: read as carefully as any other. Of images, "of": "images" stands beside the name, and
"image" in the place of "strokes": 32 x 32 x 3 bytes, red, green and blue, as base64.
"""

import base64
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from core.data.datasets import KINDS
from core.data.pen_paths import arc, curve, distort, line
from core.ink import files
from core.ink.files import BadInput
from core.records import DigitImage, Drawing
from core.words import counted, printable

CLASSES = (2, 20)  # least and most
LONGEST = 24  # letters of a name
PROMPTED = 5  # drawings of each class that are asked for at first
MAX_OF_EACH = 30
MAX_BYTES = 5_000_000
_POINTS = 2_000  # of one drawing
_BESIDES = 20  # characters at most beside a drawing in the file
SHAPE = KINDS["cifar10"].shape  # of an image


@dataclass(frozen=True)
class Example:
    """One drawing or image. label: the place of its class. strokes: what the file says of it, as JSON."""

    label: int
    strokes: str


@dataclass(frozen=True)
class OwnClasses:
    """name: of them all together. classes: their names, in order. id: as stored, 0 before.

    of_images: are they of images in colour, in place of drawings?
    """

    name: str
    classes: tuple[str, ...]
    examples: tuple[Example, ...] = ()
    id: int = 0
    of_images: bool = False

    @property
    def counts(self) -> list[int]:
        """How many drawings of each class there are."""
        found = Counter(example.label for example in self.examples)
        return [found[label] for label in range(len(self.classes))]

    @property
    def next(self) -> int | None:
        """The class that is to be drawn next: the first of which there are fewest; None where none is full."""
        least = min(self.counts)
        return None if least >= MAX_OF_EACH else self.counts.index(least)

    @property
    def trainable(self) -> bool:
        """Are there drawings of two classes at least?"""
        return sum(count > 0 for count in self.counts) >= CLASSES[0]

    def with_drawing(self, label: int, drawing: Drawing) -> "OwnClasses":
        """Return these with one drawing more. Raises BadInput where the class is full."""
        if sum(map(len, drawing.strokes)) > _POINTS:
            raise BadInput(f"This drawing has too many points; at most {_POINTS:,} are kept of one.")
        return self._with(Example(label, files.write_drawing(drawing).decode()))

    def with_image(self, label: int, pixels: np.ndarray) -> "OwnClasses":
        """The same with one image more: uint8 [32, 32, 3]."""
        return self._with(Example(label, json.dumps({"image": base64.b64encode(pixels.tobytes()).decode()})))

    def _with(self, example: Example) -> "OwnClasses":
        if self.counts[example.label] >= MAX_OF_EACH:
            name, noun = self.classes[example.label], self.noun
            raise BadInput(
                f"There are {MAX_OF_EACH} {noun}s of {name} already, which is the most; take another class, or "
                "take one away."
            )
        found = replace(self, examples=(*self.examples, example))
        if found._bytes > MAX_BYTES:
            raise BadInput(
                f"Together these {self.noun}s have more than {MAX_BYTES / 1e6:.0f} MB, which is what a file of "
                "them may have; take one away, or use fewer strokes."
            )
        return found

    @property
    def _bytes(self) -> int:
        """As many as the file has at most: what is taken away can be brought back."""
        quoted = [len(json.dumps(name)) for name in self.classes]
        each = (len(example.strokes) + quoted[example.label] + _BESIDES for example in self.examples)
        return sum(each) + sum(quoted) + len(json.dumps(self.name)) + 10 * _BESIDES

    @property
    def noun(self) -> str:
        """What an example is: 'image' or 'drawing'."""
        return "image" if self.of_images else "drawing"

    def without(self, example: Example) -> "OwnClasses":
        """Return these without this drawing, of equal ones without the last; as they are where it is gone."""
        if example not in self.examples:
            return self
        place = len(self.examples) - 1 - self.examples[::-1].index(example)
        return replace(self, examples=self.examples[:place] + self.examples[place + 1 :])

    def images(self) -> tuple[np.ndarray, np.ndarray]:
        """(float32 [n, 28, 28], 0 = paper, 1 = ink, or [n, 32, 32, 3], 0..1; int [n] labels)."""
        if not self.examples:
            return np.zeros((0, *(SHAPE if self.of_images else (28, 28))), np.float32), np.zeros(0, int)
        made = _colours if self.of_images else _pixels
        pixels = np.stack([made(example.strokes) for example in self.examples])
        return pixels, np.array([example.label for example in self.examples])


@lru_cache(4_000)
def _pixels(strokes: str) -> np.ndarray:
    image = files.to_digit_image(files.read_drawing(strokes.encode()))
    assert isinstance(image, DigitImage)  # `with_drawing` and `read` take no empty ones
    return image.pixels


@lru_cache(4_000)
def _colours(image: str) -> np.ndarray:
    data = base64.b64decode(json.loads(image)["image"])
    return np.frombuffer(data, np.uint8).reshape(SHAPE).astype(np.float32) / 255


def names(text: str) -> tuple[str, ...]:
    """'heart, star' -> ('heart', 'star'). Raises BadInput for what cannot be the names of classes."""
    found = tuple(" ".join(part.split()) for part in text.replace("\n", ",").split(","))
    return check_names([name for name in found if name])


def check_names(found: Sequence[Any]) -> tuple[str, ...]:
    """Return the names, or raise BadInput."""
    if not all(isinstance(name, str) and name and printable(name) == name for name in found):
        raise BadInput("A class's name is no plain text; accepted are letters, digits and signs.")
    if not CLASSES[0] <= len(found) <= CLASSES[1]:
        said = counted(len(found), "name")
        raise BadInput(
            f"There {'is' if len(found) == 1 else 'are'} {said}; {CLASSES[0]} to {CLASSES[1]} are "
            "accepted, with commas between them."
        )
    if long := [name for name in found if len(name) > LONGEST]:
        raise BadInput(f"'{long[0][:40]}' has {len(long[0])} letters; a class's name has {LONGEST} at most.")
    lower = [name.casefold() for name in found]
    if twice := [name for name in found if lower.count(name.casefold()) > 1]:
        raise BadInput(f"'{twice[0]}' is there twice; each class needs a name of its own.")
    return tuple(found)


# -- as a file


def write(own: OwnClasses) -> bytes:
    """Return the file."""
    drawn = [{"class": own.classes[example.label], **json.loads(example.strokes)} for example in own.examples]
    of = {"of": "images"} if own.of_images else {}
    return json.dumps({"name": own.name, **of, "classes": own.classes, "drawings": drawn}).encode()


def read(data: bytes) -> OwnClasses:
    """Return what a file holds. Raises BadInput."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise BadInput("This is no file of classes: it is not valid JSON.") from None
    if not isinstance(content, dict) or not isinstance(content.get("classes"), list):
        raise BadInput('This is no file of classes: expected {"classes": ["heart", ...], "drawings": [...]}.')
    classes = check_names(content["classes"])
    drawn = content.get("drawings", [])
    if not isinstance(drawn, list) or len(drawn) > MAX_OF_EACH * CLASSES[1]:
        raise BadInput(f"The drawings are no list of {MAX_OF_EACH * CLASSES[1]} at most.")
    name = printable(content.get("name"), 60) or ", ".join(classes)[:60]
    own = OwnClasses(name, classes, of_images=content.get("of") == "images")
    for number, item in enumerate(drawn, 1):
        if own.of_images:
            own = own.with_image(*_image(item, number, classes))
        else:
            own = own.with_drawing(*_drawing(item, number, classes))
    return own


def _image(item: Any, number: int, classes: tuple[str, ...]) -> tuple[int, np.ndarray]:
    """One of the file's images, uint8 [32, 32, 3], and the place of its class."""
    label = _label(item, number, classes)
    said = item.get("image")
    try:
        data = base64.b64decode(said, validate=True) if isinstance(said, str) else b""
    except ValueError:
        data = b""
    if len(data) != prod(SHAPE):
        raise BadInput(f"Image {number} cannot be taken: expected {prod(SHAPE):,} bytes as base64.")
    return label, np.frombuffer(data, np.uint8).reshape(SHAPE)


def _drawing(item: Any, number: int, classes: tuple[str, ...]) -> tuple[int, Drawing]:
    """One of the file's drawings, and the place of its class."""
    label = _label(item, number, classes)
    try:
        drawing = files.to_drawing(item)
        if files.to_digit_image(drawing) is None:
            raise BadInput("it holds no ink")
    except BadInput as error:
        raise BadInput(f"Drawing {number} cannot be taken: {error}") from None
    return label, drawing


def _label(item: Any, number: int, classes: tuple[str, ...]) -> int:
    name = item.get("class") if isinstance(item, dict) else None
    if name not in classes:
        said = printable(name, 40) or "nothing"
        raise BadInput(f"Drawing {number} is of the class {said!r}; there are {', '.join(classes)}.")
    return classes.index(name)


# -- examples to begin with


def _polygon(*corners: tuple[float, float]) -> list[np.ndarray]:
    return [line(*corners, corners[0])]


def _star() -> list[np.ndarray]:
    angles = -np.pi / 2 + 4 * np.pi / 5 * np.arange(6)
    return [line(*zip(0.5 + 0.5 * np.cos(angles), 0.5 + 0.5 * np.sin(angles), strict=True))]


def _heart() -> list[np.ndarray]:
    left = [(0.5, 0.3), (0.3, 0.05), (0.05, 0.2), (0.12, 0.55), (0.5, 1.0)]
    right = [(1 - x, y) for x, y in reversed(left[:-1])]
    return [curve(*left, *right)]


# name: (class, its strokes, about 0..1) pairs. A new one is one entry.
EXAMPLES: dict[str, dict[str, Callable[[], list[np.ndarray]]]] = {
    "Shapes": {
        "circle": lambda: [arc(0.5, 0.5, 1, 1, -0.25)],
        "square": lambda: _polygon((0, 0), (1, 0), (1, 1), (0, 1)),
        "triangle": lambda: _polygon((0.5, 0), (1, 0.9), (0, 0.9)),
        "star": _star,
        "heart": _heart,
    },
    "Letters": {
        "A": lambda: [line((0, 1), (0.5, 0), (1, 1)), line((0.2, 0.65), (0.8, 0.65))],
        "B": lambda: [
            line((0, 0), (0, 1)),
            curve((0, 0), (0.6, 0.08), (0.6, 0.4), (0, 0.48)),
            curve((0, 0.48), (0.75, 0.58), (0.7, 0.95), (0, 1)),
        ],
        "C": lambda: [arc(0.5, 0.5, 0.9, 1, -0.1, -0.8)],
        "D": lambda: [line((0, 0), (0, 1)), curve((0, 0), (0.65, 0.15), (0.65, 0.85), (0, 1))],
        "E": lambda: [line((0.7, 0), (0, 0), (0, 1), (0.7, 1)), line((0, 0.5), (0.6, 0.5))],
    },
    "Signs": {
        "plus": lambda: [line((0.5, 0), (0.5, 1)), line((0, 0.5), (1, 0.5))],
        "minus": lambda: [line((0, 0.5), (1, 0.5))],
        "times": lambda: [line((0, 0), (1, 1)), line((1, 0), (0, 1))],
        "equals": lambda: [line((0, 0.35), (1, 0.35)), line((0, 0.65), (1, 0.65))],
    },
}


def example(name: str, of_each: int = 6, seed: int = 0) -> OwnClasses:
    """Return classes with drawings of arithmetic's own hand. name: a key of EXAMPLES."""
    own, rng = OwnClasses(name, tuple(EXAMPLES[name])), np.random.default_rng(seed)
    for label, make in enumerate(EXAMPLES[name].values()):
        for _ in range(of_each):
            strokes = [170 + 200 * stroke.astype(np.float32) for stroke in distort(make(), rng)]
            own = own.with_drawing(label, Drawing(tuple(s.astype(np.float32).round(1) for s in strokes)))
    return own
