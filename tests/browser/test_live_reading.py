"""The browser's own reading against Python's: the same images, the same answers, for the same strokes."""

import base64
import math
from pathlib import Path

import numpy as np
import pytest

from core import words
from core.analysis import attribution
from core.data import datasets, scribbles, synthetic_digits
from core.ink.preprocessing import from_strokes
from core.io.bundle import bundle
from core.models import browser_export as browser
from core.models import classifiers, networks, number_prediction
from core.nn import architectures, calibration, graph, ops
from core.nn.activations import softmax
from core.nn.architectures import (
    Activation,
    Average,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    PReLU,
)
from core.records import Drawing
from tests.browser.conftest import visit
from tests.networks import by_chance as network
from tests.networks import ensemble, joined

NETWORKS = ("digit-lab", "first-conv-best")  # that has learnt what is no digit, and that has not
LEAD = 0.05  # of the winner, from which on it has to be the same
LOAD = """async (source) => {
    const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
    window.live = (await import(url)).default;
    window.bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}"""


@pytest.fixture(scope="module")
def script(browser):
    """A page with nothing but the modules of ours that read."""
    with visit(browser, who="script") as page:
        page.evaluate(LOAD, bundle(Path(__file__).with_name("live_reading.js")))
        yield page


def packed(own: networks.Network) -> str:
    data = browser.pack(own)
    assert data
    return base64.b64encode(data).decode()


def drawings(count: int) -> list[tuple[list[np.ndarray], list[float]]]:
    """Digits of every form, and among four of them a scribble: of any size, anywhere, with any brush."""
    rng = np.random.default_rng(8)
    found = []
    for number in range(count):
        strokes = scribbles.scribble(rng) if number % 5 == 4 else synthetic_digits.glyph_variant(rng)[0]
        size, brush = rng.uniform(60, 290), float(rng.uniform(4, 40))
        points = np.concatenate(strokes)
        scale = size / np.ptp(points, axis=0).max()
        placed = [(s - points.min(0)) * scale + rng.uniform(5, 300 - size + 15, 2) for s in strokes]
        found.append(([np.rint(100 * s) / 100 for s in placed], [brush] * len(placed)))
    dots = [[np.array([[50.0, 60.0]])], [np.array([[50.0, 60.0], [61.0, 64.0]])]]
    found += [([*strokes, stray_dot(strokes, rng)], [*brushes, brushes[0]]) for strokes, brushes in found[:60]]
    return found + [(strokes, [18.0] * len(strokes)) for strokes in dots]


