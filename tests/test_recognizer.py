import threading

import numpy as np
import pytest

from core import datasets, networks
from core.operations import softmax
from core.preprocessing import from_strokes
from core.records import DigitImage
from tests import shapes


def convolve(x, kernel, bias):
    """[h, w, in] * [k, k, in, out] by its definition: products of every window, summed; then ReLU."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(0, 1))
    return np.maximum(np.einsum("hwcij,ijco->hwo", windows, kernel) + bias, 0)


def pool(x):
    """The largest of each 2x2 window."""
    height, width = x.shape[0] // 2, x.shape[1] // 2
    return x[: 2 * height, : 2 * width].reshape(height, 2, width, 2, -1).max((1, 3))


def by_hand(pixels) -> dict[str, np.ndarray]:
    """Every layer of the shipped network in float64 NumPy, from its stored weights."""
    w = {name: array.astype(float) for name, array in networks.shipped().weights.items()}
    conv1 = convolve(pixels[..., None].astype(float), w["conv2d_1/kernel"], w["conv2d_1/bias"])
    pool1 = pool(conv1)
    conv2 = convolve(pool1, w["conv2d_2/kernel"], w["conv2d_2/bias"])
    pool2 = pool(conv2)
    flat = pool2.reshape(-1)
    dense = np.maximum(flat @ w["dense_1/kernel"] + w["dense_1/bias"], 0)
    logits = dense @ w["dense_2/kernel"] + w["dense_2/bias"]
    return {
        "conv2d_1": conv1, "maxpooling2d_1": pool1, "conv2d_2": conv2, "maxpooling2d_2": pool2,
        "flatten_1": flat, "dropout_1": flat, "dense_1": dense, "dense_2": logits,
    }  # fmt: skip


@pytest.mark.parametrize("digit", range(10))
def test_every_layer_equals_the_arithmetic(reader, digit):
    image = from_strokes(shapes.strokes(digit))
    expected, found = by_hand(image.pixels), reader.activations(image)
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert found[name].shape == array.shape
        assert found[name] == pytest.approx(array, abs=1e-4, rel=1e-4)


@pytest.mark.parametrize("digit", range(10))
def test_ten_digits_are_read(reader, digit):
    prediction = reader.predict(from_strokes(shapes.strokes(digit)))
    assert prediction.digit == digit
    assert prediction.probabilities[digit] > 0.9
    assert prediction.probabilities == pytest.approx(softmax(prediction.logits.astype(float)), abs=1e-6)
    assert not prediction.refusal


def test_many_at_once_are_the_same_as_one_by_one(reader):
    images = [DigitImage(np.float32(x) / 255) for x in datasets.mnist().x_test[:300]]
    for one, many in zip(map(reader.predict, images), reader.predict_many(images), strict=True):
        assert one.digit == many.digit
        assert one.logits == pytest.approx(many.logits, abs=1e-4)
    assert reader.predict_many([]) == []


def test_the_shipped_network_reaches_what_its_card_says(reader):
    data = datasets.mnist()
    accuracy = (reader.logits(np.float32(data.x_test) / 255).argmax(1) == data.y_test).mean()
    assert accuracy == pytest.approx(reader.network.about["test_accuracy"], abs=2e-4)
    assert accuracy >= 0.993


def test_hardly_any_test_digit_is_refused(reader):
    images = [DigitImage(np.float32(x) / 255) for x in datasets.mnist().x_test]
    assert np.mean([p.digit is None for p in reader.predict_many(images)]) < 0.01


def test_visitors_at_once_do_not_mix(reader):
    images = [from_strokes(shapes.strokes(digit)) for digit in range(10)]
    expected = [reader.predict(image).logits for image in images]
    wrong = []

    def visit(number):
        for _ in range(200):
            if not np.array_equal(reader.predict(images[number]).logits, expected[number]):
                wrong.append(number)

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def spiral(rng):
    angle = np.linspace(0, 2 * np.pi * rng.uniform(4, 7), 300)
    return np.stack([angle * np.cos(angle), angle * np.sin(angle)], 1)


def zigzag(rng):
    count = rng.integers(10, 20)
    across = np.tile([0, 200], count)[:count] + rng.normal(0, 20, count)
    return np.stack([across, np.linspace(0, 200, count)], 1)


def filled(rng):
    y = np.repeat(np.arange(0, 200, rng.uniform(6, 12)), 2)
    return np.stack([np.tile([0, 200, 200, 0], len(y))[: len(y)], y], 1)


@pytest.mark.parametrize("kind", [spiral, zigzag, filled])
def test_scribbles_are_no_digits(reader, kind):
    rng = np.random.default_rng(0)
    predictions = reader.predict_many([from_strokes([kind(rng)]) for _ in range(100)])
    assert sum(p.digit is None for p in predictions) >= 85
    assert all(p.digit is not None or "one digit" in p.refusal for p in predictions)


def test_a_dot_is_no_digit(reader):
    prediction = reader.predict(from_strokes([np.array([[50.0, 50.0]])], brushes=[18], canvas=340))
    assert prediction.digit is None
    assert "only a dot" in prediction.refusal


def test_softmax_of_a_worked_example():
    """exp(1), exp(2), exp(3) = 2.71828, 7.38906, 20.08554; their sum is 30.19288."""
    assert softmax(np.array([1.0, 2.0, 3.0])) == pytest.approx([0.0900306, 0.2447285, 0.6652410], abs=1e-7)


def test_softmax_of_large_numbers():
    assert softmax(np.array([1000.0, 0.0, -1000.0])) == pytest.approx([1, 0, 0])
