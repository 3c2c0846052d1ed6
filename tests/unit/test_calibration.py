"""Errors of calibration by hand; fits on logits whose truth is known."""

import numpy as np
import pytest
from scipy.special import expit

from core.nn import calibration
from core.nn.activations import softmax
from core.nn.calibration import expected_calibration_error


def two(sure):
    """Probabilities of two classes, the first so sure."""
    return np.array([[p, 1 - p] for p in sure])


def labels_of(logits, rng):
    """One class per row, as probable as the softmax of the logits says (Gumbel's way)."""
    return (logits + rng.gumbel(size=logits.shape)).argmax(1)


def test_the_error_by_hand():
    # bin of 10      held   mean certainty   right   |gap| x held
    # 0.5 to 0.6     0.55   0.55             0       0.55
    # 0.6 to 0.7     0.62
    #                0.66   0.64             1/2     0.28
    # 0.9 to 1.0     0.94
    #                0.98
    #                0.99   0.97             3/3     0.09
    #                                        sum     0.92, of 6
    probabilities = two([0.55, 0.62, 0.66, 0.94, 0.98, 0.99])
    labels = np.array([1, 0, 1, 0, 0, 0])
    assert expected_calibration_error(probabilities, labels, bins=10) == pytest.approx(0.92 / 6)
    # in one bin: mean certainty 4.74 / 6, right 4 / 6
    assert expected_calibration_error(probabilities, labels, bins=1) == pytest.approx(0.74 / 6)


def test_who_is_always_sure_errs_by_the_share_of_mistakes():
    """Certainty 1 lies in the last bin."""
    assert expected_calibration_error(two([1, 1, 1, 1]), np.array([0, 0, 0, 1])) == pytest.approx(0.25)
    assert expected_calibration_error(two([1, 1]), np.array([0, 0])) == 0


def test_the_highest_probability_counts_whichever_class_has_it():
    assert expected_calibration_error(two([0.1, 0.9]), np.array([1, 0])) == pytest.approx(0.1)


def test_true_probabilities_have_nearly_no_error():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (50_000, 10))
    labels = labels_of(logits, rng)
    assert expected_calibration_error(softmax(logits), labels) < 0.01
    assert expected_calibration_error(softmax(3 * logits), labels) > 0.1


@pytest.mark.parametrize("true", [0.2, 0.7, 1.0, 2.5, 8.0])
def test_the_temperature_is_found_again(true):
    """Logits made that much too large or too small after their labels were drawn."""
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 10))
    labels = labels_of(logits, rng)
    found = calibration.temperature(true * logits, labels)
    assert found == pytest.approx(true, rel=0.03)
    assert np.array_equal((true * logits / found).argmax(1), logits.argmax(1))


def test_the_temperature_gives_the_least_cross_entropy():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 3, (500, 10))
    labels = labels_of(logits / 2, rng)

    def cross_entropy(t):
        return -np.log(softmax(logits / t)[np.arange(500), labels]).mean()

    found = calibration.temperature(logits, labels)
    assert all(cross_entropy(found) < cross_entropy(found * by) for by in (0.9, 0.99, 1.01, 1.1))


@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (0.6, 2.0), (1.8, -3.0)])
def test_the_reject_calibration_is_found_again(a, b):
    """As many drawings of either side, drawn with the probabilities that a and b say."""
    rng = np.random.default_rng(3)
    digits, others = rng.normal(4, 3, 100_000), rng.normal(3, 3, 100_000)
    is_digit = rng.random(100_000) < expit(digits - a * others - b)
    found = calibration.reject_calibration(digits, others, is_digit, prior=is_digit.mean())
    assert found == pytest.approx((a, b), abs=0.1)


def test_the_prior_moves_the_reject_calibration_by_its_log_odds():
    """Bayes: who holds digits for 9 times as frequent finds them 9 times as probable."""
    rng = np.random.default_rng(4)
    is_digit = rng.random(10_000) < 0.5
    digits = np.where(is_digit, 1.0, -1.0) + rng.normal(0, 2**0.5, 10_000)  # log odds: of itself
    others = rng.normal(0, 1, 10_000)
    for share, log_odds in ((0.5, 0.0), (0.9, np.log(9)), (0.1, -np.log(9))):
        a, b = calibration.reject_calibration(digits, others, is_digit, share)
        assert a == pytest.approx(0, abs=0.15)
        assert -b == pytest.approx(log_odds, abs=0.15)