def stray_dot(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """float64 [1, 2], somewhere in the box around some strokes or beside it."""
    points = np.concatenate(strokes)
    low, size = points.min(0), np.ptp(points, axis=0)
    return np.rint(100 * (low + size * rng.uniform(-0.4, 1.4, (1, 2)))) / 100


def test_pictures_and_answers_are_pythons(script):
    some = drawings(260)
    images = [from_strokes([s.astype(np.float32) for s in strokes], brushes=b) for strokes, b in some]
    for name in NETWORKS:
        results = script.evaluate(
            """([packed, drawings]) => {
                const {header, outputs} = live.unpack(bytes(packed));
                return drawings.map(([strokes, brushes]) => {
                    const image = live.imageOf(strokes.map((s) => Float64Array.from(s)), brushes, header.ink);
                    return [[...image], live.predict(outputs(image), image, header)];
                });
            }""",
            [packed(networks.shipped(name)), [([s.ravel().tolist() for s in d], b) for d, b in some]],
        )
        classifier = classifiers.shipped(name)
        for image, (pixels, answer) in zip(images, results, strict=True):
            assert np.abs(image.pixels.ravel() - pixels).mean() < 0.001
            expected = classifier.predict(image)
            assert answer["probabilities"] == pytest.approx(expected.probabilities, abs=0.01)
            if expected.is_digit is None:
                assert answer["isDigit"] is None
            else:
                assert answer["isDigit"] == pytest.approx(expected.is_digit, abs=0.01)
            second, first = np.sort(expected.probabilities)[-2:]
            unsure = first - second < LEAD or abs((expected.is_digit or 0) - calibration.MIN_IS_DIGIT) < 0.01
            if not unsure and not borderline(image.pixels, first):
                assert (answer["digit"], answer["abstention"]) == (expected.digit, expected.abstention)


def rows_of_digits(count: int) -> list[list[np.ndarray]]:
    """One to five digits side by side, apart or touching, now and then a scribble or a point among them."""
    rng = np.random.default_rng(21)
    found = []
    for number in range(count):
        strokes, right = [], 20.0
        for place in range(1 + number % 5):
            scribbled = number % 7 == 6 and place == 1
            digit = scribbles.scribble(rng) if scribbled else synthetic_digits.glyph_variant(rng)[0]
            points = np.concatenate(digit)
            scale = rng.uniform(55, 75) / np.ptp(points[:, 1]).clip(1e-3)
            digit = [(s - points.min(0)) * scale + (right, rng.uniform(90, 110)) for s in digit]
            right = max(s[:, 0].max() for s in digit) + rng.uniform(-4, 25)
            strokes += [np.rint(100 * s) / 100 for s in digit]
            if number % 4 == 3 and place == 1:  # with a decimal point
                strokes.append(np.array([[right + 3, 168], [right + 4, 170 + 8 * (number % 8 == 3)]]))
                right += 12
        found.append(strokes)
    return found


def test_numbers_are_pythons(script):
    """Asked at once, or piece by piece while the last stroke grows: the same digits in the end."""
    rows = rows_of_digits(40)
    results = script.evaluate(
        """([packed, rows]) => {
            const network = live.unpack(bytes(packed));
            return rows.map((row) => {
                const strokes = row.map((s) => Float64Array.from(s));
                const evidence = live.noEvidence();
                const said = live.numberOf(strokes, -1, network, live.noEvidence(), Infinity);
                let steps = 0;
                for (let points = 2; points < strokes.at(-1).length / 2; points += 5) {
                    const grown = [...strokes.slice(0, -1), strokes.at(-1).slice(0, 2 * points)];
                    live.numberOf(grown, strokes.length - 1, network, evidence, 3);
                }
                let later;
                do later = live.numberOf(strokes, -1, network, evidence, 3);
                while (!later.isWhole && ++steps < 500);
                const one = (d) => [d.digit, d.probability, d.sources];
                const digits = ({digits, point}) => digits && digits.map((d) => [...one(d), point]);
                return [digits(said), digits(later)];
            });
        }""",
        [packed(networks.shipped()), [[s.ravel().tolist() for s in row] for row in rows]],
    )
    classifier = classifiers.shipped()
    numbers = points = 0
    for row, (said, later) in zip(rows, results, strict=True):
        expected = number_prediction.number_of_strokes(Drawing(tuple(row)), classifier)
        assert later == said
        assert (said is None) == (expected is None)
        if expected is not None:
            numbers += 1
            points += expected.point > 0
            assert [digit for digit, *_ in said] == [digit.prediction.digit for digit in expected.digits]
            assert {point for *_, point in said} == {expected.point}
            for (_, probability, *_), digit in zip(said, expected.digits, strict=True):
                assert probability == pytest.approx(digit.prediction.probabilities.max(), abs=0.02)
    assert numbers > 20
    assert points > 3


def borderline(pixels, confidence) -> bool:
    """Would a little more ink, or a little less certainty, make it no digit? Then either answer is right."""
    needed = np.interp(pixels.sum(), classifiers.INK_AMOUNTS, classifiers.MIN_CONFIDENCE)
    return abs(confidence - needed) < 0.01 or abs(pixels.sum() - classifiers.TOO_MUCH_INK) < 0.1


@pytest.mark.parametrize("name", NETWORKS)
def test_a_thousand_test_digits_give_what_litert_gives(script, name):
    pixels = datasets.mnist().x_test[:1000]
    outputs = script.evaluate(
        """([packed, pixels]) => {
            const {outputs} = live.unpack(bytes(packed));
            const all = Float32Array.from(bytes(pixels), (n) => n / 255);
            const found = [];
            for (let at = 0; at < all.length; at += 784) found.push([...outputs(all.slice(at, at + 784))]);
            return found;
        }""",
        [packed(networks.shipped(name)), base64.b64encode(pixels.tobytes()).decode()],
    )
    expected = classifiers.shipped(name).outputs(pixels.astype(np.float32) / 255)
    assert np.abs(softmax(np.array(outputs)) - softmax(expected)).max() < 1e-4
    np.testing.assert_array_equal(np.argmax(outputs, 1), expected.argmax(1))


def forward(own: networks.Network, picture: np.ndarray) -> np.ndarray:
    """The outputs by core/nn/ops.py, before the last softmax."""
    functions = {
        "linear": lambda x: x,
        "softmax": softmax,
        "log": np.log,
        "relu": lambda x: np.maximum(x, 0),
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "tanh": np.tanh,
        "elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
        "gelu": lambda x: x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2,
        "silu": lambda x: x / (1 + np.exp(-x)),
        "leaky_relu": lambda x: np.maximum(x, 0.2 * x),
        "leaky_relu_0.3": lambda x: np.maximum(x, 0.3 * x),
    }
    made = {-1: picture[..., None].astype(float)}
    read = graph.sources(own.layers)
    for place, (name, layer) in enumerate(zip(architectures.names(own.layers), own.layers, strict=True)):
        x, *others = (made[at] for at in read[place])
        own_arrays = {k.split("/")[1]: v for k, v in own.weights.items() if k.startswith(f"{name}/")}
        if isinstance(layer, Conv2D):
            x = ops.convolve(x, own_arrays["kernel"], layer.stride, layer.padding) + own_arrays["bias"]
        elif isinstance(layer, MaxPooling2D | AveragePooling2D):
            how = "max" if isinstance(layer, MaxPooling2D) else "mean"
            x = ops.pool(x, how, layer.pool, layer.pool)
        elif isinstance(layer, BatchNormalization):
            spread = np.sqrt(own_arrays["moving_variance"] + 1e-3)
            x = (x - own_arrays["moving_mean"]) / spread * own_arrays["gamma"] + own_arrays["beta"]
        elif isinstance(layer, PReLU):
            x = np.maximum(x, 0) + own_arrays["alpha"] * np.minimum(x, 0)
        elif isinstance(layer, Flatten):
            x = x.ravel()
        elif isinstance(layer, Dense):
            x = x @ own_arrays["kernel"] + own_arrays["bias"]
        elif isinstance(layer, Concatenate):
            x = np.concatenate([x, *others], -1)
        elif others:
            x = (x + sum(others)) / (len(others) + 1 if isinstance(layer, Average) else 1)
        last = place == len(own.layers) - 1
        made[place] = functions["linear" if last else getattr(layer, "activation", "linear")](x)
    return made[len(own.layers) - 1]


@pytest.mark.parametrize("name", NETWORKS)
def test_which_ink_decides_is_pythons(script, name):
    """By how much each answer falls with each place covered, as `attribution.occlusion` has it."""
    classifier = classifiers.shipped(name)
    images = [
        from_strokes([s.astype(np.float32) for s in strokes], brushes=brushes)
        for strokes, brushes in drawings(7)
    ]
    results = script.evaluate(
        """([packed, pictures]) => {
            const network = live.unpack(bytes(packed));
            return pictures.map((numbers) => {
                const ink = Float32Array.from(numbers);
                const {outputs, covered} = live.coverer(network, ink, 28);
                const {index, values} = live.strongestMap(network);
                const places = live.inkedPlaces(ink, 28, 1);
                const seen = {outputs, places, found: places.map(covered)};
                const falls = [...outputs.keys()].map((target) => [...live.fallsOf(seen, target)]);
                return [places, falls, index, [...values]];
            });
        }""",
        [packed(classifier.network), [image.pixels.ravel().tolist() for image in images]],
    )
    first = classifier.network.layers[0]
    assert isinstance(first, Conv2D)
    for image, (places, falls, index, values) in zip(images, results, strict=True):
        assert len(falls) == len(attribution.classes(classifier.network))
        for target, found in enumerate(falls):
            expected = attribution.occlusion(classifier, image.pixels, target)
            shown = np.zeros(28 * 28)
            shown[places] = found
            assert shown == pytest.approx(expected.map.ravel(), rel=0.01, abs=0.02)
        maps = next(iter(classifier.activations(image).values()))
        assert np.array(values) == pytest.approx(maps[..., index].ravel(), abs=1e-3)
        spreads = maps.std((0, 1))
        assert spreads[index] == pytest.approx(spreads.max(), rel=1e-3)


END = (Flatten(), Dropout(0.5), Dense(7, "tanh"), Dense(11, "softmax"))
LAYERS = {
    "same, stride 2": (Conv2D(5, 5, 2, "same", "linear"), BatchNormalization(), Activation("relu"), *END),
    "same, stride 3": (Conv2D(9, 4, 3, "same"), Conv2D(10, 2, 1, "same", "sigmoid"), *END),
    "valid, stride 2": (Conv2D(16, 4, 2), MaxPooling2D(3), BatchNormalization(), *END),
    "means": (AveragePooling2D(2), Conv2D(3, 3, 1, "valid", "tanh"), AveragePooling2D(5), *END),
    "other functions": (
        *(Conv2D(4, 5, 2, "same", "linear"), Activation("gelu"), Conv2D(4, 3, 1, "same", "linear")),
        *(Activation("leaky_relu_0.3"), MaxPooling2D(3), Flatten(), Dense(9, "linear"), Activation("silu")),
        *(Dense(8, "linear"), Activation("elu"), Activation("leaky_relu"), Dense(10, "softmax")),
    ),
    "slopes that are learnt": (
        *(Conv2D(4, 5, 2, "same", "linear"), PReLU(), Conv2D(3, 3, 1, "same", "linear"), PReLU("value")),
        *(MaxPooling2D(3), Flatten(), Dense(9, "linear"), PReLU("value"), Dense(10, "softmax")),
    ),
    "joined": joined(1),
    "joined by other chance": joined(4),
    "an ensemble": ensemble(),
    "no convolution": (MaxPooling2D(2), Flatten(), Dense(20, "sigmoid"), Dense(10, "softmax")),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_every_kind_of_layer_is_what_it_is_in_python(script, kind):
    own = network(*LAYERS[kind], seed=3)
    pictures = datasets.mnist().x_test[:5] / 255
    outputs = script.evaluate(
        """([packed, pictures]) => {
            const {outputs} = live.unpack(bytes(packed));
            return pictures.map((picture) => [...outputs(Float32Array.from(picture))]);
        }""",
        [packed(own), [p.ravel().tolist() for p in pictures]],
    )
    assert np.array(outputs) == pytest.approx(np.stack([forward(own, p) for p in pictures]), abs=2e-5)


@pytest.mark.parametrize("kind", LAYERS)
def test_what_hears_of_a_covered_square_is_computed_anew(script, kind):
    """The same numbers as of an image with that square empty, to the last bit; and nothing of it stays."""
    own = network(*LAYERS[kind], seed=3)
    rows = script.evaluate(
        """([packed, numbers]) => {
            const network = live.unpack(bytes(packed));
            const ink = Float32Array.from(numbers);
            const {outputs, covered} = live.coverer(network, ink, 28);
            const asked = live.inkedPlaces(ink, 28, 3);
            const found = asked.map((place) => [...covered(place)]);
            const whole = asked.map((place) => {
                const [y, x] = [Math.floor(place / 28), place % 28];
                const paper = ink.map((n, i) =>
                    Math.abs(Math.floor(i / 28) - y) <= 2 && Math.abs(i % 28 - x) <= 2 ? 0 : n);
                return [...network.outputs(paper)];
            });
            return [found, whole, [...outputs], [...network.outputs(ink)]];
        }""",
        [packed(own), (datasets.mnist().x_test[3] / 255).ravel().tolist()],
    )
    found, whole, before, after = rows
    assert len(found) > 20
    assert found == whole
    assert before == after
    assert any(row != before for row in found)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (0.79, 0.19, "It looks like a 1."),
        (0.75, 0.25, "It looks like a 1, but it could be a 7."),
        (0.6, 0.4, "It is a 1 or a 7."),
        (0.45, 0.5, "It is a 7 or a 1."),
    ],
)
def test_a_digit_that_may_be_either_of_two_is_called_so(script, first, second, said):
    """In the browser and on the command line alike."""
    probabilities = [0.0, first, 0.0, 0.0, 0.0, 0.0, 0.0, second, 0.0, 1 - first - second]
    assert script.evaluate("(p) => live.inWords(p)", probabilities) == said
    short = words.in_words(probabilities)
    assert (" or " in short) == (" or " in said)
    assert said.startswith(
        f"It is {short.split(' (')[0]}" if " or " in short else f"It looks like a {short[0]}"
    )


