"""Attribution: four explanations of one prediction for one class; each answers with an image.

    >>> found = integrated_gradients(classifier, image.pixels, 7)
    >>> found.map.shape, found.facts["sum"]          # positive: this ink speaks for a 7
    ((28, 28), 11.2)

An image is float32 [28, 28], 0 = paper, 1 = ink, or [32, 32, 3], red, green and blue, 0..1; a map has one
number per pixel of either. A class is 0..9 or, where the network has an eleventh output, 10: 'not a digit'.
What is explained is one number per class, its answer, which still tells more from less where the probability
has long reached 100%. ANSWERS has two: the log-odds, which the page takes, and the bare logit, as in the
papers. A logit by itself says little: the softmax does not change when all ten rise together.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.special import logsumexp

from core.data import datasets
from core.models.classifiers import Classifier
from core.nn import architectures, backprop, calibration, graph
from core.nn.activations import softmax
from core.nn.architectures import CLASSES, Activation, BatchNormalization, Conv2D, PReLU, class_count
from core.nn.layers import JOINS
from core.records import Network

NOT_A_DIGIT = CLASSES  # the eleventh output, of networks that have eleven
PATCH = 5  # pixels, the side of the paper that covers the ink
PATCHES = (3, 5, 7)  # odd, so that there is one pixel in the middle
# What covers an image in colour: a grey, the mean colour of CIFAR-10's training images; around every second
# pixel, because no place is empty there, and each costs as much as a reading.
GREY, STEP = (0.491, 0.482, 0.447), 2
FEWEST_STEPS, MAX_STEPS = 32, 256  # from the empty canvas to the drawing
_STEPS_WORK = 1.6e9  # multiplications that all steps may cost together: half a second
_BATCH = 32  # images at once: more leave the processor's cache


class ExplanationError(ValueError):
    """This network cannot be asked in this way; the text says why."""


@dataclass(frozen=True)
class Explanation:
    """One method's answer for one image and one class.

    method: a key of METHODS. target: the class, 0..9 or NOT_A_DIGIT.
    map: float32 [height, width], one number per pixel. signed: it may be negative, which speaks against the
        class.
    facts: numbers that belong to it, by name; 'answer', the number that is explained, is always there.
    """

    method: str
    target: int
    map: np.ndarray
    signed: bool
    facts: Mapping[str, float]

    @property
    def scale(self) -> float:
        """The largest absolute value in the map."""
        return float(np.abs(self.map).max())


@dataclass(frozen=True)
class Coverings:
    """What a network says of one image, and of the same with a square of it covered.

    before: float32 [outputs], the logits of the image as it is. positions: (y, x), the middle of each square.
    outputs: float32 [n, outputs], the logits with each covered. step: pixels from one middle to the next.
    side: the image's width.
    """

    before: np.ndarray
    positions: tuple[tuple[int, int], ...]
    outputs: np.ndarray
    step: int
    side: int


# -- what is explained: float [n, outputs] logits, class -> (float [n] answers, float [n, outputs] slopes)


def log_odds(logits: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
    """ln(p / (1 - p)) of the class's probability p: its logit less the log-sum-exp of its rivals.

    0 is even odds, 2.3 is ten to one, 4.6 a hundred to one. A digit's rivals are the nine other digits, as
    the bars have it; those of 'not a digit' are the ten digits.
    """
    others = [k for k in range(class_count(logits.shape[1])) if k != target]
    slopes = np.zeros_like(logits)
    slopes[:, others] = -softmax(logits[:, others])
    slopes[:, target] = 1
    return logits[:, target] - logsumexp(logits[:, others], axis=1), slopes


def logit(logits: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
    """The class's number before the softmax, by itself."""
    slopes = np.zeros_like(logits)
    slopes[:, target] = 1
    return logits[:, target], slopes


Answer = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]
ANSWERS: dict[str, Answer] = {"log-odds": log_odds, "logit": logit}


# -- the methods


