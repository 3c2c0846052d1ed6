"""From ink back to strokes: the middle line of the ink, followed as a pen would go.

The ink is thinned to a line one pixel wide; that line is a graph of ends, junctions and the paths between
them, spurs are cut off, and at a junction the pen goes straight on.
"""

from collections import defaultdict

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from core.ink.preprocessing import sketch
from core.records import Drawing

SPACING = 4.5  # pixels of a finely drawn image from one point of a stroke to the next
FINE = 8  # its pixels for each of a 28x28 image
LEVELS = (0.35, 0.5, 0.65, 0.8, 0.92)  # of ink, from which on a pixel is taken to be ink
SPECK = 0.03  # a separate piece under this fraction of the largest one is left out


def from_image(pixels: np.ndarray) -> Drawing:
    """Return strokes that a pen would draw to make this digit, on a canvas as large as the image.

    pixels: float32 [28, 28], 0 = paper, 1 = ink. Without ink there are no strokes.
    """
    return next(iter(candidates(pixels)), Drawing((), (), float(len(pixels))))


def candidates(pixels: np.ndarray) -> list[Drawing]:
    """Return several such drawings, the one first that looks most like the image when drawn again; 30 ms.

    Where a thick pen has nearly closed a loop, only its darkest ink shows it, so several levels are tried.
    """
    side = float(len(pixels))
    if not pixels.max() > 0:
        return []
    bright = Image.fromarray(np.asarray(pixels / pixels.max(), np.float32))
    fine = np.asarray(bright.resize((len(pixels) * FINE,) * 2, Image.Resampling.BICUBIC))
    found = []
    for level in LEVELS:
        strokes, radius = trace(_without_specks(fine > level))
        if strokes:
            kept = tuple((stroke / FINE).astype(np.float32) for stroke in strokes)
            found.append(Drawing(kept, (2 * radius / FINE,) * len(kept), side))
    return sorted(found, key=lambda drawing: -likeness(drawing, pixels))


def likeness(drawing: Drawing, pixels: np.ndarray) -> float:
    """Return the correlation, -1..1, of an image with the drawing, drawn where it is with its own pen."""
    zoom, side = 3, len(pixels)
    drawn = sketch([s * zoom for s in drawing.strokes], [b * zoom for b in drawing.brushes], side * zoom)
    small = drawn.reshape(side, zoom, side, zoom).mean((1, 3))
    return float(np.corrcoef(small.ravel(), pixels.ravel())[0, 1])


def _without_specks(ink: np.ndarray) -> np.ndarray:
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    return np.isin(labels, 1 + np.flatnonzero(areas >= SPECK * areas.max(initial=0)))


def trace(ink: np.ndarray, straight_on: bool = True) -> tuple[list[np.ndarray], float]:
    """bool [height, width] -> (strokes, each float [points, 2] of x, y; half the pen's width), in pixels.

    straight_on: does the pen go on where lines meet? Else each stroke ends there.
    """
    depth = ndimage.distance_transform_edt(ink)
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    strokes, widths = [], []
    for label in range(1, count + 1):
        here = labels == label
        ys, xs = np.nonzero(here)
        radius = depth[here].max()
        if len(xs) < 12:
            continue  # a speck
        if max(np.ptp(ys), np.ptp(xs)) + 1 <= 2.7 * radius:  # as long as wide: a dot
            strokes.append(np.array([[xs.mean() + 0.5, ys.mean() + 0.5]]))
            widths.append([radius])
            continue
        skeleton = skeletonize(here)
        widths.append(depth[skeleton])
        strokes += Graph(skeleton, depth).strokes(straight_on)
    return strokes, float(np.mean(np.concatenate(widths))) if widths else 0.0


