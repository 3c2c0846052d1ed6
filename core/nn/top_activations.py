"""The images that excite each map and unit most, found among a data set's while a page looks on.

Called by `ui.components.feature_maps` and `ui.components.feature_maps.chosen_map`.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

TOP_COUNT = 9  # images that are kept for each map
_BATCH = 256  # images that are read at once
_VALUES = 200_000  # numbers of one image that are kept at once, 200 MB for a batch


@dataclass(frozen=True)
class TopActivations:
    """The images that excite each map of a layer most, the strongest first.

    values: float32 [TOP_COUNT, maps]. images: int [TOP_COUNT, maps], their numbers, -1 for none.
    positions: int [TOP_COUNT, maps], row * width + column of the largest number in the map.
    """

    values: np.ndarray
    images: np.ndarray
    positions: np.ndarray


class Search:
    """The images that excite each map of each layer most, looked for in the background, all layers at once.

    run: takes float32 [n, *shape], 0..1, and names of layers, returns {name: float32 [n, ...]}.
    sizes: how many numbers each of the layers makes of one image, by name.
    images: uint8 [n, *shape], 0..255.
    """

    def __init__(
        self,
        run: Callable[[np.ndarray, Sequence[str]], dict[str, np.ndarray]],
        sizes: dict[str, int],
        images: np.ndarray,
    ):
        self.done, self.total, self.failed = 0, len(images), ""
        self._found: dict[str, TopActivations] = {}
        work = (run, _groups(sizes), images)
        self._thread = threading.Thread(target=self._work, args=work, name="top-activations", daemon=True)
        self._thread.start()

    def of(self, name: str) -> TopActivations | None:
        """Return what was found for a layer; None until all images have been read."""
        return self._found.get(name) if self.done >= self.total else None

    def wait(self) -> None:
        self._thread.join()

    def _work(self, run: Callable, groups: list[list[str]], images: np.ndarray) -> None:
        try:
            for at in range(0, len(images), _BATCH):
                part = images[at : at + _BATCH].astype(np.float32) / 255
                for names in groups:
                    for name, values in run(part, names).items():
                        self._found[name] = merge(self._found.get(name), values, at)
                self.done = at + len(part)
        except (RuntimeError, ValueError, MemoryError) as error:  # what LiteRT and NumPy raise
            self.failed = str(error) or type(error).__name__


def _groups(sizes: dict[str, int]) -> list[list[str]]:
    """Layers that are read in one go: as many as memory should hold at once, nearly always all."""
    groups: list[list[str]] = [[]]
    total = 0
    for name, size in sizes.items():
        if groups[-1] and total + size > _VALUES:
            groups.append([])
            total = 0
        groups[-1].append(name)
        total += size
    return groups


def merge(known: TopActivations | None, values: np.ndarray, first: int) -> TopActivations:
    """Take in the next images' activations, float32 [n, height, width, maps] or [n, units].

    first: the number of the first of these images. Of equals the earlier one stays in front.
    """
    maps = np.where(np.isnan(values), -np.inf, values).reshape(len(values), -1, values.shape[-1])
    positions = maps.argmax(1)
    best = np.take_along_axis(maps, positions[:, None], 1)[:, 0]
    images = np.broadcast_to(np.arange(first, first + len(maps))[:, None], best.shape)
    if known is None:
        empty = np.full((TOP_COUNT, best.shape[1]), -1)
        known = TopActivations(np.full(empty.shape, -np.inf, np.float32), empty, empty)
    stacked = [
        np.concatenate(pair)
        for pair in ((known.values, best), (known.images, images), (known.positions, positions))
    ]
    order = np.argsort(-stacked[0], axis=0, kind="stable")[:TOP_COUNT]
    return TopActivations(*(np.take_along_axis(array, order, 0) for array in stacked))


def opened(sizes: Iterable[int], budget: int) -> list[bool]:
    """Which layers are shown at once: from the first on, as long as all their values fit the budget."""
    shown, total = [], 0
    for size in sizes:
        fits = total + size <= budget
        total += size if fits else 0
        shown.append(fits)
    return shown
