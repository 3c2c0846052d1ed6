"""Small painted scenes of CIFAR-10's ten things, by arithmetic: a kind is one function, (chance) -> Image.

Shapes are polygons and ellipses in a unit square, x to the right and y down, painted large, shaded from above,
blurred and given a camera's noise. Nothing of them is taken from anybody's picture.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE, SHOWN = 256, 128
Colour = Sequence[float]
Points = Sequence[tuple[float, float]]
WINDOW, TYRE, RIM, LAMP, BLACK = (60, 80, 100), (25, 25, 28), (165, 168, 172), (250, 245, 200), (12, 10, 10)


class Scene:
    """A background, and a thing on a layer of its own, facing right or left."""

    def __init__(self, background: np.ndarray, rng: np.random.Generator, *, turns: bool = True, y: float = 0.5):
        self.rng = rng
        self.image = Image.fromarray(np.uint8(background.clip(0, 255))).filter(ImageFilter.GaussianBlur(1.5))
        self.layer = Image.new("RGBA", (SIDE, SIDE))
        self.draw = ImageDraw.Draw(self.layer)
        self.size = SIDE * rng.uniform(0.88, 0.98)
        self.facing = -1 if turns and rng.random() < 0.5 else 1
        self.middle = SIDE / 2, SIDE * y

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.middle[0] + self.facing * (x - 0.5) * self.size,
            self.middle[1] + (y - 0.5) * self.size,
        )

    def shape(self, colour: Colour, *points: tuple[float, float]) -> None:
        self.draw.polygon([self._at(*point) for point in points], fill=_whole(colour))

    def box(self, colour: Colour, left: float, top: float, right: float, bottom: float) -> None:
        self.shape(colour, (left, top), (right, top), (right, bottom), (left, bottom))

    def oval(self, colour: Colour, x: float, y: float, across: float, down: float) -> None:
        (left, top), rx, ry = self._at(x, y), across * self.size, down * self.size
        self.draw.ellipse((left - rx, top - ry, left + rx, top + ry), fill=_whole(colour))

    def wheels(self, xs: Sequence[float], y: float, radius: float) -> None:
        for x in xs:
            self.oval(TYRE, x, y, radius, radius)
            self.oval(RIM, x, y, 0.55 * radius, 0.55 * radius)

    def legs(self, colour: Colour, xs: Sequence[float], top: float, bottom: float, width: float) -> None:
        for x in xs:
            self.shape(
                colour, (x, top), (x + width, top), (x + 0.8 * width, bottom), (x + 0.15 * width, bottom)
            )

    def finished(self, *, tilt: float = 0, fur: float = 0) -> Image.Image:
        """Light falls from above; fur: how rough it is."""
        layer = self.layer.rotate(tilt, Image.Resampling.BICUBIC)
        mask = np.asarray(layer.split()[3], np.float32) / 255
        rows = np.flatnonzero(mask.max(1) > 0.5)
        depth = ((np.arange(SIDE) - rows[0]) / np.ptp(rows)).clip(0, 1)[:, None]
        self.image.paste(layer, (0, 0), layer)
        picture = np.asarray(self.image, np.float32) * (1 - 0.3 * depth * mask)[..., None]
        picture += _patches(self.rng, 6, fur) * mask[..., None]
        blurred = Image.fromarray(np.uint8(picture.clip(0, 255))).filter(ImageFilter.GaussianBlur(2))
        noisy = np.asarray(blurred, np.float32) * self.rng.uniform(0.9, 1.08) + self.rng.normal(
            0, 4, (SIDE, SIDE, 3)
        )
        return Image.fromarray(np.uint8(noisy.clip(0, 255))).resize((SHOWN, SHOWN), Image.Resampling.LANCZOS)


def _whole(colour: Colour) -> tuple[int, ...]:
    return tuple(int(min(255, max(0, part))) for part in colour)


def _tone(colour: Colour, factor: float) -> Colour:
    return [factor * part for part in colour]


def _one(rng: np.random.Generator, *colours: Colour) -> Colour:
    return colours[rng.integers(len(colours))]


def _patches(rng: np.random.Generator, cell: int, strength: float) -> np.ndarray:
    count = SIDE // cell + 1
    rough = rng.normal(0, strength or 1e-9, (count, count, 1))
    return rough.repeat(cell, 0).repeat(cell, 1)[:SIDE, :SIDE]


def _fade(top: Colour, bottom: Colour) -> np.ndarray:
    part = np.linspace(0, 1, SIDE)[:, None, None]
    return np.repeat(np.float32(top) * (1 - part) + np.float32(bottom) * part, SIDE, 1)


def _ground(rng: np.random.Generator, colour: Colour) -> np.ndarray:
    return np.float32(colour) + _patches(rng, 4, 16) + rng.normal(0, 6, (SIDE, SIDE, 1))


def _street(rng: np.random.Generator) -> np.ndarray:
    picture, far, near = (
        _fade((170, 200, 225), (220, 225, 225)),
        int(SIDE * rng.uniform(0.4, 0.5)),
        int(SIDE * 0.62),
    )
    picture[far:near] = _ground(rng, (95, 120, 80))[far:near]
    picture[near:] = np.float32((105, 105, 108)) + rng.normal(0, 7, (SIDE - near, SIDE, 1))
    return picture


def airplane(rng: np.random.Generator) -> Image.Image:
    sky = Image.fromarray(np.uint8(_fade((90, 140, 210), (185, 210, 235))))
    clouds = Image.new("L", (SIDE, SIDE))
    for _ in range(6):
        (x, y), (w, h) = rng.integers(0, SIDE, 2), rng.integers((30, 10), (110, 35))
        ImageDraw.Draw(clouds).ellipse((x - w, y - h, x + w, y + h), fill=128)
    white = Image.new("RGB", sky.size, (245, 245, 248))
    clouded = Image.composite(white, sky, clouds.filter(ImageFilter.GaussianBlur(14)))
    scene, body = Scene(np.asarray(clouded), rng), _tone((1, 1, 1), rng.choice([180, 205, 235]))
    dark = _tone(body, 0.7)
    scene.shape(dark, (0.42, 0.5), (0.25, 0.26), (0.32, 0.26), (0.6, 0.48))
    scene.shape(body, (0.05, 0.3), (0.12, 0.28), (0.24, 0.47), (0.14, 0.5))
    nose = (0.8, 0.44), (0.92, 0.47), (0.97, 0.52), (0.9, 0.57)
    scene.shape(body, (0.06, 0.5), (0.14, 0.46), *nose, (0.5, 0.6), (0.15, 0.56))
    scene.shape(dark, (0.4, 0.55), (0.62, 0.55), (0.3, 0.82), (0.22, 0.82))
    scene.shape(dark, (0.08, 0.53), (0.2, 0.53), (0.08, 0.62), (0.03, 0.62))
    for n in range(9):
        scene.oval(WINDOW, 0.3 + 0.06 * n, 0.49, 0.009, 0.009)
    return scene.finished(tilt=rng.uniform(-12, 14))


def automobile(rng: np.random.Generator) -> Image.Image:
    scene = Scene(_street(rng), rng, y=0.56)
    paint = _one(rng, (190, 25, 30), (30, 70, 160), (200, 200, 205), (225, 190, 40), (30, 30, 35))
    scene.oval((50, 50, 52), 0.5, 0.7, 0.47, 0.04)
    roof = (0.2, 0.46), (0.32, 0.33), (0.62, 0.32), (0.78, 0.45)
    scene.shape(paint, (0.03, 0.6), (0.05, 0.5), *roof, (0.95, 0.5), (0.98, 0.62), (0.95, 0.67), (0.05, 0.67))
    scene.shape(WINDOW, (0.25, 0.46), (0.34, 0.36), (0.47, 0.355), (0.47, 0.46))
    scene.shape(WINDOW, (0.49, 0.46), (0.49, 0.355), (0.61, 0.355), (0.72, 0.46))
    scene.box(_tone(paint, 0.6), 0.04, 0.58, 0.97, 0.6)
    scene.box(LAMP, 0.92, 0.52, 0.97, 0.56)
    scene.wheels((0.23, 0.77), 0.67, 0.095)
    return scene.finished()


def truck(rng: np.random.Generator) -> Image.Image:
    scene = Scene(_street(rng), rng)
    paint = _one(rng, (200, 30, 30), (40, 80, 170), (235, 235, 235), (230, 170, 30))
    load = _one(rng, (235, 235, 235), (200, 205, 210), (120, 130, 150))
    scene.oval((50, 50, 52), 0.5, 0.8, 0.47, 0.035)
    scene.box(load, 0.02, 0.14, 0.66, 0.68)
    scene.box(_tone(load, 0.8), 0.02, 0.14, 0.66, 0.17)
    scene.shape(paint, (0.69, 0.32), (0.84, 0.32), (0.95, 0.5), (0.98, 0.55), (0.98, 0.72), (0.69, 0.72))
    scene.shape(WINDOW, (0.74, 0.37), (0.83, 0.37), (0.9, 0.5), (0.74, 0.5))
    scene.box((50, 50, 55), 0.02, 0.68, 0.98, 0.74)
    scene.box(LAMP, 0.95, 0.62, 0.985, 0.67)
    scene.wheels((0.15, 0.3, 0.82), 0.75, 0.085)
    return scene.finished()


def ship(rng: np.random.Generator) -> Image.Image:
    horizon = int(SIDE * rng.uniform(0.55, 0.64))
    picture, below = _fade((150, 185, 220), (215, 225, 232)), SIDE - horizon
    picture[horizon:] = _fade((80, 120, 150), (25, 60, 95))[-below:]
    waves = np.arange(horizon, SIDE)[:, None, None] * 0.5 + np.arange(SIDE)[None, :, None] * 0.06
    picture[horizon:] += 8 * np.sin(waves) + rng.normal(0, 6, (below, SIDE, 1))
    scene, hull = (
        Scene(picture, rng, y=horizon / SIDE - 0.02),
        _one(rng, (40, 50, 80), (120, 30, 30), (50, 55, 60)),
    )
    scene.shape(hull, (0.03, 0.45), (0.97, 0.4), (0.88, 0.62), (0.1, 0.62))
    scene.shape(_tone(hull, 0.75), (0.05, 0.52), (0.94, 0.5), (0.88, 0.62), (0.1, 0.62))
    scene.box((235, 235, 235), 0.11, 0.3, 0.44, 0.46)
    scene.box((225, 225, 228), 0.16, 0.2, 0.36, 0.3)
    scene.box((190, 60, 40), 0.22, 0.08, 0.3, 0.2)
    scene.box((90, 90, 90), 0.62, 0.1, 0.635, 0.43)
    for n, colour in enumerate(((170, 90, 50), (60, 110, 120), (180, 160, 60))):
        scene.box(colour, 0.5 + 0.13 * n, 0.36, 0.6 + 0.13 * n, 0.44)
    for n in range(6):
        scene.box(WINDOW, 0.14 + 0.05 * n, 0.35, 0.17 + 0.05 * n, 0.38)
    return scene.finished()


def bird(rng: np.random.Generator) -> Image.Image:
    scene = Scene(_fade(*[_one(rng, (120, 150, 90), (150, 170, 185), (140, 140, 120))] * 2), rng)
    feathers = _one(rng, (120, 85, 60), (70, 100, 160), (180, 60, 50), (60, 60, 65))
    scene.shape((95, 70, 50), (0, 0.83), (1, 0.8), (1, 0.86), (0, 0.89))
    scene.shape(_tone(feathers, 0.6), (0.02, 0.72), (0.3, 0.5), (0.36, 0.62), (0.06, 0.8))
    scene.oval(feathers, 0.48, 0.55, 0.25, 0.19)
    scene.oval((215, 200, 175), 0.54, 0.62, 0.18, 0.13)
    scene.oval(_tone(feathers, 1.05), 0.7, 0.34, 0.13, 0.12)
    scene.shape(_tone(feathers, 0.7), (0.2, 0.6), (0.35, 0.42), (0.6, 0.5), (0.45, 0.66))
    scene.shape((220, 170, 60), (0.81, 0.31), (0.96, 0.36), (0.81, 0.39))
    scene.oval(BLACK, 0.74, 0.32, 0.02, 0.02)
    scene.legs((90, 60, 40), (0.48, 0.55), 0.72, 0.84, 0.025)
    return scene.finished(fur=8)


def frog(rng: np.random.Generator) -> Image.Image:
    scene = Scene(_ground(rng, _one(rng, (110, 90, 60), (80, 70, 50), (120, 110, 95))), rng)
    skin = _one(rng, (90, 140, 50), (110, 125, 55), (70, 120, 60))
    scene.oval(_tone(skin, 0.75), 0.24, 0.68, 0.2, 0.14)
    scene.oval(skin, 0.5, 0.58, 0.33, 0.23)
    scene.oval(_tone(skin, 1.05), 0.74, 0.45, 0.2, 0.16)
    scene.oval(_tone(skin, 1.45), 0.62, 0.7, 0.26, 0.1)
    for x in (0.66, 0.84):
        for colour, radius in ((_tone(skin, 1.1), 0.065), ((215, 180, 60), 0.042), (BLACK, 0.022)):
            scene.oval(colour, x, 0.31, radius, radius)
    scene.shape(_tone(skin, 0.85), (0.6, 0.7), (0.68, 0.68), (0.72, 0.88), (0.8, 0.92), (0.6, 0.92))
    scene.shape(_tone(skin, 0.8), (0.1, 0.7), (0.3, 0.78), (0.38, 0.9), (0.1, 0.9))
    for x, y in rng.uniform((0.28, 0.42), (0.7, 0.62), (14, 2)):
        scene.oval(_tone(skin, 0.6), x, y, 0.025, 0.018)
    return scene.finished(fur=12)


def _on_legs(scene: Scene, coat: Colour, width: float, stout: float) -> None:
    """The body that a horse and a deer have alike, its neck and its head."""
    scene.legs(_tone(coat, 0.7), (0.24, 0.64), 0.55, 0.93, width)
    scene.oval(coat, 0.45, 0.5, 0.26, stout)
    scene.oval(coat, 0.26, 0.48, 0.12, 0.14)
    scene.oval(coat, 0.64, 0.48, 0.12, 0.14)
    scene.legs(_tone(coat, 0.92), (0.2, 0.67), 0.52, 0.95, width)
    scene.shape(coat, (0.6, 0.5), (0.72, 0.2), (0.82, 0.22), (0.75, 0.52))
    scene.shape(coat, (0.7, 0.14), (0.8, 0.15), (0.96, 0.32), (0.9, 0.39), (0.78, 0.3))
    scene.shape(_tone(coat, 0.9), (0.72, 0.15), (0.73, 0.06), (0.78, 0.15))


def horse(rng: np.random.Generator) -> Image.Image:
    meadow, far = _ground(rng, (95, 135, 65)), int(SIDE * 0.4)
    meadow[:far] = _fade((160, 195, 225), (215, 225, 225))[:far]
    scene, coat = Scene(meadow, rng), _one(rng, (110, 60, 35), (60, 40, 30), (150, 95, 55))
    _on_legs(scene, coat, 0.075, 0.13)
    mane = (0.66, 0.2), (0.73, 0.14), (0.74, 0.2), (0.66, 0.46)
    scene.shape(_tone(coat, 0.4), (0.58, 0.48), *mane)
    scene.shape(_tone(coat, 0.4), (0.16, 0.42), (0.1, 0.48), (0.08, 0.8), (0.14, 0.75), (0.19, 0.5))
    return scene.finished(fur=7)


def deer(rng: np.random.Generator) -> Image.Image:
    clearing, far = _ground(rng, (120, 115, 75)), int(SIDE * 0.4)
    clearing[:far] = _ground(rng, (60, 85, 50))[:far]
    scene, coat, antler = Scene(clearing, rng, y=0.53), (165, 115, 70), (90, 65, 40)
    _on_legs(scene, coat, 0.045, 0.15)
    for x in (0.72, 0.78):
        scene.shape(antler, (x, 0.14), (x + 0.012, 0.14), (x + 0.05, -0.02), (x + 0.03, -0.03))
        scene.shape(antler, (x + 0.02, 0.06), (x - 0.03, 0), (x - 0.02, -0.01), (x + 0.03, 0.05))
        scene.shape(antler, (x + 0.03, 0.04), (x + 0.1, 0), (x + 0.1, 0.015), (x + 0.03, 0.06))
    scene.oval((235, 230, 215), 0.16, 0.46, 0.03, 0.05)
    scene.oval((215, 190, 150), 0.45, 0.6, 0.2, 0.05)
    return scene.finished(fur=7)


def _wall(rng: np.random.Generator) -> np.ndarray:
    colour = _one(rng, (150, 130, 115), (120, 125, 140), (175, 165, 150))
    return _fade(colour, colour) + rng.normal(0, 4, (SIDE, SIDE, 1))


def cat(rng: np.random.Generator) -> Image.Image:
    scene, fur = Scene(_wall(rng), rng, turns=False), _one(rng, (120, 115, 110), (190, 130, 70), (70, 65, 62))
    scene.oval(_tone(fur, 0.9), 0.5, 0.95, 0.36, 0.3)
    for side in (1, -1):
        scene.shape(
            _tone(fur, 0.85), *((0.5 + side * x, y) for x, y in ((0.3, 0.42), (0.3, 0.06), (0.06, 0.24)))
        )
        scene.shape(
            (200, 150, 140), *((0.5 + side * x, y) for x, y in ((0.26, 0.35), (0.26, 0.14), (0.12, 0.26)))
        )
    scene.oval(fur, 0.5, 0.45, 0.31, 0.27)
    scene.oval(_tone(fur, 1.4), 0.5, 0.57, 0.15, 0.11)
    for x in (0.37, 0.63):
        scene.oval((190, 190, 80), x, 0.42, 0.07, 0.055)
        scene.oval(BLACK, x, 0.42, 0.022, 0.05)
    scene.shape((200, 120, 110), (0.46, 0.51), (0.54, 0.51), (0.5, 0.55))
    scene.legs(_tone(fur, 0.55), [0.4 + 0.055 * n for n in range(4)], 0.2, 0.33, 0.025)
    for y in (0.54, 0.58):
        for x, tip in ((0.4, 0.12), (0.6, 0.88)):
            scene.shape((230, 230, 230), (tip, y - 0.02), (x, y), (x, y + 0.006), (tip, y - 0.014))
    return scene.finished(fur=12)


def dog(rng: np.random.Generator) -> Image.Image:
    scene, fur = Scene(_wall(rng), rng, turns=False), _one(rng, (190, 150, 100), (120, 80, 50), (225, 210, 190))
    scene.oval(_tone(fur, 0.9), 0.5, 0.95, 0.36, 0.3)
    scene.oval(fur, 0.5, 0.42, 0.27, 0.28)
    scene.oval(_tone(fur, 1.15), 0.5, 0.6, 0.17, 0.17)
    for x in (0.22, 0.78):
        scene.oval(_tone(fur, 0.6), x, 0.42, 0.1, 0.24)
    for x in (0.39, 0.61):
        scene.oval(BLACK, x, 0.4, 0.035, 0.04)
    scene.oval(BLACK, 0.5, 0.55, 0.07, 0.05)
    scene.box((40, 25, 25), 0.49, 0.58, 0.51, 0.68)
    scene.oval((200, 90, 95), 0.5, 0.73, 0.05, 0.06)
    return scene.finished(fur=12)


SCENES: dict[str, Callable[[np.random.Generator], Image.Image]] = {
    one.__name__: one for one in (airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck)
}