class Graph:
    """A skeleton as nodes (ends and junctions) and edges (the paths of pixels between them)."""

    def __init__(self, skeleton: np.ndarray, depth: np.ndarray) -> None:
        self.near = _neighbours(skeleton)
        self.depth = depth
        node_of = self._find_nodes()
        self._find_edges(node_of)
        while self._contract() or self._prune():
            pass

    def _find_nodes(self) -> dict:
        """Ends are nodes; so is each cluster of pixels with three neighbours or more."""
        self.centres: list[np.ndarray] = []
        self.radii: list[float] = []
        node_of: dict[tuple[int, int], int] = {}
        for pixel, around in self.near.items():
            if len(around) == 2 or pixel in node_of:
                continue
            cluster, todo = [], [pixel]
            while todo:
                p = todo.pop()
                if p in node_of:
                    continue
                node_of[p] = len(self.centres)
                cluster.append(p)
                if len(self.near[p]) > 2:
                    todo += [q for q in self.near[p] if len(self.near[q]) > 2]
            self.centres.append(_xy(cluster).mean(0))
            self.radii.append(max(self.depth[p] for p in cluster))
        return node_of

    def _find_edges(self, node_of: dict) -> None:
        """edges: number -> (node, node, path float [points, 2] from the one to the other)."""
        self.edges: dict[int, tuple[int, int, np.ndarray]] = {}
        self.rings: list[np.ndarray] = []
        seen = set(node_of)
        for start, node in node_of.items():
            for step in self.near[start]:
                if step in node_of:
                    other = node_of[step]
                    if other > node:
                        self._add(node, other, [])
                elif step not in seen:
                    path, last = self._walk(start, step, seen, node_of)
                    self._add(node, node_of[last], path)
        for start in self.near:
            if start not in seen:
                seen.add(start)
                path, _ = self._walk(start, self.near[start][0], seen, {start: 0})
                self.rings.append(_xy([start, *path, start]))

    def _walk(self, before, pixel, seen, stops) -> tuple[list, tuple]:
        path = []
        while pixel not in stops:
            seen.add(pixel)
            path.append(pixel)
            a, b = self.near[pixel]
            before, pixel = pixel, (b if a == before else a)
        return path, pixel

    def _add(self, a: int, b: int, pixels: list) -> None:
        path = np.concatenate([self.centres[a][None], _xy(pixels), self.centres[b][None]])
        self.edges[len(self.edges)] = (a, b, path)

    def _ends(self) -> dict[int, list[tuple[int, int]]]:
        """node -> the ends of edges there, as (edge, 0 or 1)."""
        ends = defaultdict(list)
        for e, (a, b, _) in self.edges.items():
            ends[a].append((e, 0))
            ends[b].append((e, 1))
        return ends

    def _contract(self) -> bool:
        """Make one node of two junctions whose pens overlap: thinning makes >-< of a crossing."""
        ends = self._ends()
        for e, (a, b, path) in self.edges.items():
            junctions = a != b and len(ends[a]) > 2 and len(ends[b]) > 2
            if junctions and _length(path) < 1.1 * max(self.radii[a], self.radii[b]):
                del self.edges[e]
                self.centres[a] = (self.centres[a] + self.centres[b]) / 2
                self.radii[a] = max(self.radii[a], self.radii[b])
                for f, (c, d, way) in self.edges.items():
                    self.edges[f] = (a if c == b else c, a if d == b else d, way)
                return True
        return False

    def _prune(self) -> bool:
        """Cut the shortest spur: an edge to a loose end that hardly leaves the junction's own ink."""
        ends = self._ends()
        spurs = []
        for e, (a, b, path) in self.edges.items():
            for tip, root in ((a, b), (b, a)):
                if len(ends[tip]) == 1 and len(ends[root]) > 2 and _length(path) < 1.4 * self.radii[root]:
                    spurs.append((_length(path), e))
        if spurs:
            del self.edges[min(spurs)[1]]
        return bool(spurs)

    def strokes(self, straight_on: bool = True) -> list[np.ndarray]:
        """Go straight on at junctions, or end there; return the strokes, each float [points, 2], smooth and
        thinned out.
        """
        ends = self._ends()
        self.degree = {node: len(here) for node, here in ends.items()}
        onward = {}
        for node, here in ends.items() if straight_on else ():
            for one, other in self._pairs(node, here):
                onward[one], onward[other] = other, one
        todo = set(self.edges)
        starts = [end for here in ends.values() for end in here if end not in onward]
        paths = [self._follow(end, onward, todo) for end in starts if end[0] in todo]
        paths += [self._follow((e, 0), onward, todo) for e in sorted(todo) if e in todo]
        return [_smooth(path) for path in paths + self.rings]

    def _pairs(self, node: int, here: list):
        """Yield the pairs of ends that one pen would join, the straightest first."""
        if len(here) == 2:
            yield tuple(here)
            return
        left = list(here)
        heading = {end: self._heading(node, end) for end in here}
        while len(left) > 1:
            pairs = [(heading[p] @ heading[q], p, q) for i, p in enumerate(left) for q in left[i + 1 :]]
            cosine, p, q = min(pairs)
            if cosine > -0.3:  # a turn of more than 72 degrees is two strokes
                return
            yield p, q
            left = [end for end in left if end not in (p, q)]

    def _heading(self, node: int, end: tuple[int, int]) -> np.ndarray:
        """The direction, float [2], in which an edge leaves a junction, seen from outside its ink."""
        path = self.edges[end[0]][2][:: -1 if end[1] else 1]
        away = np.hypot(*(path - self.centres[node]).T)
        far = np.flatnonzero(away > 1.0 * self.radii[node])
        first = far[0] if len(far) else len(path) - 1
        last = min(first + int(2 * self.radii[node]) + 4, len(path) - 1)
        origin = path[first] if last - first >= 4 else self.centres[node]
        direction = path[last] - origin
        return direction / max(np.hypot(*direction), 1e-9)

    def _follow(self, end: tuple[int, int] | None, onward: dict, todo: set) -> np.ndarray:
        pieces = []
        while end is not None and end[0] in todo:
            todo.remove(end[0])
            pieces.append(self._path(end))
            end = onward.get((end[0], 1 - end[1]))
        return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])

    def _path(self, end: tuple[int, int]) -> np.ndarray:
        """An edge's points from `end` on; inside a junction's ink they go straight to its centre."""
        a, b, path = self.edges[end[0]]
        keep = np.ones(len(path), bool)
        for node in (a, b):
            if self.degree[node] > 1:  # a loose end needs no straightening
                keep &= np.hypot(*(path - self.centres[node]).T) > 0.8 * self.radii[node]
        path = np.concatenate([self.centres[a][None], path[keep], self.centres[b][None]])
        return path[:: -1 if end[1] else 1]