def logits(digit: float, rival: float, none: float = -9.0) -> list[float]:
    """Of a 4 and a 9, and of 'not a digit'; all others are far below."""
    return [digit if k == 4 else rival if k == 9 else -20.0 for k in range(10)] + [none]


SURE, SPLIT, OTHER, NONE = logits(5, -5), logits(2, 0), logits(-1, 2), logits(5, -5, 9)
# what is asked about, the outputs as it is and with each of two places covered, and what is said
FACTS = [
    (4, SURE, [SPLIT, OTHER], "it is no longer a 4 but a 9: over 99.9% → 4.7%."),
    (4, SURE, [SURE, logits(-1, 2, 9)], "it is no longer a 4: over 99.9% → 4.7%."),
    (4, SURE, [SPLIT, NONE], "it is no digit any more: “one digit?” falls to 1.8%."),
    (4, SURE, [SURE, SPLIT], "it is less surely a 4: over 99.9% → 88.1%."),
    (4, SURE, [SURE, SURE], "Whatever square is covered, it stays a 4: no single place decides."),
    (10, NONE, [NONE, SURE], "it is a 4."),
    (10, NONE, [NONE, NONE], "Whatever square is covered, it is no digit."),
    (9, SURE, [SPLIT, OTHER], "it is a 9: under 0.1% → 95.3%."),
    (9, SURE, [SPLIT, SURE], "it is more like a 9: under 0.1% → 11.9%."),
    (9, SURE, [SURE, SURE], "Whatever square is covered, it is not a 9: under 0.1% at most."),
]


