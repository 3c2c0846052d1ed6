"""The kinds of photographs that are measured: each writes a digit on something and takes a photograph of it."""

import io
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image

from benchmarks.photograph_scene import (
    MUCH_MARGIN,
    MUCH_TILT,
    Rng,
    Scene,
    camera,
    choice,
    cloud,
    dots,
    edge,
    lamp,
    paper,
    place,
    rgb,
    rule,
    write,
)
from core.data.pen_files import PenDigit

# Widths of a pen as fractions of the longer side: one pixel in 1,600 is the thinnest.
HAIR, BALLPOINT, FELT, MARKER = (1 / 1600, 1 / 600), (1 / 450, 1 / 160), (1 / 200, 1 / 80), (1 / 80, 1 / 28)
PAPERS = ((246, 244, 238), (238, 234, 224), (250, 250, 250), (232, 233, 236), (244, 240, 222))
COLOURED = ((250, 226, 96), (250, 176, 196), (170, 220, 168), (164, 206, 238), (200, 164, 118), (248, 184, 110))
INKS = ((28, 30, 38), (30, 48, 132), (22, 26, 84), (68, 68, 74), (156, 32, 40), (24, 96, 62), (92, 40, 120))
LINES = ((128, 168, 214), (150, 150, 156), (222, 140, 150), (130, 190, 150), (170, 150, 205), (214, 168, 110))
MARKERS = ((24, 26, 32), (28, 60, 160), (190, 36, 44), (20, 128, 72))
BOARDS = ((44, 74, 58), (38, 42, 46), (30, 52, 44), (58, 66, 74))
CHALKS = ((238, 238, 232), (244, 232, 150), (244, 190, 200), (176, 214, 240))
TABLES = ((112, 74, 46), (62, 44, 34), (150, 112, 74), (48, 52, 58), (136, 140, 146), (176, 152, 120))


def plain(strokes, rng):
    """A pen on white paper, one in five with nothing but the ink, on transparency."""
    scene = place(strokes, rng, choice((BALLPOINT, FELT, MARKER), rng))
    if rng.random() < 0.2:
        return _only_ink(scene, rng)
    paper(scene, choice(PAPERS, rng), rng)
    write(scene, choice(INKS, rng), rng, rng.uniform(0.75, 0.97))
    lamp(scene, rng)
    return camera(scene, rng)


def _only_ink(scene: Scene, rng: Rng) -> bytes:
    m = scene.margin
    seen = scene.ink[m:-m, m:-m]
    colours = np.empty((*seen.shape, 4), np.uint8)
    colours[..., :3], colours[..., 3] = choice(INKS, rng), 255 * seen
    out = io.BytesIO()
    Image.fromarray(colours).save(out, "PNG", compress_level=1)
    return out.getvalue()


def lined(strokes, rng):
    """Lines of any colour, through the digit or around it, often with an upright one at the margin."""
    scene = place(strokes, rng, choice((BALLPOINT, BALLPOINT, FELT), rng))
    paper(scene, choice(PAPERS, rng), rng)
    long, colour = max(scene.frame), choice(LINES, rng)
    gap = max(scene.height * rng.uniform(0.35, 1.5), 0.03 * long)
    width = max(rng.uniform(1 / 900, 1 / 350) * long, 1.0)
    rule(scene, gap, colour, width, rng.uniform(0.5, 1), rng, axis=0)
    if rng.random() < 0.4:
        y, x = scene.ink.shape[1], scene.margin + rng.uniform(0.02, 0.1) * long
        near = np.clip(width / 2 + 0.5 - np.abs(np.arange(y, dtype=np.float32) - x), 0, 1)
        scene.colours += near[None, :, None] * (rgb((222, 120, 130)) - scene.colours)
    write(scene, choice(INKS, rng), rng, rng.uniform(0.8, 0.97))
    lamp(scene, rng)
    return camera(scene, rng)


def squared(strokes, rng):
    scene = place(strokes, rng, choice((BALLPOINT, BALLPOINT, FELT), rng))
    paper(scene, choice(PAPERS, rng), rng)
    long, colour, strength = max(scene.frame), choice(LINES, rng), rng.uniform(0.45, 1)
    gap = max(scene.height * rng.uniform(0.25, 1), 0.025 * long)
    width = max(rng.uniform(1 / 1000, 1 / 400) * long, 1.0)
    for axis in (0, 1):
        rule(scene, gap, colour, width, strength, rng, axis=axis)
    write(scene, choice(INKS, rng), rng, rng.uniform(0.8, 0.97))
    lamp(scene, rng)
    return camera(scene, rng)


