"""The explanations against answers that can be worked out in another way."""

import numpy as np
import pytest

from core.analysis import attribution
from core.analysis.attribution import ANSWERS, METHODS, NOT_A_DIGIT, logit
from core.ink.preprocessing import from_strokes
from core.models import classifiers
from core.nn.activations import softmax
from core.nn.architectures import Activation, BatchNormalization, Conv2D, Dense, Flatten, MaxPooling2D
from core.records import Network
from core.worker import export, models
from tests import shapes


def made(layers, weights) -> classifiers.Classifier:
    """A classifier with these weights, exported as a trained one would be."""
    model = models.build(layers)
    models.set_weights(model, weights)
    return classifiers.Classifier(Network("made", layers, weights, export.to_litert(model), {}))


@pytest.fixture(scope="module")
def linear() -> classifiers.Classifier:
    """logits = w @ pixels + b, with w and b by chance."""
    rng = np.random.default_rng(0)
    weights = {
        "dense_1/kernel": rng.normal(size=(784, 10)).astype(np.float32),
        "dense_1/bias": rng.normal(size=10).astype(np.float32),
    }
    return made((Flatten(), Dense(10, "softmax")), weights)


@pytest.fixture(scope="module")
def seven() -> np.ndarray:
    return from_strokes(shapes.strokes(7)).pixels