@pytest.mark.parametrize(("target", "before", "found", "words_"), FACTS)
def test_the_strongest_fact_is_said_with_its_numbers(script, target, before, found, words_):
    text, square, reading = script.evaluate(
        """([target, outputs, found]) => {
            const seen = {outputs, places: [30, 400], found, least: 0.65, step: 1};
            const {read, rival} = live.readingOf(seen, false);
            const {text, square} = live.factOf(seen, read, target, 28);
            return [text, square, [read, rival, live.readingOf(seen, true).read]];
        }""",
        [target, before, found],
    )
    assert text.removeprefix("Cover the marked square and ") == words_
    assert (square is None) == words_.startswith("Whatever")
    if square:
        # the second place, 400 = 14 * 28 + 8, but where only the first changes anything
        first = {"top": 0, "bottom": 4, "left": 0, "right": 5}
        second = {"top": 12, "bottom": 17, "left": 6, "right": 11}
        assert square == (first if found[1] == before else second)
    assert reading == ([10, 4, 4] if before == NONE else [4, 9, 4])  # with the pen down nothing is refused


def test_an_eraser_takes_what_it_touches_and_nothing_else(script):
    rng = np.random.default_rng(12)
    touched = 0
    for strokes, brushes in drawings(40):
        a, b, radius = rng.uniform(0, 320, 2), rng.uniform(0, 320, 2), rng.uniform(5, 25)
        left = script.evaluate(
            """([strokes, brushes, a, b, radius]) => {
                const lines = strokes.map((s) => Float64Array.from(s));
                const [from, to] = [a, b].map(([x, y]) => ({x, y}));
                const left = live.cut(lines, brushes, from, to, radius);
                const same = left.strokes.map((s) => lines.indexOf(s));
                return [left.strokes.map((s) => [...s]), left.brushes, same];
            }""",
            [[s.ravel().tolist() for s in strokes], brushes, a.tolist(), b.tolist(), radius],
        )
        reach = radius + brushes[0] / 2
        before = np.concatenate([along(stroke) for stroke in strokes])
        after = [along(np.array(stroke).reshape(-1, 2)) for stroke in left[0]]
        stays = before[away(before, a, b) >= reach + 2]
        for one in after:
            assert away(one, a, b).min() >= reach - 0.2
        if len(stays):
            far = np.linalg.norm(stays[:, None] - np.concatenate(after)[None], axis=2).min(1)
            assert far.max() < 2.5
        for number, stroke in enumerate(strokes):
            if away(along(stroke), a, b).min() > reach:
                assert number in left[2]  # the very same
        assert left[1] == [brushes[0]] * len(left[0])
        touched += len(stays) < len(before)
    assert touched > 15


def along(stroke: np.ndarray) -> np.ndarray:
    """Places half a pixel apart on a polyline [points, 2]."""
    if len(stroke) == 1:
        return stroke
    lengths = np.r_[0, np.cumsum(np.linalg.norm(np.diff(stroke, axis=0), axis=1))]
    at = np.r_[np.arange(0, lengths[-1], 0.5), lengths[-1]]
    return np.stack([np.interp(at, lengths, stroke[:, axis]) for axis in (0, 1)], 1)


def away(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How far each point is from the line from a to b."""
    t = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
    return np.linalg.norm(points - a - t[:, None] * (b - a), axis=1)