def dotted(strokes, rng):
    scene = place(strokes, rng, choice((BALLPOINT, BALLPOINT, FELT), rng))
    paper(scene, choice(PAPERS, rng), rng)
    long = max(scene.frame)
    gap = max(scene.height * rng.uniform(0.22, 0.8), 0.025 * long)
    radius = max(rng.uniform(1 / 900, 1 / 350) * long, 0.8)
    dots(scene, gap, choice((*LINES, (96, 96, 104)), rng), radius, rng.uniform(0.6, 1), rng)
    write(scene, choice(INKS, rng), rng, rng.uniform(0.8, 0.97))
    lamp(scene, rng)
    return camera(scene, rng)


def coloured(strokes, rng):
    """A sticky note, pastel or kraft paper, and ink of another colour, or pale pencil."""
    scene = place(strokes, rng, choice((BALLPOINT, FELT, MARKER), rng))
    sheet = choice(COLOURED, rng)
    inks = [ink for ink in INKS if max(np.abs(np.subtract(ink, sheet))) > 90]
    paper(scene, sheet, rng, 1.5)
    write(scene, choice(inks, rng), rng, rng.uniform(0.6, 0.95))
    lamp(scene, rng, 0.3)
    return camera(scene, rng, grey=False)


def whiteboard(strokes, rng):
    """Marker, what a sponge has left, and the lamp's reflection beside the digit or on its edge."""
    scene = place(strokes, rng, (1 / 110, 1 / 40))
    paper(scene, choice(((232, 235, 238), (222, 226, 230), (240, 240, 236)), rng), rng, 0.5)
    shape, long = scene.ink.shape, max(scene.frame)
    wiped = (
        np.clip(cloud(shape, 0.25 * long, rng), 0, 1)
        * np.clip(cloud((shape[0] // 8, shape[1]), 9, rng), 0, 1)[
            np.minimum(np.arange(shape[0]) // 8, shape[0] // 8 - 1)
        ]
    )
    scene.colours -= rng.uniform(5, 30) * wiped[..., None] * rgb((1, 0.9, 0.6))
    write(scene, choice(MARKERS, rng), rng, rng.uniform(0.8, 0.97), 0.35)
    lamp(scene, rng, 0.25)
    angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.1) * scene.height
    at = (
        (scene.box[0] + scene.box[2]) / 2 + away * np.cos(angle),
        (scene.box[1] + scene.box[3]) / 2 + away * np.sin(angle),
    )
    y, x = np.arange(shape[0], dtype=np.float32)[:, None], np.arange(shape[1], dtype=np.float32)
    wide, high = rng.uniform(0.05, 0.14) * long, rng.uniform(0.04, 0.1) * long
    shine = np.exp(-(((x - at[0]) / wide) ** 2 + ((y - at[1]) / high) ** 2))
    scene.colours += rng.uniform(0.5, 0.95) * shine[..., None] * (254 - scene.colours)
    return camera(scene, rng)


def blackboard(strokes, rng):
    """Chalk, rough and in gaps, over the clouds of what was wiped away."""
    scene = place(strokes, rng, (1 / 110, 1 / 40))
    board, shape, long = choice(BOARDS, rng), scene.ink.shape, max(scene.frame)
    paper(scene, board, rng, 1.2)
    dust = np.clip(cloud(shape, 0.3 * long, rng) + 0.3 * cloud(shape, 0.05 * long, rng), 0, 1)
    scene.colours += rng.uniform(10, 38) * dust[..., None]
    rough = np.clip(
        1.05 - 0.7 * np.abs(cloud(shape, max(2.0, scene.pen / 4), rng)) - 0.25 * rng.random(shape, np.float32),
        0,
        1,
    )
    scene.ink = scene.ink * rough
    write(scene, choice(CHALKS, rng), rng, rng.uniform(0.75, 0.95), 0.1)
    lamp(scene, rng, 0.3)
    return camera(scene, rng)


def shadow(strokes, rng):
    """A hard shadow's edge through the digit, a soft one beside it, or dark corners."""
    scene = place(strokes, rng, choice((BALLPOINT, FELT, MARKER), rng))
    paper(scene, choice(PAPERS, rng), rng)
    write(scene, choice(INKS, rng), rng, rng.uniform(0.8, 0.97))
    which, long = rng.integers(3), max(scene.frame)
    at = [rng.uniform(scene.box[n], scene.box[n + 2]) for n in (0, 1)]
    if which == 0:
        dark = rng.uniform(0.3, 0.6) * edge(scene, rng, rng.uniform(0.008, 0.04) * long, at)
    elif which == 1:
        dark = rng.uniform(0.5, 0.75) * edge(scene, rng, rng.uniform(0.2, 0.6) * long, at)
    else:
        dark = np.zeros(scene.ink.shape, np.float32)
    scene.colours *= (1 - dark)[..., None]
    lamp(scene, rng, 0.2, 0.7 if which == 2 else 0.1)
    return camera(scene, rng)


def table(strokes, rng):
    """The sheet ends within the image, on one to three sides, and a table is seen."""
    scene = place(strokes, rng, choice((BALLPOINT, FELT), rng), sizes=(0.22, 0.45))
    shape, long, m = scene.ink.shape, max(scene.frame), scene.margin
    paper(scene, choice((*PAPERS, *COLOURED[:4]), rng), rng)
    write(scene, choice(INKS[:4], rng), rng, rng.uniform(0.8, 0.97))
    wood = choice(TABLES, rng)
    grain = cloud((shape[0], max(shape[1] // 12, 2)), rng.uniform(2, 7), rng).repeat(13, 1)[:, : shape[1]]
    under = rgb(wood) + (rng.uniform(3, 14) * grain)[..., None]
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
        end = m + room if side < 2 else m + scene.frame[1 - side % 2] - room
        middle = (scene.box[1 - side % 2] + scene.box[3 - side % 2]) / 2
        turned = across - end - (lean if side % 2 else -lean) * (along - middle)
        inside = np.minimum(inside, turned if side < 2 else -turned)
        assert (start - end if side < 2 else end - start) > 0
    dim = 1 - rng.uniform(0.2, 0.5) * np.exp(np.minimum(inside, 0) / (0.008 * long))
    sheet = np.clip(inside + 0.5, 0, 1)[..., None]
    scene.colours = sheet * scene.colours + (1 - sheet) * under * dim[..., None]
    lamp(scene, rng, 0.25)
    return camera(scene, rng)


def thin(strokes, rng):
    """A hard pencil or a fine ballpoint: down to one pixel in 1,600."""
    scene = place(strokes, rng, HAIR, sides=(1000, 1600), sizes=(0.3, 0.7))
    paper(scene, choice(PAPERS, rng), rng, 0.6)
    write(scene, choice(INKS, rng), rng, rng.uniform(0.85, 1), 0.15)
    lamp(scene, rng)
    return camera(scene, rng, blur=(0.2, 0.5))


def tilted(strokes, rng):
    """By up to 15 degrees, seen from the side, out of focus; half of them on lines or squares."""
    scene = place(strokes, rng, choice((BALLPOINT, FELT, MARKER), rng), around=MUCH_MARGIN)
    paper(scene, choice(PAPERS, rng), rng)
    long = max(scene.frame)
    if rng.random() < 0.5:
        colour, strength, gap = (
            choice(LINES, rng),
            rng.uniform(0.4, 0.9),
            max(scene.height * rng.uniform(0.4, 1.2), 0.03 * long),
        )
        for axis in range(rng.integers(1, 3)):
            rule(scene, gap, colour, max(long / 700, 1.0), strength, rng, axis=axis)
    write(scene, choice(INKS, rng), rng, rng.uniform(0.8, 0.97))
    lamp(scene, rng)
    return camera(scene, rng, tilt=MUCH_TILT, perspective=0.25, blur=(0.8, 2.2))


def at_the_border(strokes, rng):
    """The digit touches the image's edge."""
    scene = place(strokes, rng, choice((BALLPOINT, FELT, MARKER), rng), sizes=(0.3, 0.85), at_edge=True)
    paper(scene, choice(PAPERS, rng), rng)
    write(scene, choice(INKS, rng), rng, rng.uniform(0.8, 0.97))
    lamp(scene, rng)
    return camera(scene, rng, tilt=0, perspective=0)


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


def photographs(digits: Sequence[PenDigit], kind: str, count: int, seed: int) -> Iterator[tuple[bytes, int]]:
    """Yield (an image file, its digit) of one of KINDS, the digits in turn, each by any of its writers."""
    by_digit = [[d for d in digits if d.digit == label] for label in range(10)]
    for n in range(count):
        rng = np.random.default_rng((seed, list(KINDS).index(kind), n))
        own = by_digit[n % 10]
        yield KINDS[kind](own[int(rng.integers(len(own)))].strokes, rng), n % 10
