"""Measure how the shipped network reads photographs of digits, and write it into docs/benchmarks.md.

    python -m benchmarks.photographs --unipen-digits FILE [--pen-digits FILE] [--network FOLDER]
                                     [--development] [--count 100] [--sheet FILE]

The photographs are made: a digit by a held-out writer is written on paper or a board, lit, and taken by a
camera, of which every part is drawn by chance from a seed. Each is a file, as a visitor would upload it.
"""

import argparse
import datetime
import io
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from benchmarks.numbers import OUT, PEN_WRITERS, writers
from core.data.pen_files import PenDigit
from core.ink import files
from core.models import networks
from core.models.classifiers import Classifier

SIDES = (600, 1600)  # pixels of a photograph's longer side
MARGIN, MUCH_MARGIN = 0.25, 0.5  # of the paper around what the camera sees, as a fraction of the longer side
SIZES = (0.22, 0.6)  # of a digit, as a fraction of the photograph's shorter side
# Widths of a pen as fractions of the longer side: one pixel in 1,600 is the thinnest.
HAIR, BALLPOINT, FELT, MARKER = (1 / 1600, 1 / 600), (1 / 450, 1 / 160), (1 / 200, 1 / 80), (1 / 80, 1 / 28)
SMOOTH = 1.6  # hundredths of the digit's size
TILT, MUCH_TILT = 3.0, 15.0  # degrees to either side

PAPERS = ((246, 244, 238), (238, 234, 224), (250, 250, 250), (232, 233, 236), (244, 240, 222))
COLOURED = ((250, 226, 96), (250, 176, 196), (170, 220, 168), (164, 206, 238), (200, 164, 118), (248, 184, 110))
INKS = ((28, 30, 38), (30, 48, 132), (22, 26, 84), (68, 68, 74), (156, 32, 40), (24, 96, 62), (92, 40, 120))
LINES = ((128, 168, 214), (150, 150, 156), (222, 140, 150), (130, 190, 150), (170, 150, 205), (214, 168, 110))
MARKERS = ((24, 26, 32), (28, 60, 160), (190, 36, 44), (20, 128, 72))
BOARDS = ((44, 74, 58), (38, 42, 46), (30, 52, 44), (58, 66, 74))
CHALKS = ((238, 238, 232), (244, 232, 150), (244, 190, 200), (176, 214, 240))
TABLES = ((112, 74, 46), (62, 44, 34), (150, 112, 74), (48, 52, 58), (136, 140, 146), (176, 152, 120))

Rng = np.random.Generator


def _rgb(colour: Sequence[float]) -> np.ndarray:
    return np.asarray(colour, np.float32)


@dataclass
class Scene:
    """What lies before the camera, and which part of it is seen.

    colours: float32 [h, w, 3], 0..255. frame: height and width of the photograph. ink: float32 [h, w], 0..1,
    where the digit was written. box: left, top, right, bottom of the digit. pen: its width in pixels.
    """

    colours: np.ndarray
    frame: tuple[int, int]
    margin: int
    ink: np.ndarray
    box: tuple[float, float, float, float]
    pen: float

    @property
    def height(self) -> float:
        """Of the digit, in pixels."""
        return max(self.box[3] - self.box[1], 0.5 * (self.box[2] - self.box[0]))


def photographs(digits: Sequence[PenDigit], kind: str, count: int, seed: int) -> Iterator[tuple[bytes, int]]:
    """Yield (an image file, its digit) of one of KINDS, the digits in turn, each by any of its writers."""
    by_digit = [[d for d in digits if d.digit == label] for label in range(10)]
    for n in range(count):
        rng = np.random.default_rng((seed, list(KINDS).index(kind), n))
        own = by_digit[n % 10]
        yield KINDS[kind](own[int(rng.integers(len(own)))].strokes, rng), n % 10


# -- what lies before the camera