def occlusion(
    classifier: Classifier, pixels: np.ndarray, target: int, *, patch: int = PATCH, answer: Answer = log_odds
) -> Explanation:
    """Cover the ink around each pixel with a square of paper: by how much does the answer fall?

    map[y, x] = answer(image) - answer(image whose patch x patch square around (y, x) is 0). Positive:
    what was covered spoke for the class. At the edge the square is cut off. In colour the square is GREY,
    around the middle of each STEP x STEP pixels, which fraction one number. (Zeiler and Fergus, Visualizing and
    Understanding Convolutional Networks, 2014, section 4.2.)
    Facts: 'largest' fall, its place 'x' and 'y', 'probability' before and 'probability_then' with that place
    covered, each as the Draw page says it.
    """
    found = coverings(classifier, pixels, patch=patch)
    before, answers = answer(found.before[None], target)[0], answer(found.outputs, target)[0]
    shown = np.zeros(pixels.shape[:2], pixels.dtype)
    if not found.positions:
        return Explanation("Cover it", target, shown, True, {"answer": float(before[0])})
    falls, step = before[0] - answers, found.step
    for (y, x), fall in zip(found.positions, falls, strict=True):
        top, left = y - step // 2, x - step // 2
        shown[top : top + step, left : left + step] = fall
    worst = int(falls.argmax())
    probability, then = _probability(np.stack([found.before, found.outputs[worst]]), target)
    facts = {
        "answer": float(before[0]),
        "largest": float(falls[worst]),
        "y": found.positions[worst][0],
        "x": found.positions[worst][1],
        "probability": float(probability),
        "probability_then": float(then),
    }
    return Explanation("Cover it", target, shown, True, facts)


