"""The training set of the shipped network: MNIST, pen-drawn digits, rare glyph variants, and the reject class.

What pens have written is an option: `Files`, as `pen_files` reads them. Everything else comes with the app or
is drawn by arithmetic.

Called by `core.training.finetuning` and `core.worker.run_data`.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from core.data import datasets, glyph_variants, glyphs, pen_paths, scribbles, synthetic_digits
from core.data.pen_files import PenDigit, is_held_out, is_test_writer, pen_characters, pen_digits
from core.data.pen_paths import Strokes
from core.ink import preprocessing
from core.ink.preprocessing import BOX, CENTRE, SIZE, STROKE_RADIUS
from core.records import Dataset

NOT_A_DIGIT = 10  # the eleventh class

# Characters that many writers write exactly as a 0 or a bare 1: they teach neither one thing nor the other.
AMBIGUOUS = frozenset("Ool|I/\\'`,")
# Characters that are told from 1, 2, 5, 6, 8, 9 by a detail, and not by everyone: seen less often.
ALIKE = frozenset("ZzSsBbgqy()i!")
# Of those that pens have written none of these is learnt, where an s is a 5 and a dot may be a line.
BY_A_DETAIL = ALIKE | frozenset("D[].")

PORTION = 500  # images that are drawn by one task


@dataclass(frozen=True)
class Files:
    """Paths of what pens have written, as `pen_files` reads them; '' for none.

    pen_digits: by a few writers, hundreds by each. unipen_digits: by hundreds, mostly a few by each.
    unipen_characters: letters and signs, which are no digits.
    """

    pen_digits: str = ""
    unipen_digits: str = ""
    unipen_characters: str = ""


NO_FILES = Files()


def digit_lab(
    seed: int, pens: Files = NO_FILES, on_progress: Callable[[float], object] = lambda fraction: None
) -> Dataset:
    """Return what the shipped network learns from; labels 0..9 and NOT_A_DIGIT.

    x_train: uint8 [n, 28, 28], first what is drawn here, then MNIST's 60,000 in their order. x_test: MNIST's.
    on_progress: is called with the fraction of the images that are drawn, 0..1; they take a minute or two.
    """
    tasks = [
        (name, seed, portion, pens)
        for name, source in SOURCES.items()
        if not source.needs or getattr(pens, source.needs)
        for portion in range(source.count // PORTION)
    ]
    images, labels = [], []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for done, (some, theirs) in enumerate(pool.map(_portion, *zip(*tasks, strict=True)), 1):
            images.append(some)
            labels.append(theirs)
            on_progress(done / len(tasks))
    mnist = datasets.mnist()
    return Dataset(
        np.concatenate([*images, mnist.x_train]),
        np.concatenate([*labels, mnist.y_train]),
        mnist.x_test,
        mnist.y_test,
    )


def held_out(pens: Files = NO_FILES, validation: int = 5000) -> tuple[np.ndarray, np.ndarray]:
    """Return images, uint8 [n, 28, 28], that were not learnt from, and their labels, 0..9 and NOT_A_DIGIT.

    MNIST's last `validation` training digits; the digits of the held-out writers, or of the held-out
    handwritings where there is no file; and examples of the reject class from all its sources, by held-out
    writers. Those of UNIPEN's writers who are for the end are not among them.
    """
    mnist, pools, rng = datasets.mnist(), _stroke_pools(pens, held_out=True), np.random.default_rng(0)
    written = [*pools.pen, *pools.unipen] or pools.written
    digits = [(render(list(strokes), rng), digit) for strokes, digit in written]
    others = [
        source.draw(rng, pools)
        for source in SOURCES.values()
        if source.is_reject and (not source.needs or getattr(pens, source.needs))
        for _ in range(PORTION)
    ]
    images, labels = zip(*digits, *others, strict=True)
    first = len(mnist.x_train) - validation
    return (
        np.concatenate([mnist.x_train[first:], _as_bytes(images)]),
        np.concatenate([mnist.y_train[first:], np.array(labels, np.uint8)]),
    )


def sample(count: int, seed: int, *, held_out: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return about `count` images of all sources that need no file, in their proportions.

    uint8 [n, 28, 28] and labels, 0..9 and NOT_A_DIGIT; some 3 ms each, in this process. held_out: by writers
    who are never learnt from.
    """
    rng, pools = np.random.default_rng([seed, held_out]), _stroke_pools(NO_FILES, held_out)
    sources = [source for source in SOURCES.values() if not source.needs]
    every = sum(source.count for source in sources)
    made = [source.draw(rng, pools) for source in sources for _ in range(-(-count * source.count // every))]
    images, labels = zip(*made, strict=True)
    return _as_bytes(images), np.array(labels, np.uint8)


def render(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """Draw strokes as on a canvas: anywhere, 60 to 240 pixels large, whole pixels. float32 [28, 28].

    Half of them as the app draws a drawing, half with the pen of some image.
    """
    points = np.concatenate(strokes)
    size = float(np.ptp(points, axis=0).max()) or 1.0
    extent = rng.uniform(60, 240)
    placed = [np.round((s - points.min(0)) * (extent / size)) for s in strokes]
    radius = STROKE_RADIUS if rng.random() < 0.5 else rng.uniform(0.9, 2.2)
    return preprocessing.normalise(placed, radius=radius)[1]


@dataclass(frozen=True)
class Source:
    """count images of one kind. draw: one of them, float32 [28, 28], and its class.

    needs: which of `Files` there has to be, or ''.
    """

    draw: Callable[[np.random.Generator, "StrokePools"], tuple[np.ndarray, int]]
    count: int
    needs: str = ""
    is_reject: bool = True  # of the reject class


@dataclass(frozen=True)
class StrokePools:
    """Strokes to draw from: digits with their class, and characters that are none.

    cumulative_weights: how often each of `unipen` is taken, or nothing where all are taken alike.
    """

    pen: Sequence[tuple[Sequence[np.ndarray], int]]
    written: Sequence[tuple[Sequence[np.ndarray], int]]
    characters: Sequence[Sequence[np.ndarray]]
    unipen: Sequence[tuple[Sequence[np.ndarray], int]] = ()
    cumulative_weights: np.ndarray | None = None
    unipen_characters: Sequence[Sequence[np.ndarray]] = ()

    def any_unipen(self, rng: np.random.Generator) -> tuple[Sequence[np.ndarray], int]:
        """A digit of `unipen`: of a writer of many less often than there are of theirs."""
        assert self.cumulative_weights is not None
        return self.unipen[
            int(
                np.searchsorted(
                    self.cumulative_weights, rng.random() * self.cumulative_weights[-1], side="right"
                )
            )
        ]

    def digit(self, rng: np.random.Generator) -> tuple[Strokes, int]:
        """Any digit: by a pen, from a font, or of a glyph variant."""
        choice = rng.random()
        if self.unipen and choice < 0.3:
            strokes, digit = self.any_unipen(rng)
            return pen_paths.distort(strokes, rng, 0.5), digit
        if self.pen and choice < 0.5:
            strokes, digit = _any(self.pen, rng)
            return pen_paths.distort(strokes, rng, 0.5), digit
        if choice < 0.8:
            strokes, digit = _any(self.written, rng)
            return pen_paths.distort(strokes, rng, 0.7), digit
        return synthetic_digits.glyph_variant(rng)


def _pen(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    strokes, digit = _any(pools.pen, rng)
    return render(pen_paths.distort(strokes, rng, 0.5), rng), digit


def _written(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    strokes, digit = _any(pools.written, rng)
    return render(pen_paths.distort(strokes, rng, 0.8), rng), digit


def _glyph_variant(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    strokes, digit = synthetic_digits.glyph_variant(rng)
    return render(strokes, rng), digit


def _unipen(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    strokes, digit = pools.any_unipen(rng)
    return render(pen_paths.distort(strokes, rng, 0.5), rng), digit


def _rare_variant(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    strokes, digit = glyph_variants.clock(rng) if rng.random() < 0.15 else glyph_variants.glyph_variant(rng)
    if rng.random() < 0.2:
        strokes = glyph_variants.in_a_manner(strokes, rng)
    return render(strokes, rng), digit


def _manner(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    """Any digit, angular, wobbly, broken, retraced or leaning."""
    strokes, digit = pools.digit(rng)
    return render(glyph_variants.in_a_manner(strokes, rng), rng), digit


def _unipen_character(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    return render(pen_paths.distort(_any(pools.unipen_characters, rng), rng, 0.6), rng), NOT_A_DIGIT


def _character(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    return render(pen_paths.distort(_any(pools.characters, rng), rng, 0.8), rng), NOT_A_DIGIT


def _scribble(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    return render(scribbles.scribble(rng), rng), NOT_A_DIGIT


def _symbol(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    return render(scribbles.symbol(rng), rng), NOT_A_DIGIT


def _two(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    both = scribbles.side_by_side(pools.digit(rng)[0], pools.digit(rng)[0], rng)
    if rng.random() < 0.1:
        both = scribbles.side_by_side(both, pools.digit(rng)[0], rng)
    return render(both, rng), NOT_A_DIGIT


def _surrounded(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    return render(scribbles.around(pools.digit(rng)[0], rng), rng), NOT_A_DIGIT


def _two_images(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    """Two of MNIST's training digits next to each other, as in an image of a number."""
    left, right = (_cut(datasets.mnist().x_train[rng.integers(50_000)]) for _ in range(2))
    height = max(len(left), len(right))
    left, right = (np.pad(p, ((height - len(p), 0), (0, 0))) for p in (left, right))
    gap = np.zeros((height, int(rng.integers(1, 5))), np.uint8)
    return _fit(np.concatenate([left, gap, right], axis=1) / 255), NOT_A_DIGIT


def _texture(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    """What is left of a photograph: patches of light and dark, or their middle lines."""
    noise = ndimage.gaussian_filter(rng.normal(size=(64, 64)), rng.uniform(1.0, 6.0) * rng.uniform(0.5, 1.5, 2))
    dark = noise > np.quantile(noise, rng.uniform(0.45, 0.9))
    pieces, count = ndimage.label(dark)
    areas = np.bincount(pieces.ravel(), minlength=count + 1)
    areas[0] = 0
    dark = np.isin(pieces, np.flatnonzero(areas >= max(rng.choice([0.03, 0.3, 1.0]) * areas.max(), 1)))
    if rng.random() < 0.4 and (lines := skeletonize(dark)).sum() > 20:
        points = np.argwhere(lines)[:, ::-1].astype(np.float32)
        return preprocessing.normalise(list(points[:, None]))[1], NOT_A_DIGIT
    ink = ndimage.gaussian_filter(np.pad(dark, 1).astype(float), 0.7)
    return _fit(_cut(ink, 0.02)), NOT_A_DIGIT


def _solid(rng: np.random.Generator, pools: StrokePools) -> tuple[np.ndarray, int]:
    """A shape that is filled: an ellipse, a box, or something in between, with a wavy edge."""
    y, x = np.mgrid[-1:1:64j, -1:1:64j] * 1.2
    turn, wide = rng.uniform(0, np.pi), rng.uniform(0.5, 1.0)
    u, v = x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)
    power, angle = rng.uniform(1.2, 8), np.arctan2(v, u)
    waves = np.cos(np.arange(2, 6)[:, None] * angle.ravel() + rng.uniform(0, 6, (4, 1)))
    edge = 1 + rng.normal(0, 0.06, 4) @ waves
    inside = (np.abs(u) ** power + np.abs(v / wide) ** power) ** (1 / power) < edge.reshape(64, 64)
    return _fit(_cut(ndimage.gaussian_filter(inside.astype(float), 1.0), 0.02)), NOT_A_DIGIT


# The shipped network had those that need nothing of UNIPEN's. The others come last: these stay as they were.
SOURCES = {
    "pen": Source(_pen, 8_000, needs="pen_digits", is_reject=False),
    "written": Source(_written, 6_000, is_reject=False),
    "variant": Source(_glyph_variant, 4_000, is_reject=False),
    "character": Source(_character, 12_000),
    "scribble": Source(_scribble, 4_000),
    "symbol": Source(_symbol, 3_000),
    "two": Source(_two, 4_000),
    "two pictures": Source(_two_images, 1_500),
    "surrounded": Source(_surrounded, 1_500),
    "texture": Source(_texture, 2_500),
    "solid": Source(_solid, 1_500),
    "unipen": Source(_unipen, 16_000, needs="unipen_digits", is_reject=False),
    "unipen character": Source(_unipen_character, 8_000, needs="unipen_characters"),
    "rare variant": Source(_rare_variant, 10_000, needs="unipen_digits", is_reject=False),
    "manner": Source(_manner, 8_000, needs="unipen_digits", is_reject=False),
}


def _portion(name: str, seed: int, portion: int, pens: Files) -> tuple[np.ndarray, np.ndarray]:
    """Draw PORTION images of one source: the same for the same seed, whichever process does it."""
    rng = np.random.default_rng([seed, list(SOURCES).index(name), portion])
    pools, draw = _stroke_pools(pens, held_out=False), SOURCES[name].draw
    images, labels = zip(*(draw(rng, pools) for _ in range(PORTION)), strict=True)
    return _as_bytes(images), np.array(labels, np.uint8)


@cache
def _stroke_pools(pens: Files, held_out: bool) -> StrokePools:
    known = glyphs.load(held_out)
    others = [g for g in known if not g.character.isdecimal() and g.character not in AMBIGUOUS]
    written = pen_digits(pens.pen_digits) if pens.pen_digits else ()
    unipen = [d for d in _unipen_digits(pens) if _is_for(d.writer, held_out)]
    return StrokePools(
        pen=[(d.strokes, d.digit) for d in written if is_held_out(d.writer) == held_out],
        written=[(g.strokes, int(g.character)) for g in known if g.character.isdecimal()],
        characters=[g.strokes for g in others for _ in range(1 if g.character in ALIKE else 2)],
        unipen=[(d.strokes, d.digit) for d in unipen],
        cumulative_weights=_cumulative_weights([d.writer for d in unipen]),
        unipen_characters=[
            c.strokes
            for c in (pen_characters(pens.unipen_characters) if pens.unipen_characters else ())
            if _is_for(c.writer, held_out) and c.character not in AMBIGUOUS | BY_A_DETAIL
        ],
    )


def _is_for(writer: int, held_out: bool) -> bool:
    """Is one of UNIPEN's writers for choosing, where `held_out`, or to be learnt from?"""
    return is_held_out(writer) == held_out and not is_test_writer(writer)


def _unipen_digits(pens: Files) -> Sequence[PenDigit]:
    return pen_digits(pens.unipen_digits) if pens.unipen_digits else ()


def _cumulative_weights(writers: Sequence[int]) -> np.ndarray:
    """float [n], summed up: a writer is taken by the square root of how many drawings there are of theirs."""
    _, place, counts = np.unique(writers, return_inverse=True, return_counts=True)
    return np.cumsum(1 / np.sqrt(counts[place])) if len(writers) else np.zeros(0)


def _as_bytes(images: Sequence[np.ndarray]) -> np.ndarray:
    return np.round(255 * np.clip(images, 0, 1)).astype(np.uint8)


def _any(choices: Sequence, rng: np.random.Generator):
    return choices[int(rng.integers(len(choices)))]


def _cut(ink: np.ndarray, threshold: float = 0) -> np.ndarray:
    """Return the box around the ink."""
    rows, columns = np.flatnonzero((ink > threshold).any(1)), np.flatnonzero((ink > threshold).any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _fit(ink: np.ndarray) -> np.ndarray:
    """float [h, w], 0..1 -> float32 [28, 28]: the longer side 20 pixels, centred by its mass."""
    zoom = BOX / max(ink.shape)
    width, height = (max(1, round(n * zoom)) for n in (ink.shape[1], ink.shape[0]))
    small = Image.fromarray(ink.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR)
    image = np.zeros((SIZE, SIZE), np.float32)
    top, left = (SIZE - height) // 2, (SIZE - width) // 2
    image[top : top + height, left : left + width] = np.asarray(small)
    shift = CENTRE - preprocessing.centre_of_mass(image)
    return np.clip(ndimage.shift(image, shift[::-1], order=1), 0, 1)