def _scene(
    strokes: Sequence[np.ndarray],
    rng: Rng,
    pen: tuple[float, float],
    sides=SIDES,
    sizes=SIZES,
    around=MARGIN,
    at_edge=False,
) -> Scene:
    """Place a digit; nothing is painted yet."""
    long = int(rng.integers(*sides))
    short = int(long * rng.choice([0.75, 0.75, 1.0, 9 / 16]))
    frame = (long, short) if rng.random() < 0.6 else (short, long)
    margin = int(around * long)
    points = np.concatenate(strokes)
    low, extent = points.min(0), np.ptp(points, axis=0)
    width = max(rng.uniform(*pen) * long, 1.0)
    zoom = rng.uniform(*sizes) * short / max(extent.max(), 1e-6)
    size = extent * zoom
    free = np.array(frame[::-1]) - size
    pad = np.minimum(0.07 * long + width, free / 2)
    at = rng.uniform(pad, free - pad)
    if at_edge:
        axis, far = int(rng.integers(2)), int(rng.integers(2))
        at[axis] = free[axis] - width / 2 if far else width / 2
    placed = [
        _smooth((np.asarray(s, np.float64) - low) * zoom, extent.max() * zoom) + at + margin for s in strokes
    ]
    full = tuple(n + 2 * margin for n in frame)
    ink = _written(placed, width, full, rng)
    (left, top), (right, bottom) = (at + margin).tolist(), (at + margin + size).tolist()
    return Scene(np.zeros((*full, 3), np.float32), frame, margin, ink, (left, top, right, bottom), width)


def _smooth(stroke: np.ndarray, size: float) -> np.ndarray:
    """A stroke without the steps of a coarse tablet: points at every hundredth of the digit's size."""
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    where = np.linspace(0, steps[-1], max(2, int(100 * steps[-1] / size)))
    path = np.stack([np.interp(where, steps, stroke[:, axis]) for axis in (0, 1)], 1)
    return ndimage.gaussian_filter1d(path, SMOOTH, axis=0, mode="nearest")