def coverings(
    classifier: Classifier, pixels: np.ndarray, *, patch: int = PATCH, step: int | None = None
) -> Coverings:
    """Ask the network again with each place covered, as `occlusion` does.

    step: None for each pixel of a drawing, and every second of an image in colour.
    """
    if patch not in PATCHES:
        raise ValueError(f"patch is {patch}, but has to be one of {', '.join(map(str, PATCHES))}")
    half, positions, images = patch // 2, [], [pixels]
    paper, usual = (np.zeros(1), 1) if pixels.ndim == 2 else (np.array(GREY, np.float32), STEP)
    step = usual if step is None else step
    height, width = pixels.shape[:2]
    for y, x in itertools.product(range(step // 2, height, step), range(step // 2, width, step)):
        window = np.s_[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1]
        if (pixels[window] != paper).any():  # paper on paper changes nothing
            images.append(pixels.copy())
            images[-1][window] = paper
            positions.append((y, x))
    outputs = classifier.outputs(np.stack(images))
    return Coverings(outputs[0], tuple(positions), outputs[1:], step, width)


def saliency(
    classifier: Classifier, pixels: np.ndarray, target: int, *, answer: Answer = log_odds
) -> Explanation:
    """The size of the gradient: how fast the answer changes with each pixel, up or down.

    map = |d answer / d pixel|, in colour the largest of the three. (Simonyan, Vedaldi and Zisserman, Deep
    Inside Convolutional Networks, 2014, section 3.) Facts: 'paper', the fraction of the map's sum that lies
    where there is no ink; in colour 'tenth', the fraction that the strongest tenth of all pixels holds.
    """
    slopes, answers = _slopes(classifier.network, pixels[None], target, answer)
    size = np.abs(slopes[0]).max(-1)
    total, facts = max(float(size.sum()), 1e-30), {"answer": float(answers[0])}
    if pixels.ndim == 2:
        facts["paper"] = float(size[pixels == 0].sum() / total)
    else:
        facts["tenth"] = float(np.sort(size.ravel())[-(size.size // 10) :].sum() / total)
    return Explanation("Gradient", target, size, False, facts)


def integrated_gradients(
    classifier: Classifier,
    pixels: np.ndarray,
    target: int,
    *,
    steps: int | None = None,
    answer: Answer = log_odds,
) -> Explanation:
    """How much each pixel's ink added to the answer, on the straight way from an empty canvas to the drawing.

    map = pixel * mean over t of d answer / d pixel at t * image, with t in the middles of `steps` equal
    parts of 0..1; in colour the sum over red, green and blue. (Sundararajan, Taly and Yan, Axiomatic
    Attribution for Deep Networks, 2017, section 3; the baseline is paper, or black: 0.) Completeness: with ever
    finer steps the sum becomes answer(image) - answer(paper). steps: None for as many as half a second
    allows, FEWEST_STEPS to MAX_STEPS.
    Facts: 'sum' of the map; 'empty', the paper's answer; 'rise' = answer - empty; 'residual' = sum - rise;
    'steps'.
    """
    if steps is None:
        work = architectures.multiply_adds(classifier.network.layers, datasets.shape_of(classifier.network))
        steps = int(np.clip(_STEPS_WORK / work, FEWEST_STEPS, MAX_STEPS))
    at = ((np.arange(steps) + 0.5) / steps).astype(pixels.dtype)
    slopes, _ = _slopes(classifier.network, np.multiply.outer(at, pixels), target, answer)
    _, (empty, full) = _slopes(classifier.network, np.stack([0 * pixels, pixels]), target, answer)
    shown = (pixels.reshape(slopes.shape[1:]) * slopes.mean(0)).sum(-1)
    total, rise = float(shown.sum(dtype=float)), float(full) - float(empty)
    facts = {
        "answer": float(full),
        "empty": float(empty),
        "rise": rise,
        "sum": total,
        "residual": total - rise,
        "steps": steps,
    }
    return Explanation("Add it up", target, shown, True, facts)


def grad_cam(
    classifier: Classifier, pixels: np.ndarray, target: int, *, layer: str = "", answer: Answer = log_odds
) -> Explanation:
    """Where the feature maps that speak for the class are bright.

    map = relu(sum over k of a_k * A_k), a_k = mean over all places of d answer / d A_k; A_k are the feature
    maps of `layer`, by default of the last convolution, after its activation. Enlarged to the image's size,
    linearly between the middles of its cells. (Selvaraju and others, Grad-CAM, 2017, equations 1 and 2; there
    the answer is the logit.)
    Facts: 'height' and 'width' of the feature maps and 'maps', how many.
    Raises ExplanationError where there are no feature maps.
    """
    name = layer or last_maps(classifier.network)
    values = backprop.forward(classifier.network, pixels[None])
    if name not in values or values[name].ndim != 4:
        raise ExplanationError(f"{name} makes no feature maps; choose a convolution or a pooling layer.")
    *_, logits = values.values()
    answers, weighting = answer(logits, target)
    slopes = backprop.backward(classifier.network, values, weighting, down_to=name)[name][0]
    maps = values[name][0]
    coarse = np.maximum((maps * slopes.mean((0, 1))).sum(-1), 0)
    shown = Image.fromarray(coarse.astype(np.float32)).resize(pixels.shape[1::-1], Image.Resampling.BILINEAR)
    height, width, count = maps.shape
    facts = {"answer": float(answers[0]), "height": height, "width": width, "maps": count}
    return Explanation("Grad-CAM", target, np.asarray(shown), False, facts)


class Method(NamedTuple):
    """explain: (classifier, pixels, class) -> Explanation.

    shows, hides: one sentence each, of a drawing. in_colour: the same two of an image in colour.
    """

    explain: Callable[..., Explanation]
    shows: str
    hides: str
    in_colour: tuple[str, str]

    def words(self, *, colour: bool) -> tuple[str, str]:
        """Return what it shows and what it hides."""
        return self.in_colour if colour else (self.shows, self.hides)


METHODS: dict[str, Method] = {
    "Cover it": Method(
        occlusion,
        "A small square of paper covers the ink around each pixel in turn; the colour at that pixel is how far "
        "the answer falls then, or rises.",
        "It only takes ink away, so it cannot show that an empty place matters; and where two strokes say the "
        "same, covering one of them changes little.",
        (
            "A small grey square covers the picture around every second pixel in turn; the colour there is how "
            "far the answer falls then, or rises.",
            "The square is something to see as well, with edges of its own; and where two parts say the same, "
            "covering one of them changes little.",
        ),
    ),
    "Add it up": Method(
        integrated_gradients,
        "The drawing fades in from an empty canvas, and on the way each pixel is credited with what its ink "
        "adds to the answer; all credits together make up the whole rise (integrated gradients).",
        "Empty places get no credit, however much they matter; and fading in from something else than an "
        "empty canvas would give other credits.",
        (
            "The picture fades in from black, and on the way each pixel is credited with what its red, green "
            "and blue add to the answer; all credits together make up the whole rise (integrated gradients).",
            "What is black gets no credit, however much it matters; and fading in from something else than "
            "black would give other credits.",
        ),
    ),
    "Gradient": Method(
        saliency,
        "How fast the answer would change if this pixel became a tiny bit darker or lighter, in the ink and on "
        "the paper alike.",
        "Not whether more ink there would help or hurt, and not what a larger change would do.",
        (
            "How fast the answer would change if this pixel's red, green or blue, whichever matters most, "
            "became a tiny bit brighter or darker.",
            "Not whether brighter would help or hurt, and not what a larger change would do.",
        ),
    ),
    "Grad-CAM": Method(
        grad_cam,
        "Where those feature maps of one layer are bright that speak for this answer; of the last convolution, "
        "unless another is chosen.",
        "No detail: it is as coarse as these maps; and what speaks against the answer is left out.",
        (
            "Where those feature maps of one layer are bright that speak for this answer; of the last "
            "convolution, unless another is chosen.",
            "No detail: it is as coarse as these maps; and what speaks against the answer is left out.",
        ),
    ),
}


def classes(network: Network) -> range:
    """Return what this network can be asked about: its classes, and NOT_A_DIGIT where it has that output."""
    (outputs,) = architectures.describe(network.layers, datasets.shape_of(network))[-1][0]
    return range(outputs)


def last_maps(network: Network) -> str:
    """Return the name of the last convolution, or of what normalises, activates and joins its sums with others.

    Raises ExplanationError where there is none.
    """
    positions = [n for n, layer in enumerate(network.layers) if isinstance(layer, Conv2D)]
    if not positions:
        raise ExplanationError(
            "Grad-CAM needs the feature maps of a convolution, and this network has no convolution."
        )
    last, readers = positions[-1], graph.readers(network.layers)
    # Where ways part after it, no one layer has all that it says.
    while len(after := readers[last]) == 1 and isinstance(
        network.layers[after[0]], (BatchNormalization, Activation, PReLU, *JOINS)
    ):
        last = after[0]
    return architectures.names(network.layers)[last]


def map_layers(network: Network) -> list[str]:
    """Return the names of the layers that Grad-CAM can look at, in order; none without a convolution."""
    if not any(isinstance(layer, Conv2D) for layer in network.layers):
        return []
    shapes = architectures.describe(network.layers, datasets.shape_of(network))
    names = architectures.names(network.layers)
    return [name for name, (shape, _) in zip(names, shapes, strict=True) if len(shape) == 3]


def _slopes(network: Network, images: np.ndarray, target: int, answer: Answer) -> tuple[np.ndarray, np.ndarray]:
    """Images, float32 [n, ...] -> (the answers' gradients [n, height, width, channels], the answers [n])."""
    slopes, answers = [], []
    for at in range(0, len(images), _BATCH):
        values = backprop.forward(network, images[at : at + _BATCH])
        *_, logits = values.values()
        found, weighting = answer(logits, target)
        slopes.append(backprop.backward(network, values, weighting)[backprop.INPUT])
        answers.append(found)
    return np.concatenate(slopes), np.concatenate(answers)


def _probability(outputs: np.ndarray, target: int) -> np.ndarray:
    """logits [n, outputs] -> the class's probability [n], as the Draw page says it."""
    classes, is_digit = calibration.split(outputs)
    if target < classes.shape[1]:
        return classes[:, target]
    assert is_digit is not None
    return 1 - is_digit
