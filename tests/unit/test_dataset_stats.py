"""What is said of data sets, against counts made by hand and by NumPy."""

import numpy as np
import pytest

from core.analysis import dataset_stats
from core.records import Augmentation, Labelled

# Two classes of grey 1x2 images, and a third that has none.
SMALL = Labelled(
    np.array([[[0, 100]], [[0, 200]], [[255, 255]]], np.uint8), np.array([0, 0, 1], np.uint8), ("a", "b", "c")
)


def test_facts_of_three_small_pictures():
    facts = dataset_stats.describe(SMALL)
    assert facts.counts.tolist() == [2, 1, 0]
    assert {value: int(n) for value, n in enumerate(facts.histogram) if n} == {0: 2, 100: 1, 200: 1, 255: 2}
    # class a: pixels 0, 0 and 100, 200; class b: one image; class c: none
    np.testing.assert_allclose(facts.means[:, 0] * 255, [[0, 150], [255, 255], [0, 0]], rtol=1e-6)
    np.testing.assert_allclose(facts.standard_deviations[:, 0] * 255, [[0, 50], [0, 0], [0, 0]], rtol=1e-6)


def test_mnist_is_as_the_whole_field_knows_it():
    """The mean 0.1307 and standard deviation 0.3081 that everybody normalises MNIST with."""
    facts = dataset_stats.facts("MNIST, training digits", "", "")
    mean, spread = dataset_stats.moments(facts.histogram)
    assert mean / 255 == pytest.approx(0.1307, abs=5e-5)
    assert spread / 255 == pytest.approx(0.3081, abs=5e-5)
    assert facts.counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]


def test_histogram_and_moments_are_numpys():
    pictures = np.random.default_rng(0).integers(0, 256, (7, 5, 4, 3), np.uint8)
    counts = dataset_stats.histogram(pictures)
    np.testing.assert_array_equal(counts, np.bincount(pictures.ravel(), minlength=256))
    assert dataset_stats.moments(counts) == pytest.approx((pictures.mean(), pictures.std()))


def test_a_grey_picture_on_its_way():
    picture = np.array([[0, 51], [102, 255]], np.uint8)
    steps, labels = dataset_stats.preparation(picture, 2, 4)
    told = [(s.array.shape, str(s.array.dtype), float(s.array.min()), float(s.array.max())) for s in steps]
    assert told == [
        ((2, 2), "uint8", 0, 255),
        ((2, 2, 1), "uint8", 0, 255),
        ((2, 2, 1), "float32", 0, 255),
        ((2, 2, 1), "float32", 0, 1),
        ((1, 2, 2, 1), "float32", 0, 1),
    ]
    np.testing.assert_allclose(steps[-1].array[0, ..., 0], [[0, 0.2], [0.4, 1]], rtol=1e-6)
    assert [s.array.tolist() for s in labels] == [2, [0, 0, 1, 0]]


def test_the_code_of_each_step_makes_its_array():
    """What stands on the page is run, line by line, and gives what is shown beside it."""
    for picture in (np.arange(12, dtype=np.uint8).reshape(3, 4), np.ones((3, 4, 3), np.uint8)):
        for steps, name in zip(dataset_stats.preparation(picture, 1, 3), "xy", strict=True):
            names = {"np": np, name: steps[0].array}
            for step in steps[1:]:
                exec(step.code, names)
                assert names[name].shape == step.array.shape
                np.testing.assert_allclose(names[name], step.array, rtol=1e-6)


def test_channels_are_augmented_together():
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (4, 8, 8), np.uint8)
    settings = Augmentation(rotation=20, shift=1)
    one = dataset_stats.augmented(grey, settings, np.random.default_rng(5))
    coloured = np.stack([grey, grey // 2, grey * 0], axis=-1)
    three = dataset_stats.augmented(coloured, settings, np.random.default_rng(5))
    assert three.shape == (4, 8, 8, 3)
    np.testing.assert_allclose(three[..., 0], one, atol=1e-6)
    assert not three[..., 2].any()
    assert np.abs(one - grey / 255).max() > 0.2