def _written(strokes: Sequence[np.ndarray], width: float, shape: tuple[int, ...], rng: Rng) -> np.ndarray:
    """Strokes as a hand presses them: float32 [h, w], the pen now wider, now narrower."""
    fine = 4 if width < 6 else 2
    points = np.concatenate(strokes)
    low, high = np.floor(points.min(0) - width - 2).astype(int), np.ceil(points.max(0) + width + 2).astype(int)
    image = Image.new("L", tuple(((high - low) * fine).tolist()))
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
        count = max(2, int(steps[-1] * fine / max(1.0, width * fine / 6)) + 1)
        where = np.linspace(0, steps[-1], count)
        path = np.stack([np.interp(where, steps, stroke[:, axis]) for axis in (0, 1)], 1)
        press = ndimage.zoom(rng.uniform(0.8, 1.15, max(3, count // 40 + 2)), count / max(3, count // 40 + 2))
        radii = width * fine / 2 * np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(press)), press)
        for (x, y), radius in zip((path - low) * fine, radii, strict=True):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    small = np.asarray(image.reduce(fine), np.float32) / 255
    ink = np.zeros(shape, np.float32)
    top, left = max(low[1], 0), max(low[0], 0)
    part = small[top - low[1] : shape[0] - low[1], left - low[0] : shape[1] - low[0]]
    ink[top : top + part.shape[0], left : left + part.shape[1]] = part
    return ink


def _cloud(shape: tuple[int, ...], grain: float, rng: Rng) -> np.ndarray:
    """Smooth noise, float32 [h, w], about -1..1, its spots `grain` pixels wide."""
    small = [max(2, int(n / grain) + 2) for n in shape[:2]]
    image = Image.fromarray(rng.normal(0, 0.5, small).astype(np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def _paper(scene: Scene, colour: Sequence[float], rng: Rng, rough: float = 1.0) -> None:
    """Paper of a colour, with fibres, spots and a few soft waves."""
    shape = scene.ink.shape
    grain = 2.2 * _cloud(shape, 2.5, rng) + 2 * _cloud(shape, 14, rng) + 3 * _cloud(shape, 160, rng)
    scene.colours = _rgb(colour) + (rough * grain)[..., None]


def _ink(scene: Scene, colour: Sequence[float], rng: Rng, strength: float, patchy: float = 0.25) -> None:
    """Lay the ink upon the paper, here thicker, there thinner."""
    uneven = 1 - patchy * np.abs(_cloud(scene.ink.shape, 2.5 + scene.pen / 3, rng))
    cover = (scene.ink * np.clip(uneven, 0, 1) * strength)[..., None]
    scene.colours += cover * (_rgb(colour) - scene.colours)


def _rule(scene: Scene, gap: float, colour, width: float, strength: float, rng: Rng, *, axis: int) -> None:
    """Printed lines, `axis` 0 lying, 1 upright."""
    length = scene.ink.shape[axis]
    along = np.arange(length, dtype=np.float32) + rng.uniform(0, gap)
    away = np.abs((along + gap / 2) % gap - gap / 2)
    line = np.clip(width / 2 + 0.5 - away, 0, 1) * strength
    line = line[:, None, None] if axis == 0 else line[None, :, None]
    scene.colours += line * (_rgb(colour) - scene.colours)


def _dots(scene: Scene, gap: float, colour, radius: float, strength: float, rng: Rng) -> None:
    y, x = (np.arange(n, dtype=np.float32) + rng.uniform(0, gap) for n in scene.ink.shape)
    away = [np.abs((n + gap / 2) % gap - gap / 2) for n in (y, x)]
    dot = np.clip(radius + 0.5 - np.hypot(away[0][:, None], away[1][None, :]), 0, 1) * strength
    scene.colours += dot[..., None] * (_rgb(colour) - scene.colours)


# -- light and camera


def _lamp(scene: Scene, rng: Rng, fall: float = 0.2, vignette: float = 0.15) -> None:
    """Light from a side, of a warm or cold colour, and darker corners."""
    height, width = scene.ink.shape
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0.3, 1) * fall * (np.cos(angle) * x + np.sin(angle) * y + 1) / 2
    light = light - rng.uniform(0.3, 1) * vignette * (x * x + y * y)
    warm = rng.uniform(-0.06, 0.06)
    tint = _rgb((1 + warm, 1, 1 - warm)) * rng.uniform(0.72, 1.0)
    scene.colours *= np.clip(light, 0.1, 1)[..., None] * tint


def _edge(scene: Scene, rng: Rng, soft: float, at: Sequence[float]) -> np.ndarray:
    """float32 [h, w], 0 on one side of a bent line through a place and 1 on the other."""
    height, width = scene.ink.shape
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)
    angle, bend = rng.uniform(0, 2 * np.pi), rng.uniform(-0.4, 0.4) / max(height, width)
    along = np.cos(angle) * (x - at[0]) + np.sin(angle) * (y - at[1])
    across = np.cos(angle) * (y - at[1]) - np.sin(angle) * (x - at[0])
    return np.clip((along + bend * across * across) / soft + 0.5, 0, 1)


def _turned(scene: Scene, rng: Rng, tilt: float, perspective: float) -> np.ndarray:
    """What the camera sees of the scene: float32 [height, width, 3], turned about the digit's middle."""
    height, width = scene.frame
    middle = np.array([(scene.box[0] + scene.box[2]) / 2, (scene.box[1] + scene.box[3]) / 2])
    angle = np.radians(rng.uniform(-tilt, tilt))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    view = middle - scene.margin  # where the middle is in the photograph
    lean = rng.uniform(-perspective, perspective, 2) / max(height, width)
    # A place p of the photograph shows the scene's middle + turn (p - view) / (1 + lean (p - view)).
    a, b, d, e = (turn + np.outer(middle, lean)).ravel()
    c, f = middle - turn @ view - middle * (lean @ view)
    h = 1 - lean @ view
    matrix = np.array([a, b, c, d, e, f, *lean]) / h
    planes = [
        Image.fromarray(np.ascontiguousarray(scene.colours[..., n])).transform(
            (width, height), Image.Transform.PERSPECTIVE, tuple(matrix.tolist()), Image.Resampling.BICUBIC
        )
        for n in range(3)
    ]
    return np.stack([np.asarray(plane) for plane in planes], 2)


def _camera(
    scene: Scene, rng: Rng, *, tilt: float = TILT, perspective: float = 0.06, blur=(0.3, 1.1), grey: bool = True
) -> bytes:
    """Take the photograph, and keep it as a file: a JPEG, or a PNG of 8 or 16 bit, with or without alpha."""
    seen = _turned(scene, rng, tilt, perspective)
    seen = ndimage.gaussian_filter(seen, (*(rng.uniform(*blur) * (0.6 + max(scene.frame) / 2000),) * 2, 0))
    noise = rng.normal(0, 1, seen.shape) + rng.normal(0, 1, seen.shape[:2])[..., None]
    pixels = np.clip(seen + rng.uniform(0.5, 3.0) * noise.astype(np.float32), 0, 255)
    chance = rng.random()
    out = io.BytesIO()
    if chance < 0.1 and grey:
        light = pixels @ _rgb((0.299, 0.587, 0.114))
        Image.fromarray(np.uint16(light * 257)).save(out, "PNG")
    elif chance < 0.2:
        image = Image.fromarray(np.uint8(pixels)).convert("RGBA")
        if chance < 0.16:  # with its corners cut off round
            mask = Image.new("L", image.size)
            corner = ImageDraw.Draw(mask)
            corner.rounded_rectangle((0, 0, *image.size), 0.05 * min(image.size), fill=255)
            image.putalpha(mask)
        image.save(out, "PNG", compress_level=1)
    else:
        quality = int(rng.integers(35, 95))
        Image.fromarray(np.uint8(pixels)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _any(options: Sequence, rng: Rng):
    return options[int(rng.integers(len(options)))]


# -- the kinds


def plain(strokes, rng):
    """A pen on white paper, one in five with nothing but the ink, on transparency."""
    scene = _scene(strokes, rng, _any((BALLPOINT, FELT, MARKER), rng))
    if rng.random() < 0.2:
        return _only_ink(scene, rng)
    _paper(scene, _any(PAPERS, rng), rng)
    _ink(scene, _any(INKS, rng), rng, rng.uniform(0.75, 0.97))
    _lamp(scene, rng)
    return _camera(scene, rng)


def _only_ink(scene: Scene, rng: Rng) -> bytes:
    m = scene.margin
    seen = scene.ink[m:-m, m:-m]
    colours = np.empty((*seen.shape, 4), np.uint8)
    colours[..., :3], colours[..., 3] = _any(INKS, rng), 255 * seen
    out = io.BytesIO()
    Image.fromarray(colours).save(out, "PNG", compress_level=1)
    return out.getvalue()


def lined(strokes, rng):
    """Lines of any colour, through the digit or around it, often with an upright one at the margin."""
    scene = _scene(strokes, rng, _any((BALLPOINT, BALLPOINT, FELT), rng))
    _paper(scene, _any(PAPERS, rng), rng)
    long, colour = max(scene.frame), _any(LINES, rng)
    gap = max(scene.height * rng.uniform(0.35, 1.5), 0.03 * long)
    width = max(rng.uniform(1 / 900, 1 / 350) * long, 1.0)
    _rule(scene, gap, colour, width, rng.uniform(0.5, 1), rng, axis=0)
    if rng.random() < 0.4:
        y, x = scene.ink.shape[1], scene.margin + rng.uniform(0.02, 0.1) * long
        near = np.clip(width / 2 + 0.5 - np.abs(np.arange(y, dtype=np.float32) - x), 0, 1)
        scene.colours += near[None, :, None] * (_rgb((222, 120, 130)) - scene.colours)
    _ink(scene, _any(INKS, rng), rng, rng.uniform(0.8, 0.97))
    _lamp(scene, rng)
    return _camera(scene, rng)


def squared(strokes, rng):
    scene = _scene(strokes, rng, _any((BALLPOINT, BALLPOINT, FELT), rng))
    _paper(scene, _any(PAPERS, rng), rng)
    long, colour, strength = max(scene.frame), _any(LINES, rng), rng.uniform(0.45, 1)
    gap = max(scene.height * rng.uniform(0.25, 1), 0.025 * long)
    width = max(rng.uniform(1 / 1000, 1 / 400) * long, 1.0)
    for axis in (0, 1):
        _rule(scene, gap, colour, width, strength, rng, axis=axis)
    _ink(scene, _any(INKS, rng), rng, rng.uniform(0.8, 0.97))
    _lamp(scene, rng)
    return _camera(scene, rng)


def dotted(strokes, rng):
    scene = _scene(strokes, rng, _any((BALLPOINT, BALLPOINT, FELT), rng))
    _paper(scene, _any(PAPERS, rng), rng)
    long = max(scene.frame)
    gap = max(scene.height * rng.uniform(0.22, 0.8), 0.025 * long)
    radius = max(rng.uniform(1 / 900, 1 / 350) * long, 0.8)
    _dots(scene, gap, _any((*LINES, (96, 96, 104)), rng), radius, rng.uniform(0.6, 1), rng)
    _ink(scene, _any(INKS, rng), rng, rng.uniform(0.8, 0.97))
    _lamp(scene, rng)
    return _camera(scene, rng)


def coloured(strokes, rng):
    """A sticky note, pastel or kraft paper, and ink of another colour, or pale pencil."""
    scene = _scene(strokes, rng, _any((BALLPOINT, FELT, MARKER), rng))
    paper = _any(COLOURED, rng)
    inks = [ink for ink in INKS if max(np.abs(np.subtract(ink, paper))) > 90]
    _paper(scene, paper, rng, 1.5)
    _ink(scene, _any(inks, rng), rng, rng.uniform(0.6, 0.95))
    _lamp(scene, rng, 0.3)
    return _camera(scene, rng, grey=False)


def whiteboard(strokes, rng):
    """Marker, what a sponge has left, and the lamp's reflection beside the digit or on its edge."""
    scene = _scene(strokes, rng, (1 / 110, 1 / 40))
    _paper(scene, _any(((232, 235, 238), (222, 226, 230), (240, 240, 236)), rng), rng, 0.5)
    shape, long = scene.ink.shape, max(scene.frame)
    wiped = (
        np.clip(_cloud(shape, 0.25 * long, rng), 0, 1)
        * np.clip(_cloud((shape[0] // 8, shape[1]), 9, rng), 0, 1)[
            np.minimum(np.arange(shape[0]) // 8, shape[0] // 8 - 1)
        ]
    )
    scene.colours -= rng.uniform(5, 30) * wiped[..., None] * _rgb((1, 0.9, 0.6))
    _ink(scene, _any(MARKERS, rng), rng, rng.uniform(0.8, 0.97), 0.35)
    _lamp(scene, rng, 0.25)
    angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.1) * scene.height
    at = (
        (scene.box[0] + scene.box[2]) / 2 + away * np.cos(angle),
        (scene.box[1] + scene.box[3]) / 2 + away * np.sin(angle),
    )
    y, x = np.arange(shape[0], dtype=np.float32)[:, None], np.arange(shape[1], dtype=np.float32)
    wide, high = rng.uniform(0.05, 0.14) * long, rng.uniform(0.04, 0.1) * long
    shine = np.exp(-(((x - at[0]) / wide) ** 2 + ((y - at[1]) / high) ** 2))
    scene.colours += rng.uniform(0.5, 0.95) * shine[..., None] * (254 - scene.colours)
    return _camera(scene, rng)


def blackboard(strokes, rng):
    """Chalk, rough and in gaps, over the clouds of what was wiped away."""
    scene = _scene(strokes, rng, (1 / 110, 1 / 40))
    board, shape, long = _any(BOARDS, rng), scene.ink.shape, max(scene.frame)
    _paper(scene, board, rng, 1.2)
    dust = np.clip(_cloud(shape, 0.3 * long, rng) + 0.3 * _cloud(shape, 0.05 * long, rng), 0, 1)
    scene.colours += rng.uniform(10, 38) * dust[..., None]
    rough = np.clip(
        1.05 - 0.7 * np.abs(_cloud(shape, max(2.0, scene.pen / 4), rng)) - 0.25 * rng.random(shape, np.float32),
        0,
        1,
    )
    scene.ink = scene.ink * rough
    _ink(scene, _any(CHALKS, rng), rng, rng.uniform(0.75, 0.95), 0.1)
    _lamp(scene, rng, 0.3)
    return _camera(scene, rng)


def shadow(strokes, rng):
    """A hard shadow's edge through the digit, a soft one beside it, or dark corners."""
    scene = _scene(strokes, rng, _any((BALLPOINT, FELT, MARKER), rng))
    _paper(scene, _any(PAPERS, rng), rng)
    _ink(scene, _any(INKS, rng), rng, rng.uniform(0.8, 0.97))
    which, long = rng.integers(3), max(scene.frame)
    at = [rng.uniform(scene.box[n], scene.box[n + 2]) for n in (0, 1)]
    if which == 0:
        dark = rng.uniform(0.3, 0.6) * _edge(scene, rng, rng.uniform(0.008, 0.04) * long, at)
    elif which == 1:
        dark = rng.uniform(0.5, 0.75) * _edge(scene, rng, rng.uniform(0.2, 0.6) * long, at)
    else:
        dark = np.zeros(scene.ink.shape, np.float32)
    scene.colours *= (1 - dark)[..., None]
    _lamp(scene, rng, 0.2, 0.7 if which == 2 else 0.1)
    return _camera(scene, rng)


def table(strokes, rng):
    """The sheet ends within the image, on one to three sides, and a table is seen."""
    scene = _scene(strokes, rng, _any((BALLPOINT, FELT), rng), sizes=(0.22, 0.45))
    shape, long, m = scene.ink.shape, max(scene.frame), scene.margin
    _paper(scene, _any((*PAPERS, *COLOURED[:4]), rng), rng)
    _ink(scene, _any(INKS[:4], rng), rng, rng.uniform(0.8, 0.97))
    wood = _any(TABLES, rng)
    grain = _cloud((shape[0], max(shape[1] // 12, 2)), rng.uniform(2, 7), rng).repeat(13, 1)[:, : shape[1]]
    under = _rgb(wood) + (rng.uniform(3, 14) * grain)[..., None]
    y, x = np.arange(shape[0], dtype=np.float32)[:, None], np.arange(shape[1], dtype=np.float32)
    lean, inside = rng.uniform(-0.1, 0.1), np.full(shape, np.inf, np.float32)
    gap = 0.03 * long + scene.pen
    rooms = (
        scene.box[0] - gap - m,
        scene.box[1] - gap - m,
        m + scene.frame[1] - scene.box[2] - gap,
        m + scene.frame[0] - scene.box[3] - gap,
    )
    for side in rng.permutation(4)[: rng.integers(1, 4)]:
        room = rng.uniform(0.15, 0.95) * rooms[side]
        across, along = (x, y) if side % 2 == 0 else (y, x)
        start = scene.box[side % 2] if side < 2 else scene.box[side % 2 + 2]
        edge = m + room if side < 2 else m + scene.frame[1 - side % 2] - room
        middle = (scene.box[1 - side % 2] + scene.box[3 - side % 2]) / 2
        turned = across - edge - (lean if side % 2 else -lean) * (along - middle)
        inside = np.minimum(inside, turned if side < 2 else -turned)
        assert (start - edge if side < 2 else edge - start) > 0
    dim = 1 - rng.uniform(0.2, 0.5) * np.exp(np.minimum(inside, 0) / (0.008 * long))
    paper = np.clip(inside + 0.5, 0, 1)[..., None]
    scene.colours = paper * scene.colours + (1 - paper) * under * dim[..., None]
    _lamp(scene, rng, 0.25)
    return _camera(scene, rng)


def thin(strokes, rng):
    """A hard pencil or a fine ballpoint: down to one pixel in 1,600."""
    scene = _scene(strokes, rng, HAIR, (1000, 1600), (0.3, 0.7))
    _paper(scene, _any(PAPERS, rng), rng, 0.6)
    _ink(scene, _any(INKS, rng), rng, rng.uniform(0.85, 1), 0.15)
    _lamp(scene, rng)
    return _camera(scene, rng, blur=(0.2, 0.5))


def tilted(strokes, rng):
    """By up to 15 degrees, seen from the side, out of focus; half of them on lines or squares."""
    scene = _scene(strokes, rng, _any((BALLPOINT, FELT, MARKER), rng), around=MUCH_MARGIN)
    _paper(scene, _any(PAPERS, rng), rng)
    long = max(scene.frame)
    if rng.random() < 0.5:
        colour, strength, gap = (
            _any(LINES, rng),
            rng.uniform(0.4, 0.9),
            max(scene.height * rng.uniform(0.4, 1.2), 0.03 * long),
        )
        for axis in range(rng.integers(1, 3)):
            _rule(scene, gap, colour, max(long / 700, 1.0), strength, rng, axis=axis)
    _ink(scene, _any(INKS, rng), rng, rng.uniform(0.8, 0.97))
    _lamp(scene, rng)
    return _camera(scene, rng, tilt=MUCH_TILT, perspective=0.25, blur=(0.8, 2.2))


def at_the_border(strokes, rng):
    """The digit touches the image's edge."""
    scene = _scene(strokes, rng, _any((BALLPOINT, FELT, MARKER), rng), sizes=(0.3, 0.85), at_edge=True)
    _paper(scene, _any(PAPERS, rng), rng)
    _ink(scene, _any(INKS, rng), rng, rng.uniform(0.8, 0.97))
    _lamp(scene, rng)
    return _camera(scene, rng, tilt=0, perspective=0)


KINDS: dict[str, Callable[[Sequence[np.ndarray], Rng], bytes]] = {
    "plain paper": plain,
    "lined paper": lined,
    "squared paper": squared,
    "dotted paper": dotted,
    "coloured paper": coloured,
    "whiteboard with glare": whiteboard,
    "chalk on a board": blackboard,
    "shade and shadow": shadow,
    "a table's edge": table,
    "thin pen": thin,
    "tilted, out of focus": tilted,
    "touching the border": at_the_border,
}


PART = re.compile(r"<!-- photographs -->\n.*?(?=\n<!-- |\Z)", re.DOTALL)
TEXT = """<!-- photographs -->

## Photographs

`python -m benchmarks.photographs --unipen-digits FILE --pen-digits FILE`.
Made photographs, {count} of each kind, of digits by {writers} from whom nothing was learnt; paper, ink, light
and camera are drawn by chance from a seed, 600 to 1,600 pixels, JPEGs of quality 35 to 95 and PNGs of 8 and 16
bit, some with transparency. The reading was mended on photographs of other writers' digits.

Measured on {date}. Right: answered with its digit. Called a digit: not 'no digit'.

| kind | how many | right | called a digit | median time |
|---|--:|--:|--:|--:|
{rows}
"""


def measure(classifier: Classifier, digits: list[PenDigit], count: int, seed: int) -> str:
    """Return the section of the page."""
    rows, every = [], []
    for kind in KINDS:
        found = [_read(data, label, classifier) for data, label in photographs(digits, kind, count, seed)]
        rows.append(_row(kind, found))
        every += found
    rows.append(_row("**all**", every))
    return TEXT.format(
        count=count,
        writers=f"{len({d.writer for d in digits})} writers",
        date=datetime.date.today(),
        rows="\n".join(rows),
    )


def _read(data: bytes, label: int, classifier: Classifier) -> tuple[bool, bool, float]:
    """Return (read rightly, called a digit, seconds from the file to the answer)."""
    started = time.perf_counter()
    image = files.read(data, classifier.predict)
    digit = classifier.predict(image).digit if image else None
    return digit == label, digit is not None, time.perf_counter() - started


def _row(name: str, found: list[tuple[bool, bool, float]]) -> str:
    right, called, seconds = zip(*found, strict=True)
    columns = f"{np.mean(right):.1%} | {np.mean(called):.1%}"
    return f"| {name} | {len(found):,} | {columns} | {1000 * np.median(seconds):.0f} ms |"


def sheet(digits: Sequence[PenDigit], seed: int) -> Image.Image:
    """A row of ten of each kind, to be looked at."""
    side = 180
    image = Image.new("RGB", (10 * side, len(KINDS) * side), "white")
    for row, kind in enumerate(KINDS):
        for column, (data, _) in enumerate(photographs(digits, kind, 10, seed)):
            small = Image.fromarray(files.read_image(data))
            small.thumbnail((side - 4, side - 4))
            image.paste(small, (column * side, row * side))
    return image


def main() -> None:
    """Measure, print, and put the figures into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unipen-digits", type=Path, metavar="FILE", required=True)
    for name in ("--pen-digits", "--network"):
        parser.add_argument(name, type=Path, metavar="FILE")
    parser.add_argument(
        "--development", action="store_true", help="only print those of the writers for choosing"
    )
    parser.add_argument("--count", type=int, default=100, help="photographs of each kind")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="only write some, side by side, as a picture"
    )
    options = parser.parse_args()
    digits = writers(str(options.unipen_digits), test=not options.development)
    if options.pen_digits:
        found = writers(str(options.pen_digits), test=not options.development)
        digits += [replace(d, writer=PEN_WRITERS + d.writer) for d in found]
    if options.sheet:
        sheet(digits, options.seed).save(options.sheet)
        return
    classifier = Classifier(networks.load(options.network) if options.network else networks.shipped())
    text = measure(classifier, digits, options.count, options.seed)
    print(text)
    if not (options.development or options.network):
        page = OUT.read_text(encoding="utf-8")
        OUT.write_text(
            PART.sub(lambda _: text, page) if PART.search(page) else f"{page.rstrip()}\n\n{text}",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
