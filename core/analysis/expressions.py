"""What somebody types to work on arrays: a small language of our own, worked out without Python's `eval`.

    >>> evaluate("x / 255", {"x": np.array([0, 51, 255])}).tolist()
    [0.0, 0.2, 1.0]
    >>> evaluate("np.eye(10)[y]", {"y": np.array([2])})[0, :4].tolist()
    [0.0, 0.0, 1.0, 0.0]

Numbers, flat lists of them, the names that are given, + - * / // % **, comparisons, indices and slices with
None, np.newaxis and ..., the types of DTYPES for astype, and the functions of FUNCTIONS, with or without 'np.'
before them, or after an array and a dot. Python's parser, `ast`, makes a tree of it; each node that is known is
worked out, any other is refused with a sentence.

Called by `ui.lessons.array_exercises`, `ui.lessons.lesson` and `ui.lessons.show`.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

LONGEST, DEEPEST = 200, 40  # characters; nodes inside one another
LARGEST_EXPONENT = 100
LONGEST_RANGE = 10**5
MOST = 10**7  # numbers in a result

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type, Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class ExpressionError(ValueError):
    """One sentence: what was typed, and what is understood."""


DTYPES = {
    name: np.dtype(name) for name in ("bool", "float", "float32", "float64", "int", "int32", "int64", "uint8")
}


def _whole(value: Any, name: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= most:
        raise ExpressionError(f"{name} was given {value}; it takes a whole number from 0 to {most:,}.")
    return int(value)


def _shaped(array: Any, *sides: Any) -> np.ndarray:
    shape = sides[0] if len(sides) == 1 and isinstance(sides[0], tuple) else sides
    return np.reshape(array, tuple(int(side) for side in shape))


def _cast(array: Any, dtype: Any) -> np.ndarray:
    if not isinstance(dtype, np.dtype):
        raise ExpressionError(f"astype was given {str(dtype)[:40]}; it takes {', '.join(DTYPES)}.")
    return np.asarray(array).astype(dtype)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "arange": lambda *ends: np.arange(*(_whole(end, "arange", LONGEST_RANGE) for end in ends)),
    "argmax": np.argmax,
    "astype": _cast,
    "divide": lambda left, right: np.divide(*_fitting(left, right)),
    "exp": np.exp,
    "expand_dims": np.expand_dims,
    "eye": lambda n: np.eye(_whole(n, "eye", 1000)),
    "len": lambda array: len(_array(array)),
    "log": np.log,
    "max": np.max,
    "maximum": lambda left, right: np.maximum(*_fitting(left, right)),
    "mean": np.mean,
    "min": np.min,
    "reshape": _shaped,
    "round": np.round,
    "sqrt": np.sqrt,
    "sum": np.sum,
    "transpose": np.transpose,
}
_PROPERTIES = ("shape", "size", "ndim", "T")
_CONSTANTS: dict[str, Any] = {"newaxis": None, **DTYPES}


def evaluate(text: str, names: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what an expression gives, as an array.

    names: the arrays that it may use. Raises ExpressionError with one sentence for all that is not understood,
    or that NumPy cannot do.
    """
    typed = text.strip()
    if not typed or len(typed) > LONGEST:
        raise ExpressionError(f"{len(typed)} characters were typed; 1 to {LONGEST} are accepted.")
    try:
        tree = ast.parse(typed, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(
            "That cannot be read as an expression: look for a missing bracket or sign."
        ) from None
    try:
        with np.errstate(all="ignore"):
            return _array(_Reader(names).value(tree.body, 0))
    except ExpressionError:
        raise
    except (ArithmeticError, IndexError, TypeError, ValueError, MemoryError) as error:
        raise ExpressionError(f"NumPy cannot do that: {str(error).splitlines()[0][:160]}.") from None


class _Reader:
    def __init__(self, names: Mapping[str, np.ndarray]) -> None:
        self.names = {name: array.view() for name, array in names.items()}
        for array in self.names.values():
            array.flags.writeable = False  # np.exp(z, z) would write into z

    def value(self, node: ast.AST, depth: int) -> Any:
        if depth > DEEPEST:
            raise ExpressionError(f"More than {DEEPEST} things lie inside one another.")
        deeper = depth + 1
        match node:
            case ast.Constant(value=value):
                return _constant(value, node)
            case ast.Name(id=name):
                return self._named(name)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return _joined(type(sign), self.value(left, deeper), self.value(right, deeper))
            case ast.UnaryOp(op=sign, operand=one) if type(sign) in _UNARY:
                return _UNARY[type(sign)](self.value(one, deeper))
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARE:
                pair = _fitting(self.value(left, deeper), self.value(right, deeper))
                return _COMPARE[type(sign)](*pair)
            case ast.Subscript(value=array, slice=index):
                return _at(_array(self.value(array, deeper)), self.value(index, deeper))
            case ast.Slice(lower=low, upper=high, step=step):
                return slice(
                    *(None if part is None else self.value(part, deeper) for part in (low, high, step))
                )
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                values = [self.value(part, deeper) for part in parts]
                return tuple(values) if isinstance(node, ast.Tuple) else _listed(values)
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if name in _CONSTANTS:
                return _CONSTANTS[name]
            case ast.Attribute(value=array, attr=name) if name in _PROPERTIES:
                return getattr(_array(self.value(array, deeper)), name)
            case ast.Call(func=function, args=given, keywords=named):
                return self._called(function, given, named, deeper)
        raise ExpressionError(f"'{ast.unparse(node)[:40]}' is not understood here; accepted are {ACCEPTED}.")

    def _named(self, name: str) -> np.ndarray | np.dtype:
        if name in DTYPES:
            return DTYPES[name]
        if name not in self.names:
            raise ExpressionError(f"'{name[:40]}' is not known here; there is {' and '.join(self.names)}.")
        return self.names[name]

    def _called(self, function: ast.AST, given: list[ast.expr], named: list[ast.keyword], depth: int) -> Any:
        before: list[Any] = []
        match function:
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="np"), attr=name):
                pass
            case ast.Attribute(value=array, attr=name):
                before = [_array(self.value(array, depth))]
            case _:
                raise ExpressionError(f"'{ast.unparse(function)[:40]}' is no function that is known here.")
        if name not in FUNCTIONS:
            raise ExpressionError(f"'{name[:40]}' is no function that is known here; accepted are {ACCEPTED}.")
        wrong = [keyword.arg for keyword in named if keyword.arg not in ("axis", "keepdims")]
        if wrong:
            raise ExpressionError(f"'{wrong[0]}' cannot be given here; axis and keepdims can.")
        arguments = before + [self.value(one, depth) for one in given]
        for one in arguments[: 1 if name == "astype" else None]:
            _array(one)  # refuses all else
        more = {keyword.arg: self.value(keyword.value, depth) for keyword in named if keyword.arg}
        return _bounded(FUNCTIONS[name](*arguments, **more))