def test_the_share_that_is_there_does_not_matter():
    """The same drawings with each digit twice: the weights undo it."""
    rng = np.random.default_rng(5)
    digits, others, is_digit = rng.normal(1, 2, 2000), rng.normal(0, 2, 2000), rng.random(2000) < 0.5
    twice = np.concatenate([np.arange(2000), np.flatnonzero(is_digit)])
    once = calibration.reject_calibration(digits, others, is_digit, 0.8)
    assert calibration.reject_calibration(digits[twice], others[twice], is_digit[twice], 0.8) == pytest.approx(
        once, abs=1e-3
    )


def test_ten_logits_are_digits_and_nothing_else():
    logits = np.random.default_rng(6).normal(0, 3, (5, 10)).astype(np.float32)
    probabilities, is_digit = calibration.split(logits)
    assert is_digit is None
    assert probabilities == pytest.approx(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), rel=1e-5)


def test_eleven_logits_are_digits_given_that_it_is_one():
    """The two together are the softmax of all eleven: p(digit i) = p(a digit) p(i | a digit)."""
    logits = np.random.default_rng(7).normal(0, 3, (5, 11)).astype(np.float32)
    probabilities, is_digit = calibration.split(logits)
    eleven = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert probabilities.sum(1) == pytest.approx(1)
    assert is_digit == pytest.approx(1 - eleven[:, 10], rel=1e-5)
    assert probabilities * is_digit[:, None] == pytest.approx(eleven[:, :10], rel=1e-4)


def test_huge_logits_are_split_without_overflow():
    logits = np.zeros((2, 11))
    logits[0, 3], logits[1, 10] = 5000, 5000
    with np.errstate(over="raise", invalid="raise"):
        probabilities, is_digit = calibration.split(logits)
    assert is_digit.tolist() == [1, 0]
    assert probabilities[0, 3] == 1


def test_the_last_layer_takes_the_calibration_in():
    rng = np.random.default_rng(8)
    kernel, bias, x = rng.normal(size=(3, 11)), rng.normal(size=11), rng.normal(size=(4, 3))
    scaled, moved = calibration.scale_last_layer(kernel, bias, temperature=2.5, a=0.7, b=-1.5)
    assert (scaled.dtype, moved.dtype, scaled.shape, moved.shape) == (np.float32, np.float32, (3, 11), (11,))
    before, after = x @ kernel + bias, x @ scaled + moved
    assert after[:, :10] == pytest.approx(before[:, :10] / 2.5, abs=1e-5)
    assert after[:, 10] == pytest.approx(0.7 * before[:, 10] - 1.5, abs=1e-5)


def test_all_of_it_together_makes_the_probabilities_true():
    """Of a drawing's true logits, a last layer makes digits three times too large and spoils the eleventh."""
    rng = np.random.default_rng(9)
    true = rng.normal(0, 2, (40_000, 11))
    true[:, 10] += 2
    labels = labels_of(true, rng)
    is_digit = labels < 10
    spoilt = np.concatenate([3 * true[:, :10], 0.5 * true[:, 10:] + 4], axis=1)

    t = calibration.temperature(spoilt[is_digit, :10], labels[is_digit])
    together = np.log(np.exp(spoilt[:, :10] / t).sum(1))
    a, b = calibration.reject_calibration(together, spoilt[:, 10], is_digit, prior=is_digit.mean())
    kernel, bias = calibration.scale_last_layer(np.eye(11), np.zeros(11), t, a, b)
    probabilities, judged = calibration.split(spoilt @ kernel + bias)

    assert (t, a, b) == pytest.approx((3, 2, -8), rel=0.1)
    assert expected_calibration_error(probabilities[is_digit], labels[is_digit]) < 0.015
    assert expected_calibration_error(np.stack([1 - judged, judged], 1), is_digit.astype(int)) < 0.015
