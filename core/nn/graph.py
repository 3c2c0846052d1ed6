"""How the layers of a network are joined: a list in which each comes after all whose output it is given.

Most networks are chains, whose layers read the one before. Where ways part and meet again a layer names its
inputs by their places in the list:

    >>> layers = (Conv2D(8, 3, padding="same"), Conv2D(8, 3, padding="same"), Add(inputs=(0, 1)), Flatten())
    >>> sources(layers)
    [(-1,), (0,), (0, 1), (2,)]
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from core.nn.layers import JOINS, Layer, LayerError

IMAGE = -1
MAX_INPUTS = 16  # of a layer that joins several
Value = TypeVar("Value")


def is_chain(layers: Sequence[Layer]) -> bool:
    """Does each layer read the one before, and no other?"""
    return not any(layer.inputs for layer in layers)


def sources(layers: Sequence[Layer]) -> list[tuple[int, ...]]:
    """Return for each layer the places of those that it reads, IMAGE for the image. Raises LayerError."""
    return [_read(layer, place) for place, layer in enumerate(layers)]


def _read(layer: Layer, place: int) -> tuple[int, ...]:
    if not layer.inputs:
        if isinstance(layer, JOINS):
            raise LayerError(f"{layer.kind} joins what several layers give, and names none of them")
        return (place - 1,)
    if isinstance(layer, JOINS) != (len(layer.inputs) > 1) or len(layer.inputs) > MAX_INPUTS:
        most = f"2 to {MAX_INPUTS}" if isinstance(layer, JOINS) else "one"
        raise LayerError(f"{layer.kind} reads {most}, here {len(layer.inputs)}")
    if not all(IMAGE <= at < place for at in layer.inputs):
        raise LayerError(f"{layer.kind} reads a layer that does not come before it")
    return layer.inputs


def walk(layers: Sequence[Layer], image: Value, make: Callable[..., Value]) -> list[Value]:
    """Return what `make` gives for each layer in order: make(place, *what it gave for those that it reads)."""
    made: list[Value] = []
    for place, read in enumerate(sources(layers)):
        made.append(make(place, *(image if at < 0 else made[at] for at in read)))
    return made


def readers(layers: Sequence[Layer]) -> dict[int, list[int]]:
    """Return for the image and each layer the places of those that read it, in order."""
    found: dict[int, list[int]] = {at: [] for at in range(IMAGE, len(layers))}
    for place, read in enumerate(sources(layers)):
        for at in dict.fromkeys(read):
            found[at].append(place)
    return found


def kept(layers: Sequence[Layer]) -> set[int]:
    """Return the places whose output is read by others than the next layer alone, so that it has to be kept."""
    return {at for at, places in readers(layers).items() if places not in ([], [at + 1])}


def joined(layers: Sequence[Layer]) -> str:
    """Return one sentence that says which layer's output nobody reads, or ''."""
    for at, places in readers(layers).items():
        if not places and IMAGE < at < len(layers) - 1:
            return f"Layer {at + 1}, {layers[at].kind}, is read by no other; only the last gives the answer."
    return ""


def wired(layer: Layer, place: int, read: Sequence[int]) -> Layer:
    """Return the layer as it stands at a place and reads those: without naming them if it is the one before."""
    return replace(layer, inputs=() if tuple(read) == (place - 1,) else tuple(read))