def _constant(value: Any, node: ast.AST) -> Any:
    if isinstance(value, str) and value in DTYPES:
        return DTYPES[value]
    if isinstance(value, str | bytes | complex):
        raise ExpressionError(f"'{ast.unparse(node)[:40]}' is not understood here; accepted are {ACCEPTED}.")
    return _exact(value)


def _exact(value: Any) -> Any:
    """A whole number that has more digits than a float becomes one: Python's own have no limit."""
    return float(value) if isinstance(value, int) and abs(value) > 2**53 else value


def _array(value: Any) -> np.ndarray:
    """The value as an array. A tuple may hold numbers alone, as a shape does: arrays could fill the memory."""
    if isinstance(value, tuple) and any(_is_many(part) for part in value):
        raise ExpressionError("Between ( and ) several arrays were given; accepted are numbers.")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise ExpressionError("That gives no number and no array.")
    return array


def _is_many(part: Any) -> bool:
    return isinstance(part, tuple) or np.ndim(part) > 0


def _listed(parts: list[Any]) -> np.ndarray:
    if not parts or any(_is_many(part) or np.asarray(part).dtype.kind not in "biuf" for part in parts):
        raise ExpressionError("A list holds something else than numbers; accepted are such as [7, 7].")
    return np.array(parts)


def _joined(sign: type, left: Any, right: Any) -> Any:
    left, right = _fitting(left, right)
    if sign is ast.Pow and np.max(np.abs(np.asarray(right, float)), initial=0) > LARGEST_EXPONENT:
        raise ExpressionError(f"An exponent lies beyond {LARGEST_EXPONENT}; accepted are smaller ones.")
    return _exact(_BINARY[sign](left, right))


def _fitting(left: Any, right: Any) -> tuple[Any, Any]:
    """The two, where what is made of them is neither nonsense nor too large."""
    if any(isinstance(side, tuple | slice | np.dtype | type(None) | type(...)) for side in (left, right)):
        raise ExpressionError("Only numbers and arrays can be reckoned with.")
    if np.prod(np.broadcast_shapes(np.shape(left), np.shape(right)), dtype=float) > MOST:
        raise ExpressionError(f"That would be more than {MOST:,} numbers.")
    return left, right


def _at(array: np.ndarray, index: Any) -> np.ndarray:
    """array[index], if that is not too large: where whole numbers are an index, each takes a whole slice, and
    several arrays of them are broadcast. Masks alone never take more than there is."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, tuple) for part in parts):
        raise ExpressionError("An index holds several numbers between ( and ); accepted are such as [7, 7].")
    arrays = [part for part in parts if isinstance(part, np.ndarray) and part.ndim]
    whole = [part.shape for part in arrays if part.dtype != bool]
    if whole:
        taken = np.prod(np.broadcast_shapes(*whole), dtype=float)
        masks = max((part.size for part in arrays if part.dtype == bool), default=1)
        slices = array.size / max(len(array), 1) if array.ndim and len(parts) == 1 else array.size
        if taken * masks * slices > MOST:
            raise ExpressionError(f"That would be more than {MOST:,} numbers.")
    return np.asarray(array[index])


def _bounded(found: Any) -> Any:
    if np.size(found) > MOST:
        raise ExpressionError(f"That would be more than {MOST:,} numbers.")
    return found


ACCEPTED = f"numbers, + - * / ** [ ], comparisons, np.newaxis, {', '.join(FUNCTIONS)}"
