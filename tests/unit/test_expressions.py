"""Our small language of arrays: against NumPy itself where it is understood, one sentence where it is not."""

from itertools import product

import numpy as np
import pytest

from core.analysis.expressions import FUNCTIONS, MOST, ExpressionError, evaluate

X = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
Y = np.array([3, 0, 7])
NAMES = {"x": X, "y": Y}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x / 255", X / 255),
        ("x[..., None]", X[..., None]),
        ("np.eye(10)[y]", np.eye(10)[Y]),
        ("x[1:, ::2]", X[1:, ::2]),
        ("x[0][y == 3]", X[0][Y == 3]),
        ("x.reshape(2, 12)", X.reshape(2, 12)),
        ("x.reshape((2, -1))", X.reshape(2, -1)),
        ("reshape(x, 24)", X.reshape(24)),
        ("(x - x.mean()) / 2 ** 0.5", (X - X.mean()) / 2**0.5),
        ("np.exp(y) / np.exp(y).sum()", np.exp(Y) / np.exp(Y).sum()),
        ("-np.log(0.25)", -np.log(0.25)),
        ("x.max(axis=0)", X.max(axis=0)),
        ("np.sum(x, axis=2, keepdims=True)", X.sum(axis=2, keepdims=True)),
        ("np.maximum(y - 3, 0)", np.maximum(Y - 3, 0)),
        ("x.shape", (2, 3, 4)),
        ("x[0].T", X[0].T),
        ("17 // 5 % 2", 1),
        ("y >= 3", Y >= 3),
        ("np.expand_dims(x, -1)", X[..., None]),
        ("x.astype('float32') / 255", X.astype("float32") / 255),
        ("x.astype(np.int64) - x.astype(float)", X.astype(np.int64) - X.astype(float)),
        ("np.divide(x, 255)", np.divide(X, 255)),
        ("x[:, :, :, np.newaxis]", X[..., None]),
        ("y[:, None] == np.arange(10)", Y[:, None] == np.arange(10)),
        ("np.arange(2, 9, 3)", np.arange(2, 9, 3)),
        ("sum(y == 3) / len(y)", 1 / 3),
        ("np.eye(10)[[7, 7]]", np.eye(10)[[7, 7]]),
        ("x[[1, 0], 2]", X[[1, 0], 2]),
        ("y[[True, False, True]]", Y[[True, False, True]]),
        ("x[x > 5]", X[X > 5]),
        ("[1, 2]", [1, 2]),
    ],
)
def test_what_is_understood_is_numpys(text, expected):
    found = evaluate(text, NAMES)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.asarray(expected).dtype


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            " ",
            "x /",
            "x" * 201,
            "(" * 150,
            "z",
            "x + ",
            "1 if x else 2",
            "lambda: 1",
            "[]",
            "[x]",
            "[1, None]",
            "[[1, 2], [3, 4]]",
            "{'a': 1}",
        ],
        *["__import__('os')", "x.__class__", "x.dtype", "np.load('a')", "x.tofile('a')", "open('a')", "'text'"],
        *["x.reshape(2, 12, order='F')", "np.random.rand(3)", "eval('1')", "x := 1", "x[0](1)", "f'{x}'"],
        *["9 ** 9 ** 9", "2 ** 1000", "np.eye(100000)", "np.eye(1000)[x][x][x]", "y[5]", "1 / 0"],
        *["x[..., None] * np.eye(1000).reshape(1000000)", "1j", "b'a'", "None", "...", "x and y", "not x"],
        "-" * 199 + "1",
        "np.maximum(np.eye(1000).reshape(1000000, 1), np.eye(1000).reshape(1, 1000000))",
        "np.eye(1000).reshape(1000000, 1) == np.eye(1000).reshape(1, 1000000)",
        *[
            "np.arange(1000000)",
            "np.arange(0, 5, 0)",
            "np.arange()",
            "np.arange(0.5)",
            "len(5)",
            "len(np.float32)",
        ],
        *[
            "x.astype('object')",
            "x.astype('U9')",
            "x.astype(5)",
            "x.astype()",
            "np.float32",
            "'int' * 3",
            "-float",
        ],
        *[
            "np.expand_dims(None, ())",
            "np.sum(np.float32)",
            "x[np.float32]",
            "np.newaxis",
            "float == float",
            "np.pi",
        ],
        *[
            "x[(0, 1), (0, 1)]",
            "np.max((x, x))",
            "(x, x)[0]",
            "(x, x)",
            "((x, x),)[0]",
            "[(x, x)]",
            "y[[0.5]]",
            "np.exp(y, y)",
        ],
        "np.eye(1)[np.arange(90000)[:, None] * 0, np.arange(90000) * 0]",
        "np.eye(1)[np.arange(90000)[:, None] * 0, np.arange(90000) < 1]",
        "np.divide(np.arange(90000)[:, None], np.arange(90000))",
        "np.maximum(np.arange(90000)[:, None], np.arange(90000), 5)",
        "1_" * 3,
        "\0",
    ],
)
def test_all_else_is_one_sentence(text):
    with pytest.raises(ExpressionError) as refused:
        evaluate(text, NAMES)
    assert 10 < len(str(refused.value)) < 400
    assert str(refused.value).endswith(".")


def test_whole_numbers_do_not_grow_without_end():
    """Python's have no limit: ten to the hundredth, to the hundredth, ... would fill the memory."""
    with pytest.raises(ExpressionError):
        evaluate("((10 ** 100) ** 100) ** 100", {})
    assert evaluate("9007199254740993 * 2", {}).dtype == np.float64


def test_nothing_that_was_given_is_changed():
    before, z = X.copy(), np.array([1.0, 2.0])
    evaluate("x * 2 + y[0]", NAMES)
    for typed in ("np.exp(z, z)", "z.round(0, z)", "np.sqrt(z, z[:])", "np.sum(z[None], 0, 'float', z)"):
        with pytest.raises(ExpressionError):
            evaluate(typed, {"z": z})
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(z, [1, 2])
    assert z.flags.writeable


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_takes_any_arguments_or_says_a_sentence(name):
    given = [
        "x",
        "y",
        "3",
        "-1",
        "0.5",
        "None",
        "...",
        "float",
        "'int'",
        "(1, 2)",
        "(x, x)",
        "((),)",
        "[1, 2]",
        "True",
    ]
    for one, other in product(given, ["", *given]):
        for text in (f"np.{name}({one}, {other})", f"{name}(y, {one}, {other or 2})", f"{name}(x, axis={one})"):
            try:
                assert evaluate(text, NAMES).dtype.kind in "biuf"
            except ExpressionError:
                continue


def test_by_chance():
    """Rubbish out of the pieces of the language gives an array or one sentence, quickly."""
    rng = np.random.default_rng(1)
    pieces = [
        "x",
        "y",
        "np.",
        "eye",
        "(",
        ")",
        "[",
        "]",
        ",",
        ":",
        "...",
        "None",
        "+",
        "**",
        "/",
        "255",
        "1e308",
        ".T",
        "[0, 1]",
        "np.newaxis",
        "arange",
        "99999",
        ".astype('int')",
        "float",
        "len",
        "divide",
    ]
    for _ in range(3000):
        text = "".join(rng.choice(pieces, rng.integers(1, 12)))
        try:
            assert evaluate(text, NAMES).size <= MOST
        except ExpressionError:
            continue
