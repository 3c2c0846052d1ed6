"""What lies before the camera: a written digit, paper, lines, light; and the camera that makes a file of it.

Called by `benchmarks.photograph_kinds`. Everything is drawn by chance from the generator that is given.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

SIDES = (600, 1600)  # pixels of a photograph's longer side
MARGIN, MUCH_MARGIN = 0.25, 0.5  # of the paper around what the camera sees, as a fraction of the longer side
SIZES = (0.22, 0.6)  # of a digit, as a fraction of the photograph's shorter side
SMOOTH = 1.6  # hundredths of the digit's size
TILT, MUCH_TILT = 3.0, 15.0  # degrees to either side

Rng = np.random.Generator


def rgb(colour: Sequence[float]) -> np.ndarray:
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


# -- what lies before the camera


def place(
    strokes: Sequence[np.ndarray],
    rng: Rng,
    pen: tuple[float, float],
    *,
    sides: tuple[int, int] | None = None,
    sizes: tuple[float, float] = SIZES,
    around: float = MARGIN,
    at_edge: bool = False,
) -> Scene:
    """Place a digit; nothing is painted yet."""
    long = int(rng.integers(*(sides or SIDES)))
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


def cloud(shape: tuple[int, ...], grain: float, rng: Rng) -> np.ndarray:
    """Smooth noise, float32 [h, w], about -1..1, its spots `grain` pixels wide."""
    small = [max(2, int(n / grain) + 2) for n in shape[:2]]
    image = Image.fromarray(rng.normal(0, 0.5, small).astype(np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def paper(scene: Scene, colour: Sequence[float], rng: Rng, rough: float = 1.0) -> None:
    """Paper of a colour, with fibres, spots and a few soft waves."""
    shape = scene.ink.shape
    grain = 2.2 * cloud(shape, 2.5, rng) + 2 * cloud(shape, 14, rng) + 3 * cloud(shape, 160, rng)
    scene.colours = rgb(colour) + (rough * grain)[..., None]


def write(scene: Scene, colour: Sequence[float], rng: Rng, strength: float, patchy: float = 0.25) -> None:
    """Lay the ink upon the paper, here thicker, there thinner."""
    uneven = 1 - patchy * np.abs(cloud(scene.ink.shape, 2.5 + scene.pen / 3, rng))
    cover = (scene.ink * np.clip(uneven, 0, 1) * strength)[..., None]
    scene.colours += cover * (rgb(colour) - scene.colours)


def rule(scene: Scene, gap: float, colour, width: float, strength: float, rng: Rng, *, axis: int) -> None:
    """Printed lines, `axis` 0 lying, 1 upright."""
    length = scene.ink.shape[axis]
    along = np.arange(length, dtype=np.float32) + rng.uniform(0, gap)
    away = np.abs((along + gap / 2) % gap - gap / 2)
    line = np.clip(width / 2 + 0.5 - away, 0, 1) * strength
    line = line[:, None, None] if axis == 0 else line[None, :, None]
    scene.colours += line * (rgb(colour) - scene.colours)


def dots(scene: Scene, gap: float, colour, radius: float, strength: float, rng: Rng) -> None:
    y, x = (np.arange(n, dtype=np.float32) + rng.uniform(0, gap) for n in scene.ink.shape)
    away = [np.abs((n + gap / 2) % gap - gap / 2) for n in (y, x)]
    dot = np.clip(radius + 0.5 - np.hypot(away[0][:, None], away[1][None, :]), 0, 1) * strength
    scene.colours += dot[..., None] * (rgb(colour) - scene.colours)


# -- light and camera


def lamp(scene: Scene, rng: Rng, fall: float = 0.2, vignette: float = 0.15) -> None:
    """Light from a side, of a warm or cold colour, and darker corners."""
    height, width = scene.ink.shape
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0.3, 1) * fall * (np.cos(angle) * x + np.sin(angle) * y + 1) / 2
    light = light - rng.uniform(0.3, 1) * vignette * (x * x + y * y)
    warm = rng.uniform(-0.06, 0.06)
    tint = rgb((1 + warm, 1, 1 - warm)) * rng.uniform(0.72, 1.0)
    scene.colours *= np.clip(light, 0.1, 1)[..., None] * tint


def edge(scene: Scene, rng: Rng, soft: float, at: Sequence[float]) -> np.ndarray:
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


def camera(
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
        light = pixels @ rgb((0.299, 0.587, 0.114))
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


def choice(options: Sequence, rng: Rng):
    return options[int(rng.integers(len(options)))]
