"""Photographs of digits, made by arithmetic: paper, light, lines, a table, a box, axes, an edge with a speck.

A kind is one function: (digit, a random generator) -> uint8 [height, width, 3] or [height, width].
"""

import io
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage
from skimage.morphology import skeletonize

from core.data import datasets, synthetic_digits
from core.ink.preprocessing import sketch

HEIGHT, WIDTH = 800, 600
INKS = ((30, 30, 35), (35, 50, 130), (25, 30, 60), (60, 60, 70))
PAPERS = ((235, 228, 215), (225, 222, 225), (238, 238, 210), (240, 240, 240))

Kind = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def photographs(kind: str, count: int, seed: int = 0) -> Iterator[tuple[np.ndarray, int]]:
    """Return images of one of KINDS and what each shows: pen-drawn forms and MNIST's test digits by turns."""
    for n in range(count):
        rng = np.random.default_rng((seed, n))
        ink, label = _form(rng) if n % 2 else _mnist(rng)
        yield KINDS[kind](ink, rng), label


@cache
def _tested() -> tuple[np.ndarray, np.ndarray]:
    data = datasets.mnist()
    return data.x_test, data.y_test


def _mnist(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """One of MNIST's test digits, as it is or gone over with a thin pen: float32 [h, w], 0 = paper, 1 = ink."""
    images, labels = _tested()
    n = int(rng.integers(len(images)))
    rows, columns = (np.flatnonzero((images[n] > 100).any(axis)) for axis in (1, 0))
    cut = images[n][rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    zoom = rng.uniform(170, 340) / max(cut.shape)
    small = Image.fromarray(np.pad(cut, 2))
    large = small.resize((round(small.width * zoom), round(small.height * zoom)), Image.Resampling.BICUBIC)
    ink = np.clip((np.asarray(large, np.float32) / 255 - 0.35) / 0.3, 0, 1)
    if rng.random() < 0.6:
        away = ndimage.distance_transform_edt(~skeletonize(ink > 0.5)).astype(np.float32)
        ink = np.clip(rng.uniform(3.5, 6) + 0.5 - away, 0, 1)
    return _trimmed(ink), int(labels[n])


def _form(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """A digit as a pen draws it, in a form that MNIST may lack."""
    strokes, label = synthetic_digits.glyph_variant(rng)
    size, brush = rng.uniform(170, 340), rng.uniform(7, 13)
    points = np.concatenate(strokes)
    low, extent = points.min(0), float(np.ptp(points, axis=0).max())
    placed = [((s - low) / extent * size + 20).astype(np.float32) for s in strokes]
    return _trimmed(sketch(placed, [brush] * len(placed), 400)), label


def _trimmed(ink: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero((ink > 0.5).any(1)), np.flatnonzero((ink > 0.5).any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


# -- what a photograph is made of


def _sheet(rng: np.random.Generator, colour=None) -> np.ndarray:
    """Paper with a grain, float32 [HEIGHT, WIDTH, 3], 0..255."""
    colour = PAPERS[rng.integers(len(PAPERS))] if colour is None else colour
    grain = ndimage.zoom(rng.normal(0, 1, (HEIGHT // 40, WIDTH // 40)), 40, order=1)
    return np.float32(colour) + 1.5 * grain[..., None].astype(np.float32)


def _write(sheet: np.ndarray, ink: np.ndarray, rng: np.random.Generator, at=None, colour=None, strength=0.9):
    """Put ink of a colour onto the sheet: anywhere with a margin, or at (top, left)."""
    colour = np.float32(INKS[rng.integers(len(INKS))] if colour is None else colour)
    height, width = ink.shape
    free = HEIGHT - height, WIDTH - width
    top, left = at or (int(rng.integers(60, n - 60)) for n in free)
    part = sheet[top : top + height, left : left + width]
    part += strength * ink[: part.shape[0], : part.shape[1], None] * (colour - part)
    return top, left


def _light(sheet: np.ndarray, rng: np.random.Generator, fall=0.25) -> np.ndarray:
    """A lamp at a side."""
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    return sheet * (1 - fall * (along + 1) / 2 - 0.08 * (x * x + y * y))[..., None]


def _camera(picture: np.ndarray, rng: np.random.Generator, noise=3.0) -> np.ndarray:
    """Blur, noise and JPEG."""
    noisy = picture + rng.normal(0, noise, picture.shape[:2])[..., None]
    image = Image.fromarray(np.uint8(noisy.clip(0, 255)))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 1.4)))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=85)
    return np.asarray(Image.open(data))


def _half_plane(rng: np.random.Generator, soft: float, at: tuple[float, float] | None = None) -> np.ndarray:
    """float32 [HEIGHT, WIDTH], 0 on one side of a line through about the middle and 1 on the other."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    middle = at or (rng.uniform(0.35, 0.65) * HEIGHT, rng.uniform(0.35, 0.65) * WIDTH)
    along = np.cos(angle) * (x - middle[1]) + np.sin(angle) * (y - middle[0])
    return np.clip(along / soft + 0.5, 0, 1)


def _lines(sheet, rng, gap: float, colour, strength: float, upright: bool = False) -> None:
    """Ruled lines, a little tilted."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    tilt = rng.uniform(-0.05, 0.05)
    along = (x + tilt * y if upright else y + tilt * x) + rng.uniform(0, gap)
    line = np.clip(rng.uniform(1.4, 1.9) - np.abs((along + gap / 2) % gap - gap / 2), 0, 1) * strength
    sheet += line[..., None] * (np.float32(colour) - sheet)


# -- the kinds


def plain(ink, rng):
    sheet = _sheet(rng)
    _write(sheet, ink, rng)
    return _camera(_light(sheet, rng), rng)


def hard_shadow(ink, rng):
    """The edge of a shadow runs through the digit."""
    sheet = _sheet(rng)
    top, left = _write(sheet, ink, rng)
    at = (top + ink.shape[0] * rng.uniform(0.3, 0.7), left + ink.shape[1] * rng.uniform(0.3, 0.7))
    dark = _half_plane(rng, rng.uniform(8, 30), at) * rng.uniform(0.35, 0.55)
    return _camera(_light(sheet, rng, 0.1) * (1 - dark[..., None]), rng)


def soft_shadow(ink, rng):
    sheet = _sheet(rng)
    _write(sheet, ink, rng)
    dark = _half_plane(rng, rng.uniform(150, 500)) * rng.uniform(0.5, 0.8)
    return _camera(_light(sheet, rng, 0.3) * (1 - dark[..., None]), rng)


def between_lines(ink, rng):
    """Lines so far apart that the digit stands between two of them."""
    sheet = _sheet(rng)
    gap = ink.shape[0] + 50
    _lines(sheet, rng, gap, (110, 140, 190), rng.uniform(0.7, 1))
    rows = sheet[:, WIDTH // 2].mean(1)
    first = int(np.argmin(rows[: int(gap)]))
    at = first + 25, int(rng.integers(60, WIDTH - ink.shape[1] - 60))
    _write(sheet, ink, rng, at)
    return _camera(_light(sheet, rng, 0.15), rng)


def ruled(ink, rng):
    """Lines run through the digit."""
    sheet = _sheet(rng)
    _lines(sheet, rng, rng.uniform(45, 90), (95, 125, 185), rng.uniform(0.7, 1))
    _write(sheet, ink, rng)
    return _camera(_light(sheet, rng, 0.15), rng)


def squared(ink, rng):
    sheet = _sheet(rng)
    gap = rng.uniform(35, 60)
    for upright in (False, True):
        _lines(sheet, rng, gap, (130, 155, 180), rng.uniform(0.6, 1), upright)
    _write(sheet, ink, rng)
    return _camera(_light(sheet, rng, 0.15), rng)


def on_a_table(ink, rng):
    """A sheet on a wooden table, of which one or more sides are seen."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    grain = np.sin(y / rng.uniform(2, 6) + 2 * np.sin(x / 90)) + rng.normal(0, 1, (HEIGHT, 1))
    table = np.float32((95, 60, 40)) + 9 * grain[..., None]
    sheet = _sheet(rng)
    _write(sheet, ink, rng, (int(rng.integers(200, 260)), int(rng.integers(110, 190))))
    paper, tilt = np.ones((HEIGHT, WIDTH), bool), rng.uniform(-0.12, 0.12)
    edges = (y + tilt * x > rng.uniform(60, 160), y + tilt * x < HEIGHT - rng.uniform(60, 160))
    edges += (x - tilt * y > rng.uniform(20, 70), x - tilt * y < WIDTH - rng.uniform(20, 70))
    for edge in rng.choice(4, int(rng.integers(1, 5)), replace=False):
        paper &= edges[edge]
    return _camera(_light(np.where(paper[..., None], sheet, table), rng, 0.15), rng)


def in_a_box(ink, rng):
    """A form's field, with or without words above it."""
    sheet = np.full((HEIGHT, WIDTH, 3), 252, np.float32)
    top, left = _write(sheet, ink, rng, colour=(40, 60, 150))
    (height, width), margin = ink.shape, int(rng.integers(14, 50))
    image = Image.fromarray(np.uint8(sheet))
    draw = ImageDraw.Draw(image)
    box = left - margin, top - margin, left + width + margin, top + height + margin
    draw.rectangle(box, outline=(60,) * 3, width=int(rng.integers(2, 5)))
    if rng.random() < 0.5:
        draw.text((box[0], box[1] - 28), "Quantity:", fill=(40, 40, 40), font_size=20)
    turned = image.rotate(rng.uniform(-2, 2), fillcolor=(252,) * 3, resample=Image.Resampling.BICUBIC)
    return _camera(np.asarray(turned, np.float32), rng, 1.5)


def in_axes(ink, rng):
    """A figure as plotting libraries make it: a frame, ticks outwards, numbers beside them."""
    image = Image.new("L", (640, 480), 255)
    small = Image.fromarray(np.uint8(255 - 255 * ink)).resize(
        [max(1, round(s * 20 / max(ink.shape))) for s in ink.shape[::-1]], Image.Resampling.BOX
    )
    field = Image.new("L", (28, 28), 255)
    field.paste(small, ((28 - small.width) // 2, (28 - small.height) // 2))
    side, (left, top) = 369, (142, 57)
    image.paste(field.resize((side, side), Image.Resampling.NEAREST), (left, top))
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, left + side, top + side), outline=40)
    for n in range(0, 28, 5):
        at = round((n + 0.5) * side / 28)
        draw.line((left + at, top + side, left + at, top + side + 4), fill=0)
        draw.line((left - 4, top + at, left, top + at), fill=0)
        draw.text((left + at, top + side + 6), str(n), fill=0, font_size=11, anchor="mt")
        draw.text((left - 7, top + at), str(n), fill=0, font_size=11, anchor="rm")
    return np.repeat(np.asarray(image)[..., None], 3, 2)


def at_the_edge(ink, rng):
    """The digit touches the image's edge, and a speck lies elsewhere."""
    side = max(500, max(ink.shape) + 120)
    sheet = np.full((side, side), 236, np.float32) + rng.normal(0, 3, (side, side))
    height, width = ink.shape
    free = side - height, side - width
    top, left = (int(rng.integers(40, n - 40)) for n in free)
    where = int(rng.integers(4))
    top, left = ((0, left), (free[0], left), (top, 0), (top, free[1]))[where]
    sheet[top : top + height, left : left + width] -= 190 * ink
    clear = ndimage.distance_transform_edt(sheet > 150)
    spots = np.argwhere(clear[20:-20, 20:-20] > 40) + 20
    y, x = spots[rng.integers(len(spots))]
    yy, xx = np.mgrid[:side, :side]
    sheet[(yy - y) ** 2 + (xx - x) ** 2 < rng.uniform(7, 11) ** 2] = 45
    return np.uint8(ndimage.gaussian_filter(sheet, 1).clip(0, 255))


def shine_through(ink, rng):
    """What is on the back of the page can be seen."""
    sheet = _sheet(rng)
    for _ in range(2):
        other, _ = _form(rng)
        _write(sheet, other[:, ::-1], rng, strength=rng.uniform(0.08, 0.16))
    _write(sheet, ink, rng)
    return _camera(_light(sheet, rng, 0.15), rng)


def on_a_whiteboard(ink, rng):
    """Green, red or blue, beside what was not wiped well, with a lamp's reflection."""
    sheet = _sheet(rng, (205, 208, 212))
    other, _ = _form(rng)
    _write(sheet, other, rng, strength=rng.uniform(0.08, 0.15))
    colours = ((20, 120, 60), (180, 40, 40), (40, 50, 130))
    top, left = _write(sheet, ink, rng, colour=colours[rng.integers(3)], strength=0.8)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    shine = np.exp(-((x - left - ink.shape[1] / 2) ** 2 + (y - top) ** 2) / (2 * 60**2))
    lit = _light(sheet, rng, 0.3)
    return _camera(lit + 0.6 * shine[..., None] * (250 - lit), rng)


def on_a_note(ink, rng):
    """Coloured paper, ink in another colour that is hardly darker."""
    papers = (235, 205, 60), (175, 140, 85), (240, 160, 180)
    inks = (60, 50, 40), (170, 40, 40), (40, 60, 150)
    which = int(rng.integers(3))
    sheet = _sheet(rng, papers[which])
    _write(sheet, ink, rng, colour=inks[which])
    return _camera(_light(sheet, rng, 0.3), rng)


def on_a_note_on_a_table(ink, rng):
    """The note is a sixth of the image, or less."""
    grain = np.sin(np.mgrid[:HEIGHT, :WIDTH][0] / rng.uniform(2, 8)) + rng.normal(0, 0.5, (HEIGHT, WIDTH))
    tables = (110, 70, 45), (60, 60, 75), (30, 55, 90)
    table = np.float32(tables[rng.integers(3)]) + 6 * grain[..., None]
    small = Image.fromarray(np.uint8(255 * ink)).resize(
        [max(1, n * 110 // max(ink.shape)) for n in ink.shape[::-1]]
    )
    papers = (250, 235, 110), (255, 180, 200), (245, 245, 240)
    sheet = _sheet(rng, papers[rng.integers(3)])
    top, left = _write(sheet, np.float32(small) / 255, rng, colour=(35, 50, 130))
    middle = np.array([top + small.height / 2, left + small.width / 2])
    angle = np.radians(rng.uniform(-12, 12))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    away = np.einsum("ij,jhw->ihw", turn, np.mgrid[:HEIGHT, :WIDTH] - middle[:, None, None])
    note = np.clip(rng.uniform(85, 125) + 0.5 - np.abs(away).max(0), 0, 1)[..., None]
    return _camera(_light(table + note * (sheet - table), rng, 0.2), rng)


def on_a_blackboard(ink, rng):
    """White chalk, and a hard shadow."""
    sheet = _sheet(rng, (45, 62, 52))
    _write(sheet, ink, rng, colour=(215, 215, 210), strength=0.75)
    dark = _half_plane(rng, 20) * 0.35
    return _camera(_light(sheet, rng, 0.2) * (1 - dark[..., None]), rng)


def with_a_finger(ink, rng):
    """A finger over a corner or a side of the image."""
    sheet = _sheet(rng)
    _write(sheet, ink, rng)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    at = (rng.choice([0, HEIGHT]), rng.uniform(0, WIDTH))
    near = ((y - at[0]) / rng.uniform(45, 60)) ** 2 + ((x - at[1]) / rng.uniform(35, 60)) ** 2
    finger = np.clip((1.1 - near) * 5, 0, 1)[..., None]
    return _camera(_light(sheet + finger * (np.float32((200, 140, 115)) - sheet), rng, 0.2), rng)


KINDS: dict[str, Kind] = {
    "plain": plain,
    "hard shadow": hard_shadow,
    "soft shadow": soft_shadow,
    "between lines": between_lines,
    "ruled": ruled,
    "squared": squared,
    "on a table": on_a_table,
    "in a box": in_a_box,
    "in axes": in_axes,
    "at the edge": at_the_edge,
    "shine through": shine_through,
    "on a whiteboard": on_a_whiteboard,
    "on a note": on_a_note,
    "on a note on a table": on_a_note_on_a_table,
    "on a blackboard": on_a_blackboard,
    "with a finger": with_a_finger,
}
