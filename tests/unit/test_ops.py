"""The arithmetic against the tutorials' worked examples and against TensorFlow."""

import doctest
import math

import numpy as np
import pytest

from core.nn import ops
from core.nn.ops import OperationError, convolve, output_size, pool
from tests.worked_examples import IMAGE, KERNEL, ZERO


def test_examples_in_the_docstrings():
    assert doctest.testmod(ops, raise_on_error=False).failed == 0


def test_the_tutorials_convolution():
    assert convolve(IMAGE, KERNEL).tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_the_tutorials_padding_one_and_stride_two():
    # Zeros around, windows at rows and columns 0, 2 and 4; by hand, the one in the middle and the last:
    # 1 1 1   * 1 0 1              1 0 0   * 1 0 1
    # 0 1 1   * 0 1 0  =  4        0 0 0   * 0 1 0  =  1
    # 0 1 1   * 1 0 1              0 0 0   * 1 0 1
    assert convolve(IMAGE, KERNEL, stride=2, padding=1).tolist() == [[2, 3, 1], [1, 4, 3], [0, 2, 1]]


def test_the_tutorials_pooling():
    assert pool(ZERO, "max").tolist() == [[1, 3, 2, 0], [5, 3, 5, 1], [4, 0, 6, 2], [2, 4, 3, 0]]
    assert pool(ZERO, "mean").tolist() == [
        [0.25, 1.5, 0.75, 0],
        [2.5, 1.5, 2.5, 0.25],
        [2.5, 0, 2.5, 0.75],
        [0.5, 3, 2, 0],
    ]


def test_the_tutorials_sizes():
    # n, k, s, padding -> windows, left over
    for n, k, s, padding, expected in [
        (5, 3, 1, "valid", (3, 0)),
        (5, 3, 2, "valid", (2, 0)),
        (5, 3, 1, "same", (5, 0)),
        (5, 3, 2, 1, (3, 0)),
        (28, 4, 1, "valid", (25, 0)),
        (25, 2, 2, "valid", (12, 1)),  # the last row and column are in no window
        (7, 3, 1, "valid", (5, 0)),  # ox = nx - kernel + 1
        (8, 3, 3, "same", (3, 0)),
        (5, 1, 3, "same", (2, 1)),  # a window narrower than its stride
    ]:
        assert output_size(n, k, s, padding) == expected


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_tensorflow_convolves_alike(seed):
    tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(seed)
    h, w = rng.integers(7, 15, 2)
    k, s, cin, cout = rng.integers(1, 8), rng.integers(1, 4), rng.integers(1, 4), rng.integers(1, 5)
    image, kernel = rng.normal(size=(h, w, cin)), rng.normal(size=(k, k, cin, cout))
    p = int(rng.integers(0, 7))
    for padding, theirs in {
        "valid": "VALID",
        "same": "SAME",
        p: [[0, 0], [p, p], [p, p], [0, 0]],
    }.items():
        expected = tf.nn.conv2d(image[None], kernel, int(s), theirs)[0].numpy()
        got = convolve(image, kernel, int(s), padding)
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, atol=1e-9)
        assert got.shape[:2] == tuple(output_size(int(n), int(k), int(s), padding)[0] for n in (h, w))
        if cin == 1:
            one = convolve(image[..., 0], kernel[:, :, 0, 0], int(s), padding)
            np.testing.assert_allclose(one, expected[..., 0], atol=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_tensorflow_pools_alike(seed):
    tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(seed)
    h, w, channels = rng.integers(4, 15, 3)
    k, s = (int(n) for n in rng.integers(1, 5, 2))
    image = rng.normal(size=(h, w, channels))
    for how, theirs in (("max", tf.nn.max_pool2d), ("mean", tf.nn.avg_pool2d)):
        for padding in ("valid", "same"):
            expected = theirs(image[None], k, s, padding.upper())[0].numpy()
            np.testing.assert_allclose(pool(image, how, k, s, padding), expected, atol=1e-9)
            np.testing.assert_allclose(pool(image[..., 0], how, k, s, padding), expected[..., 0], atol=1e-9)


def test_mean_pooling_is_a_strided_convolution():
    image = np.random.default_rng(0).normal(size=(28, 28))
    np.testing.assert_allclose(pool(image, "mean", 3, 2), convolve(image, np.full((3, 3), 1 / 9), stride=2))


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((5, 7, 1, "valid"), "The window is 7 wide and the picture with its padding only 5"),
        ((1, 6, 1, 2), "The window is 6 wide and the picture with its padding only 5"),
        ((5, 3, 0, "valid"), "The stride is 0"),
        ((5, 3, -1, "same"), "The stride is -1"),
        ((5, 0, 1, "valid"), "The window is 0 wide"),
        ((5, 3, 1, -1), "The padding is -1"),
        ((5, 3, 1, "full"), "The padding is full"),
    ],
)
def test_what_does_not_fit_is_said(numbers, sentence):
    with pytest.raises(OperationError, match=sentence):
        output_size(*numbers)


