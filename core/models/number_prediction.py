"""Digits side by side as a number: the best path through a lattice of segments.

The network says of each segment how probable it is that it is one digit, and which; a path goes from the
first atom to the last. (LeCun, Bottou, Bengio, Haffner, 1998, section V: segmentation graph and Viterbi
search; with an output 'no digit', a segment's evidence is the log odds of its being a digit at all.)

Called by `core.commands.predict`, `core.models.browser_export` and `ui.sections.number_digits`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from core.ink import files, segments
from core.ink.preprocessing import normalise
from core.ink.segments import Atom, Segment
from core.models.classifiers import Classifier
from core.records import DigitImage, DigitOfNumber, Drawing, NumberPrediction, Prediction, Step

if TYPE_CHECKING:
    from core.ink.ink_candidates import Guess


@dataclass(frozen=True)
class Costs:
    """What speaks against a path, in log odds. Chosen on numbers by the held-out writers who choose.

    segment: each digit. cut: each end of a segment that is a cut. low: times the fraction of the whole height
    that a segment lacks. overlap: times the fraction of the narrower neighbour's box that overlaps. nested:
    times what of it is beyond NESTED_FROM: the stroke through a 0 is no 1 within it. limit: the most that one
    segment can speak for or against a path. mean: what a path has for each of its digits, all costs subtracted,
    at least, where it is taken for a number.
    """

    segment: float
    cut: float
    low: float
    overlap: float
    nested: float
    limit: float
    mean: float


DRAWN = Costs(segment=0.46, cut=4.9, low=6.1, overlap=2.9, nested=14.0, limit=5.2, mean=1.0)
IN_IMAGES = Costs(segment=0.46, cut=1.0, low=8.0, overlap=1.8, nested=0.0, limit=5.2, mean=1.0)
OF_LINES = Costs(segment=0.9, cut=2.5, low=14.6, overlap=5.2, nested=0.0, limit=6.6, mean=0.5)
LINES_AHEAD = 1.5  # log odds per digit by which a path of lines may be worse, and is taken all the same

GUESSES = 2  # of each look at an image
# A digit with less of an image's ink may be a part of a number that has such log odds per digit: 113 has
# 4, squared paper has 1.
WHOLE, MIN_LOG_ODDS = 0.85, 3.0
NESTED_FROM = 0.6  # of the narrower box is in the other
NARROW = 0.15  # heights: as wide at least is a box when it is said how much of it overlaps


@dataclass(frozen=True)
class Evidence:
    """What the network says of the segments of some ink.

    orders: for each order of the atoms, (start, stop) -> the segment of these. count: how many atoms.
    ask: some sets of atoms -> float32 [11] of each, 'not a digit' the last; None where nothing can be read.
    """

    orders: tuple[Mapping[tuple[int, int], Segment], ...]
    count: int
    ask: Callable[[Sequence[frozenset[int]]], Sequence[np.ndarray | None]]


def predict(content: Drawing | np.ndarray, classifier: Classifier) -> NumberPrediction | None:
    """Return the digits of a drawing or an image, one or several; None where it is no digit and no number.

    content: an image is uint8 [h, w] or [h, w, 3], dark ink on light paper or the reverse.
    """
    whole = files.to_digit_image(content, classifier.predict)
    if whole is None:
        return None
    alone = classifier.predict(whole)
    number = several(content, whole, alone, classifier)
    if number is not None or alone.digit is None:
        return number
    if isinstance(content, Drawing):
        return NumberPrediction((DigitOfNumber(whole, alone, _box(content), content),))
    box = _step_with_box(whole)
    return NumberPrediction((DigitOfNumber(whole, alone, _zoomed(box.box or (), content, box.image)),))


def several(
    content: Drawing | np.ndarray, whole: DigitImage, alone: Prediction, classifier: Classifier
) -> NumberPrediction | None:
    """Return the number that some ink shows; None where it is one digit, or nothing of the kind.

    whole: all of it as one image; alone: the prediction for that. What is one digit stays one, and a
    classifier without a reject class finds no numbers.
    """
    if not classifier.has_reject_class:
        return None
    if isinstance(content, Drawing):
        return number_of_strokes(content, classifier) if alone.digit is None else None
    if alone.digit is None:
        return number_of_image(content, classifier)
    # Of 113 a 3 is left where straight lines are taken for the paper's: what leaves out much is asked twice.
    if float((_step_with_box(whole).image > 0.5).sum()) < WHOLE * _ink(content):
        return number_of_image(content, classifier, MIN_LOG_ODDS)
    return None


def _step_with_box(image: DigitImage) -> Step:
    return next(step for step in image.steps if step.box is not None)


def number_of_strokes(drawing: Drawing, classifier: Classifier) -> NumberPrediction | None:
    """Return the number that a drawing shows which is no single digit; None where it shows none."""
    every = segments.of_strokes([np.asarray(stroke, float) for stroke in drawing.strokes])
    atoms, mark = segments.without_mark(every)
    _, path = best_path(evidence(atoms, _strokes_pixels, classifier), DRAWN)
    if not path:
        return None
    digits = []
    for segment in path:
        chosen = segments.joined([atoms[n] for n in sorted(segment.atoms)])
        brushes = tuple(drawing.brushes[atom.source] for atom in chosen) if drawing.brushes else ()
        part = Drawing(tuple(atom.ink.astype(np.float32) for atom in chosen), brushes, drawing.canvas)
        image = files.to_digit_image(part)
        assert image is not None
        digits.append(DigitOfNumber(image, _as_digit(classifier.predict(image)), _box(part), part))
    return NumberPrediction(tuple(digits), _before(mark, path))


def _before(mark: float | None, path: Sequence[Segment]) -> int:
    """How many digits stand before a decimal point; 0 where it stands before none, or after all."""
    if mark is None:
        return 0
    count = sum(float(segment.low[0] + segment.high[0]) / 2 < mark for segment in path)
    return count if count < len(path) else 0


def _ink(pixels: np.ndarray) -> float:
    """Return how many pixels the most usual guess takes for ink."""
    from core.ink import ink_candidates  # noqa: PLC0415

    guesses = (guess for look in ink_candidates.looks(pixels) for guess in look)
    return float(next((guess.mask.sum() for guess in guesses), 0))


def number_of_image(
    pixels: np.ndarray, classifier: Classifier, minimum: float = -np.inf
) -> NumberPrediction | None:
    """Return the number that an image shows which is no single digit; None where it shows none.

    Of several looks at the image two that agree decide; where none do, the one whose path is the best.
    minimum: how good that is, at least, per digit; see `Costs`.
    """
    from core.ink import ink_candidates, photograph  # noqa: PLC0415

    found: list[tuple[float, NumberPrediction]] = []
    masks: list[np.ndarray] = []
    without: list[np.ndarray] = []  # masks that show no number
    for look in ink_candidates.looks(pixels):
        for guess in islice(look, GUESSES):
            if any(np.array_equal(guess.mask, mask) for mask in masks):
                continue
            if any(photograph.is_alike(guess.mask, mask) for mask in without):
                continue
            masks.append(guess.mask)
            score, reading = _number_in(guess, pixels, classifier)
            if reading is None or score < minimum:
                without.append(guess.mask)
                continue
            if any(reading.number == other.number for _, other in found):
                return reading
            found.append((score, reading))
    return max(found, key=lambda one: one[0])[1] if found else None


def _number_in(
    guess: "Guess", pixels: np.ndarray, classifier: Classifier
) -> tuple[float, NumberPrediction | None]:
    """Read what one guess takes for ink: parted by seams between digits, and where its lines meet."""
    mask, mark = segments.without_mark_in(guess.mask, guess.ink > 0.5)
    guess = replace(guess, mask=mask)
    by_lines = _by_lines(guess, mark, pixels, classifier)
    if by_lines[0] + LINES_AHEAD >= IN_IMAGES.limit - IN_IMAGES.segment:  # no path of seams can have more
        return by_lines
    by_seams = _by_seams(guess, mark, pixels, classifier)
    return max(by_lines, by_seams, key=lambda one: one[0] + LINES_AHEAD * (one is by_lines))


def _by_lines(
    guess: "Guess", mark: float | None, pixels: np.ndarray, classifier: Classifier
) -> tuple[float, NumberPrediction | None]:
    atoms = segments.of_lines(guess.mask)
    found = evidence(atoms, _strokes_pixels, classifier, segments.MAX_LINES, segments.MAX_LINES_IN_SEGMENT)
    score, path = best_path(found, OF_LINES)
    lines = [[atoms[n].ink for n in sorted(segment.atoms)] for segment in path]
    digits = []
    for strokes, box in zip(lines, segments.boxes_around(lines, guess.mask), strict=True):
        made = files.to_digit_image(Drawing(tuple(stroke.astype(np.float32) for stroke in strokes)))
        assert made is not None  # it was read
        digits.append(
            DigitOfNumber(made, _as_digit(classifier.predict(made)), _zoomed(box, pixels, guess.mask))
        )
    return score, NumberPrediction(tuple(digits), _before(mark, path)) if digits else None


def _by_seams(
    guess: "Guess", mark: float | None, pixels: np.ndarray, classifier: Classifier
) -> tuple[float, NumberPrediction | None]:
    from core.ink.photograph import digit_image, digit_pixels  # noqa: PLC0415

    def part(chosen: Sequence[Atom]) -> "Guess":
        return replace(guess, mask=segments.mask_of(chosen, guess.mask.shape))

    def to_pixels(chosen: Sequence[Atom]) -> np.ndarray | None:
        return digit_pixels(part(chosen))

    atoms = segments.of_mask(guess.mask)
    score, path = best_path(evidence(atoms, to_pixels, classifier), IN_IMAGES)
    digits = []
    for segment in path:
        made = digit_image(part([atoms[n] for n in sorted(segment.atoms)]))
        assert made is not None  # it was read
        box = (*segment.low.tolist(), *(segment.high - segment.low).tolist())
        digits.append(
            DigitOfNumber(made, _as_digit(classifier.predict(made)), _zoomed(box, pixels, guess.mask))
        )
    return score, NumberPrediction(tuple(digits), _before(mark, path)) if digits else None


def _as_digit(prediction: Prediction) -> Prediction:
    """Among other digits also what alone would be in doubt is the digit that it looks most like."""
    return replace(prediction, digit=int(prediction.probabilities.argmax()), abstention="")


def _zoomed(
    box: tuple[float, ...], image: np.ndarray, working: np.ndarray
) -> tuple[float, float, float, float]:
    """A box in the working image -> in the image that it was made from."""
    zoom = max(image.shape[:2]) / max(working.shape[:2])
    left, top, width, height = (zoom * n for n in box)
    return left, top, width, height


def evidence(
    atoms: Sequence[Atom],
    to_pixels: Callable[[Sequence[Atom]], np.ndarray | None],
    classifier: Classifier,
    most: int = segments.MAX_ATOMS,
    most_in_segment: int = segments.MAX_IN_SEGMENT,
) -> Evidence:
    """Return the segments of some atoms, of which the network is asked as a search needs it.

    to_pixels: some atoms -> float32 [28, 28] as a network reads it, or None where there is nothing to read.
    most: atoms of a number; most_in_segment: of one digit.
    """
    orders = segments.orders(atoms) if 0 < len(atoms) <= most else []

    def ask(sets: Sequence[frozenset[int]]) -> list[np.ndarray | None]:
        pixels = [to_pixels([atoms[n] for n in sorted(chosen)]) for chosen in sets]
        made = [image for image in pixels if image is not None]
        outputs = iter(classifier.outputs(np.stack(made)) if made else ())
        return [None if image is None else next(outputs) for image in pixels]

    return Evidence(
        tuple(segments.candidates(atoms, order, most_in_segment) for order in orders), len(atoms), ask
    )


def best_path(evidence: Evidence, costs: Costs) -> tuple[float, list[Segment]]:
    """Return how good the best path is, per digit, and its segments from left to right; none for no number.

    A segment counts as much as any can until the network has been asked of it, and it is asked of what lies on
    the best path alone. Once that is known as a whole no other can be better. (The idea of A*: most segments
    cannot win, whatever the network would say of them.)
    """
    lattices = [_lattice(order, costs) for order in evidence.orders]
    scores: dict[frozenset[int], float] = {}  # of what was asked
    while True:
        paths = [_best_in(lattice, evidence.count, scores, costs) for lattice in lattices]
        score, path = max(paths, key=lambda found: found[0], default=(-np.inf, []))
        if score < 2 * costs.mean:  # too little for two digits
            return -np.inf, []
        unknown = list(dict.fromkeys(s.atoms for _, each in paths for s in each if s.atoms not in scores))
        if all(segment.atoms in scores for segment in path):
            break
        for chosen, logits in zip(unknown, evidence.ask(unknown), strict=True):
            scores[chosen] = -np.inf if logits is None else _odds(logits, costs)
    if len(path) < 2 or score < costs.mean * len(path):
        return -np.inf, []
    return score / len(path), sorted(path, key=lambda segment: float(segment.low[0] + segment.high[0]))


@dataclass(frozen=True)
class _Node:
    """A segment in a lattice: what speaks against it, and against each neighbour on its left."""

    edge: tuple[int, int]
    segment: Segment
    cost: float
    before: tuple[tuple[tuple[int, int], float], ...]


def _lattice(order: Mapping[tuple[int, int], Segment], costs: Costs) -> list[_Node]:
    """Return the segments in one order of the atoms, each after all that may come before it."""
    ending: dict[int, list[tuple[int, int]]] = {}
    nodes = []
    for edge in sorted(order):
        segment = order[edge]
        cost = costs.cut * segment.cuts + costs.low * (1 - segment.height) + costs.segment
        before = tuple((left, _beside(order[left], segment, costs)) for left in ending.get(edge[0], ()))
        nodes.append(_Node(edge, segment, cost, before))
        ending.setdefault(edge[1], []).append(edge)
    return nodes


def _best_in(
    lattice: Sequence[_Node], count: int, scores: Mapping[frozenset[int], float], costs: Costs
) -> tuple[float, list[Segment]]:
    """The best path through the atoms in one order, and its score. (Viterbi's search.)

    The best way to each segment is the best of those to its neighbours on the left.
    """
    best: dict[tuple[int, int], tuple[float, tuple[int, int] | None, Segment]] = {}
    for node in lattice:
        own = scores.get(node.segment.atoms, costs.limit) - node.cost
        if own == -np.inf:
            continue
        if node.edge[0] == 0:
            best[node.edge] = own, None, node.segment
            continue
        ways = [(best[edge][0] - beside, edge) for edge, beside in node.before if edge in best]
        if ways:
            score, before = max(ways)
            best[node.edge] = own + score, before, node.segment
    last: tuple[int, int] | None
    last = max((edge for edge in best if edge[1] == count), key=lambda edge: best[edge][0], default=None)
    if last is None:
        return -np.inf, []
    score, path = best[last][0], []
    while last is not None:
        _, last, segment = best[last]
        path.append(segment)
    return score, path[::-1]


def _odds(logits: np.ndarray, costs: Costs) -> float:
    """float32 [11] -> the log odds of a digit, within `limit`."""
    odds = float(np.logaddexp.reduce(logits[:10].astype(float)) - logits[10])
    return float(np.clip(odds, -costs.limit, costs.limit))


def _beside(left: Segment, right: Segment, costs: Costs) -> float:
    """Return what speaks against two neighbours, in log odds."""
    overlap = _overlap(left, right)
    return costs.overlap * overlap + costs.nested * max(0.0, overlap - NESTED_FROM)


def _overlap(left: Segment, right: Segment) -> float:
    """Return how much of the narrower box the other covers; above 1 where they are in turned order."""
    height = max(float(s.high[1] - s.low[1]) for s in (left, right))
    narrower = min(float(s.high[0] - s.low[0]) for s in (left, right))
    return max(0.0, float(left.high[0] - right.low[0])) / max(narrower, NARROW * height, 1e-9)


def _strokes_pixels(atoms: Sequence[Atom]) -> np.ndarray:
    return normalise([atom.ink for atom in atoms])[1]


def _box(drawing: Drawing) -> tuple[float, float, float, float]:
    """The box around a drawing's ink, as wide as the pen made it."""
    points, pen = np.concatenate(drawing.strokes), max(drawing.brushes, default=0.0)
    (left, top), (right, bottom) = points.min(0) - pen / 2, points.max(0) + pen / 2
    return float(left), float(top), float(right - left), float(bottom - top)