def _neighbours(skeleton: np.ndarray) -> dict:
    """pixel (row, column) -> its neighbours; a diagonal step counts only where no straight way exists."""
    pixels = set(map(tuple, np.argwhere(skeleton).tolist()))
    near = {}
    for y, x in pixels:
        straight = [(y + j, x + i) for j, i in ((0, 1), (1, 0), (0, -1), (-1, 0)) if (y + j, x + i) in pixels]
        diagonal = [
            (y + j, x + i)
            for j in (-1, 1)
            for i in (-1, 1)
            if (y + j, x + i) in pixels and (y + j, x) not in pixels and (y, x + i) not in pixels
        ]
        near[y, x] = straight + diagonal
    return dict(sorted(near.items()))


def _xy(pixels: list) -> np.ndarray:
    """(row, column) of pixels -> float [points, 2], x and y of their middles."""
    return np.array(pixels, float).reshape(-1, 2)[:, ::-1] + 0.5


def _length(path: np.ndarray) -> float:
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def _smooth(path: np.ndarray, reach: int = 3) -> np.ndarray:
    """Even steps of a pixel, a moving average, then a point every SPACING; a closed path stays closed."""
    closed = len(path) > 3 and np.allclose(path[0], path[-1])
    at = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    even = np.linspace(0, at[-1], max(int(at[-1]), 1) + 1)
    path = np.stack([np.interp(even, at, path[:, axis]) for axis in (0, 1)], 1)
    if closed or len(path) > 2 * reach:
        for _ in range(2):
            before, after = path[-reach - 1 : -1], path[1 : reach + 1]
            if not closed:  # mirrored about its ends, so that they stay where they are
                before, after = 2 * path[0] - after[::-1], 2 * path[-1] - before[::-1]
            longer = np.concatenate([before, path, after])
            path = np.lib.stride_tricks.sliding_window_view(longer, 2 * reach + 1, axis=0).mean(-1)
    keep = np.linspace(0, len(path) - 1, max(round(len(path) / SPACING), 1) + 1).round().astype(int)
    return path[keep]