def test_kernels_that_do_not_fit_are_said():
    with pytest.raises(OperationError, match="square"):
        convolve(np.ones((5, 5)), np.ones((2, 3)))
    with pytest.raises(OperationError, match="3 channels"):
        convolve(np.ones((5, 5, 1)), np.ones((2, 2, 3, 4)))
    with pytest.raises(OperationError, match="outside"):
        pool(np.ones((5, 5)), "max", 2, 2, 2)


def test_image_kernels_keep_or_cancel_an_even_surface():
    flat = np.full((6, 6), 100.0)
    for name, (kernel, sentence) in ops.IMAGE_KERNELS.items():
        assert sentence.endswith(".")
        assert kernel.shape == (3, 3)
        edges = name.startswith("Sobel") or name == "Laplacian"
        np.testing.assert_allclose(convolve(flat, kernel), 0 if edges else 100, err_msg=name)
        np.testing.assert_allclose(ops.read_kernel(ops.write_kernel(kernel)), kernel)


def test_sobel_is_positive_where_it_says():
    ramp = np.arange(25.0).reshape(5, 5)  # + 1 to the right, + 5 downwards
    assert (convolve(ramp, ops.IMAGE_KERNELS["Sobel, left to right"][0]) == 8).all()
    assert (convolve(ramp, ops.IMAGE_KERNELS["Sobel, top to bottom"][0]) == 40).all()
    assert (convolve(ramp, ops.IMAGE_KERNELS["Laplacian"][0]) == 0).all()


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-inf", "1/0", "1e9", "1//2", "0/0", "1e400"])
def test_what_is_no_number_is_named_with_its_place(text):
    with pytest.raises(OperationError, match="row 2, column 1"):
        ops.read_kernel([["1", "0"], [text, "1"]])


def test_a_kernel_grows_and_shrinks_about_its_middle():
    texts = ops.write_kernel(KERNEL)
    assert ops.resized_kernel(texts, 5)[1:4] == [["0", *row, "0"] for row in texts]
    assert ops.resized_kernel(ops.resized_kernel(texts, 7), 3) == texts
    assert ops.resized_kernel(texts, 1) == [["1"]]
    one_by_one = ops.resized_kernel(ops.resized_kernel(texts, 4), 5)
    assert one_by_one == ops.resized_kernel(texts, 5)


def test_a_shift_moves_and_loses_what_leaves():
    assert ops.shifted(np.array([[1, 2], [3, 4]]), -1, 1).tolist() == [[0, 0], [2, 0]]
    assert ops.shifted(ZERO, 0).tolist() == ZERO.tolist()
    there = ops.shifted(np.pad(ZERO, 4), 3)
    assert there.sum() == ZERO.sum()
    assert ops.change(np.zeros(3), np.zeros(3)) == 0
    assert ops.change(ZERO, ZERO) == 0
    assert math.isclose(ops.change(np.array([1.0, 0]), np.array([0, 1.0])), 2)