@pytest.mark.parametrize("patch", [3, 5, 7])
def test_occlusion_of_a_linear_network(linear, seven, patch):
    """What a patch takes away is the sum of weight times ink below it, also where the edge cuts it off."""
    shares = linear.network.weights["dense_1/kernel"][:, 4].reshape(28, 28) * seven
    padded, half = np.pad(shares, patch // 2), patch // 2
    expected = np.array([[padded[y : y + patch, x : x + patch].sum() for x in range(28)] for y in range(28)])
    found = attribution.occlusion(linear, seven, 4, patch=patch, answer=logit)
    assert found.map == pytest.approx(expected, abs=1e-4)
    assert padded.shape == (28 + 2 * half, 28 + 2 * half)
    y, x = np.unravel_index(expected.argmax(), expected.shape)
    assert found.facts["largest"] == pytest.approx(expected.max(), abs=1e-4)
    assert (found.facts["y"], found.facts["x"]) == (y, x)


def test_occlusions_probabilities_are_the_classifiers(classifier, seven):
    found = attribution.occlusion(classifier, seven, 7)
    covered = seven.copy()
    y, x = found.facts["y"], found.facts["x"]
    covered[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3] = 0
    before, then = softmax(classifier.logits(np.stack([seven, covered])).astype(float))[:, 7]
    assert found.facts["probability"] == pytest.approx(before, abs=1e-5)
    assert found.facts["probability_then"] == pytest.approx(then, abs=1e-5)
    assert found.facts["largest"] == pytest.approx(
        np.log(before / (1 - before)) - np.log(then / (1 - then)), abs=1e-3
    )


def test_saliency_of_a_linear_network_is_its_weights(linear, seven):
    found = attribution.saliency(linear, seven, 2, answer=logit)
    weights = np.abs(linear.network.weights["dense_1/kernel"][:, 2].reshape(28, 28))
    assert found.map == pytest.approx(weights, abs=1e-6)
    assert found.facts["paper"] == pytest.approx(weights[seven == 0].sum() / weights.sum(), abs=1e-5)


def test_integrated_gradients_of_a_linear_network_are_weight_times_ink(linear, seven):
    found = attribution.integrated_gradients(linear, seven, 2, steps=3, answer=logit)
    weights = linear.network.weights["dense_1/kernel"][:, 2].reshape(28, 28)
    assert found.map == pytest.approx(weights * seven, abs=1e-5)
    assert found.facts["empty"] == pytest.approx(linear.network.weights["dense_1/bias"][2], abs=1e-5)
    assert found.facts["residual"] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("target", [7, 1, NOT_A_DIGIT])
def test_integrated_gradients_add_up_to_the_rise(classifier, seven, target, name):
    """Nearly with the steps that the page takes, whose rest it tells; closely with 2,048."""
    (empty, full), _ = ANSWERS[name](classifier.outputs(np.stack([0 * seven, seven])), target)
    rise = full - empty
    found = attribution.integrated_gradients(classifier, seven, target, answer=ANSWERS[name])
    assert found.facts["sum"] == pytest.approx(found.map.sum(), abs=1e-3)
    assert found.facts["rise"] == pytest.approx(rise, abs=1e-3)
    assert found.facts["residual"] == pytest.approx(found.facts["sum"] - rise, abs=1e-3)
    assert found.facts["sum"] == pytest.approx(rise, rel=0.1)
    fine = attribution.integrated_gradients(classifier, seven, target, steps=2048, answer=ANSWERS[name])
    assert fine.facts["sum"] == pytest.approx(rise, rel=0.01)


def test_more_steps_leave_less(tutorials_classifier, seven):
    residuals = [
        abs(attribution.integrated_gradients(tutorials_classifier, seven, 7, steps=n).facts["residual"])
        for n in (4, 32, 256)
    ]
    assert residuals[0] > residuals[1] > residuals[2]
    assert residuals[2] < 0.02


def test_grad_cam_of_a_linear_head_by_hand():
    """Two 1x1 convolutions, one that copies the ink and one that doubles it, and a linear head.

    image: 1 in the left half, 0 in the right.   maps: A_0 = ink, A_1 = 2 ink
    the head's weights for a 3: 0.5 for each place of A_0, -0.125 for each of A_1
    a_0 = 0.5, a_1 = -0.125, so the map is relu(0.5 - 0.25) = 0.25 in the left half and 0 in the right
    for a 4 all weights are the opposite: relu(-0.25) = 0 everywhere
    """
    kernel = np.zeros((28, 28, 2, 10), np.float32)
    kernel[..., 3] = 0.5, -0.125
    kernel[..., 4] = -0.5, 0.125
    weights = {
        "conv2d_1/kernel": np.float32([1, 2]).reshape(1, 1, 1, 2),
        "conv2d_1/bias": np.zeros(2, np.float32),
        "dense_1/kernel": kernel.reshape(-1, 10),
        "dense_1/bias": np.zeros(10, np.float32),
    }
    classifier = made((Conv2D(2, 1), Flatten(), Dense(10, "softmax")), weights)
    picture = np.zeros((28, 28), np.float32)
    picture[:, :14] = 1
    found = attribution.grad_cam(classifier, picture, 3, answer=logit)
    assert found.map == pytest.approx(0.25 * picture)
    assert (found.facts["maps"], found.facts["height"]) == (2, 28)
    assert attribution.grad_cam(classifier, picture, 4, answer=logit).scale == 0


def test_grad_cam_takes_the_layer_that_is_asked_for(classifier, seven):
    one = attribution.grad_cam(classifier, seven, 7, layer="conv2d_1")
    assert (one.facts["height"], one.facts["maps"]) == (28, 20)
    last = attribution.grad_cam(classifier, seven, 7)
    assert last.map.tolist() == attribution.grad_cam(classifier, seven, 7, layer="conv2d_4").map.tolist()
    with pytest.raises(attribution.ExplanationError, match="flatten_1 makes no feature maps"):
        attribution.grad_cam(classifier, seven, 7, layer="flatten_1")


def test_the_layers_that_have_maps(classifier, linear):
    network = classifier.network
    assert attribution.map_layers(network) == [
        "conv2d_1", "maxpooling2d_1", "conv2d_2", "maxpooling2d_2", "conv2d_3", "conv2d_4",
    ]  # fmt: skip
    assert attribution.last_maps(network) == "conv2d_4"
    assert attribution.map_layers(linear.network) == []


def test_grad_cam_looks_behind_the_activation(seven):
    layers = (
        Conv2D(2, 3, activation="linear"),
        BatchNormalization(),
        Activation("relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(10, "softmax"),
    )
    classifier = made(layers, models.get_weights(models.build(layers)))
    named = attribution.grad_cam(classifier, seven, 1, layer="activation_1")
    assert attribution.grad_cam(classifier, seven, 1).map.tolist() == named.map.tolist()


def test_grad_cam_without_convolutions_says_so(linear, seven):
    with pytest.raises(attribution.ExplanationError, match="no convolution"):
        attribution.grad_cam(linear, seven, 1)


def test_the_log_odds_are_those_of_the_probabilities(classifier):
    """Of the ten digits as the bars have them, and of 'not a digit' as the Draw page judges."""
    image = from_strokes(shapes.strokes(4))
    outputs, prediction = classifier.outputs(image.pixels[None]), classifier.predict(image)
    for digit in range(10):
        p, others = prediction.probabilities[digit], np.delete(prediction.probabilities, digit).sum()
        found, _ = attribution.log_odds(outputs.astype(float), digit)
        assert found[0] == pytest.approx(np.log(p / others), abs=2e-3)  # 1 - p has few digits where p is near 1
    found, _ = attribution.log_odds(outputs.astype(float), NOT_A_DIGIT)
    assert found[0] == pytest.approx(np.log((1 - prediction.is_digit) / prediction.is_digit), abs=1e-5)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("target", [0, 9, NOT_A_DIGIT])
def test_the_answers_slopes_are_finite_differences(answer, target):
    z, h = np.random.default_rng(1).normal(size=(1, 11)) * 3, 1e-6
    _, slopes = answer(z, target)
    moved = z + h * np.concatenate([np.eye(11), -np.eye(11)])
    answers, _ = answer(moved, target)
    assert slopes[0] == pytest.approx((answers[:11] - answers[11:]) / (2 * h), abs=1e-7)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_answers_for_every_class(classifier, seven, name):
    for target in attribution.classes(classifier.network):
        found = METHODS[name].explain(classifier, seven, target)
        assert (found.method, found.target) == (name, target)
        assert (found.map.shape, found.map.dtype) == ((28, 28), np.float32)
        assert np.isfinite(found.map).all()
        assert found.signed or found.map.min() >= 0
        assert "answer" in found.facts
    assert METHODS[name].shows
    assert METHODS[name].hides


@pytest.mark.parametrize("name", METHODS)
def test_an_empty_canvas_is_explained_too(classifier, name):
    found = METHODS[name].explain(classifier, np.zeros((28, 28), np.float32), 7)
    assert np.isfinite(found.map).all()
    assert not found.signed or found.scale == 0


def test_a_patch_of_another_size_is_refused(classifier, seven):
    with pytest.raises(ValueError, match="patch is 4, but has to be one of 3, 5, 7"):
        attribution.occlusion(classifier, seven, 7, patch=4)
