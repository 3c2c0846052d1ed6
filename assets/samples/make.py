"""Make the sample pictures to click on: python -m assets.samples.make

Photographs of digits, by the arithmetic of the tests' photographs: paper, light, lines, a camera's noise. The
digits are drawn by `core.data.synthetic_digits`; none is MNIST's, and none was drawn by a person. And painted
scenes of CIFAR-10's ten things (`scenes.py`).
"""

from pathlib import Path

import numpy as np
from PIL import Image

from assets.samples.scenes import SCENES
from tests import photographs

HERE = Path(__file__).parent
SIZE = (450, 600)
# What each shows, and where it stands: a key of photographs.KINDS.
DIGITS = (
    (7, "soft shadow"),
    (4, "ruled"),
    (2, "on a note"),
    (5, "on a whiteboard"),
    (9, "squared"),
    (3, "on a blackboard"),
    (8, "on a table"),
    (6, "in a box"),
)
OF_EACH = 2  # painted scenes; the first two, whatever a network takes them for


def main() -> None:
    for number, (thing, scene) in enumerate(SCENES.items()):
        for n in range(OF_EACH):
            image = scene(np.random.default_rng((3, number, n)))
            (HERE / "pictures").mkdir(exist_ok=True)
            image.save(HERE / "pictures" / f"{thing}-{n + 1}.jpg", quality=88)
    folder = HERE / "digits"
    folder.mkdir(exist_ok=True)
    for digit, kind in DIGITS:
        image = Image.fromarray(photograph(digit, kind)).resize(SIZE, Image.Resampling.LANCZOS)
        image.save(folder / f"{digit}-{kind.replace(' ', '-')}.jpg", quality=82)


def photograph(digit: int, kind: str) -> np.ndarray:
    """The first of that kind, by chance, that shows this digit: uint8 [800, 600, 3]."""
    for seed in range(1000):
        rng = np.random.default_rng((7, seed))
        ink, label = photographs._form(rng)
        if label == digit:
            return photographs.KINDS[kind](ink, rng)
    raise LookupError(digit)


if __name__ == "__main__":
    main()
