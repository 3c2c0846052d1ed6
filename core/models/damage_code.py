"""What was done to a network, as a short text that fits into an address, and back.

    >>> write(Damage(prune=0.3, bits=4, off=(("dense_1", (0, 1, 2, 8)),)))
    'prune:30;bits:4;off:dense_1:1-3,9'
    >>> read(_) == Damage(prune=0.3, bits=4, off=(("dense_1", (0, 1, 2, 8)),))
    True

Percents of weights, maps and units counted from 1, and of a kernel: layer, input channel, map, numbers by rows.

Called by `ui.sections.break_network` and `ui.state.link_parts`.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.ink.decoder import BadInput
from core.nn import damage
from core.nn.damage import BITS, NONE, Damage
from core.records import Network
from core.words import parse_number

MAX_LENGTH = 3000  # characters
MAX_KERNEL, MAX_NUMBER = 7, 1000.0  # of a kernel that is written anew: its side, and a number in it
TEMPERATURES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 8.0)
MAX_NOISE = 150  # percent
_KINDS = ("prune", "noise", "bits", "temperature", "off", "kernel")
_EXPECTED = f"expected what was done, such as prune:30;bits:4, of {', '.join(_KINDS)}"


def write(how: Damage) -> str:
    """Return the text, '' where nothing was done or where it is too much for an address."""
    parts = [f"prune:{round(100 * how.prune)}"] * bool(how.prune)
    parts += [f"noise:{round(100 * how.noise)}"] * bool(how.noise)
    parts += [f"bits:{how.bits}"] * (how.bits != NONE.bits)
    parts += [f"temperature:{how.temperature:g}"] * (how.temperature != NONE.temperature)
    parts += [f"off:{layer}:{','.join(_ranges(units))}" for layer, units in how.off]
    for layer, channel, number, rows in how.kernels:
        numbers = ",".join(f"{n:.6g}" for row in rows for n in row)
        parts.append(f"kernel:{layer}:{channel + 1}:{number + 1}:{numbers}")
    text = ";".join(parts)
    return text if len(text) <= MAX_LENGTH else ""


def read(text: str) -> Damage:
    """Return what `write` was given. Raises BadInput, with half a sentence, for all else."""
    if len(text) > MAX_LENGTH:
        raise BadInput(f"it has {len(text):,} characters, and {MAX_LENGTH:,} are the most")
    how = NONE
    for part in text.split(";"):
        kind, _, said = part.partition(":")
        how = replace(how, **_part(kind, said, how))
    return how


def check(network: Network, how: Damage) -> None:
    """Raise BadInput, with half a sentence, where this network has no such part."""
    for layer, units in how.off:
        count = damage.can_be_off(network).get(layer, 0)
        if not units or max(units) >= count:
            raise BadInput(f"{layer} of this network has {count} parts that can be switched off")
    for layer, channel, number, rows in how.kernels:
        kernel = network.weights.get(f"{layer}/kernel")
        shape = () if kernel is None or kernel.ndim != 4 else kernel.shape
        fits = shape and len(rows) == shape[0] and channel < shape[2] and number < shape[3]
        if not fits:
            raise BadInput(f"{layer} of this network has no such kernel")


def _part(kind: str, said: str, how: Damage) -> dict[str, Any]:
    """One part of the text -> the fields of Damage that it says."""
    match kind:
        case "prune":
            return {"prune": _whole(said, 99) / 100}
        case "noise":
            return {"noise": _whole(said, MAX_NOISE) / 100}
        case "bits":
            return {"bits": _of(said, BITS)}
        case "temperature":
            return {"temperature": _of(said, TEMPERATURES)}
        case "off":
            layer, _, units = said.partition(":")
            return {"off": tuple(sorted({**dict(how.off), _name(layer): tuple(_units(units))}.items()))}
        case "kernel":
            return {"kernels": (*how.kernels, _kernel(said))}
    raise BadInput(_EXPECTED)


def _kernel(said: str) -> tuple[str, int, int, tuple[tuple[float, ...], ...]]:
    layer, channel, number, numbers = [*said.split(":"), "", "", ""][:4]
    values = [parse_number(text[:20]) for text in numbers.split(",")]
    side = math.isqrt(len(values))
    if side**2 != len(values) or side > MAX_KERNEL:
        raise BadInput(f"expected a square kernel of {MAX_KERNEL} a side at most")
    known = tuple(v for v in values if v is not None and math.isfinite(v) and abs(v) <= MAX_NUMBER)
    if len(known) < len(values):
        raise BadInput(f"expected a kernel's numbers, from {-MAX_NUMBER:g} to {MAX_NUMBER:g}")
    rows = tuple(known[at : at + side] for at in range(0, len(known), side))
    return _name(layer), _whole(channel, 9999, 1) - 1, _whole(number, 9999, 1) - 1, rows


def _ranges(units: tuple[int, ...]) -> Iterator[str]:
    """(0, 1, 2, 8) -> '1-3', '9'"""
    left = sorted(units)
    while left:
        run = 1
        while run < len(left) and left[run] == left[0] + run:
            run += 1
        yield f"{left[0] + 1}" if run == 1 else f"{left[0] + 1}-{left[0] + run}"
        left = left[run:]


def _units(said: str) -> list[int]:
    units: set[int] = set()
    for part in said.split(","):
        first, dash, last = part.partition("-")
        low = _whole(first, 9999, 1)
        units |= set(range(low - 1, _whole(last, 9999, low) if dash else low))
    return sorted(units)


def _name(said: str) -> str:
    if not re.fullmatch(r"\w{1,60}", said, re.ASCII):
        raise BadInput("expected the name of a layer, such as conv2d_1")
    return said


def _whole(said: str, high: int, low: int = 0) -> int:
    if re.fullmatch(r"\d{1,4}", said, re.ASCII) and low <= int(said) <= high:
        return int(said)
    raise BadInput(f"accepted are whole numbers from {low} to {high:,}")


def _of(said: str, known: tuple) -> Any:
    found = next((value for value in known if f"{value:g}" == said), None)
    if found is None:
        raise BadInput(f"accepted are {', '.join(f'{value:g}' for value in known)}")
    return found
