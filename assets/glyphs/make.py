"""Make glyphs.npz: the characters of handwriting fonts, as strokes of a pen. See README.md.

python assets/glyphs/make.py FOLDER   (FOLDER keeps the packages that `npm pack` fetches)

Each character is drawn large, thinned to a line one pixel wide, and that line is followed.
"""

import io
import subprocess
import sys
import tarfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from skimage.morphology import skeletonize

HERE = Path(__file__).parent
DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = UPPER.lower()
MARKS = ".,:;'\"`-_=~^*"  # small beside a digit: their pen is measured against the font's digits
CHARACTERS = DIGITS + UPPER + LOWER + MARKS + "+?!&%#@/<>(){}[]$|\\£€§"
EM = 170  # pixels
BOLDEST = 0.09  # half the pen's width, as a share of the glyph's longer side
SIDE = 250  # longer side of a stored glyph
SPACING = 4.5  # pixels of the drawing from one stored point to the next

FONTS = """
    allison amatic-sc annie-use-your-telescope architects-daughter bad-script beth-ellen bilbo-swash-caps
    borel calligraffitti caveat cedarville-cursive chilanka comic-neue coming-soon covered-by-your-grace
    crafty-girls dancing-script dawning-of-a-new-day dekko delicious-handrawn delius edu-au-vic-wa-nt-hand
    edu-nsw-act-cursive edu-qld-hand edu-tas-beginner fuggles fuzzy-bubbles gaegu gamja-flower
    give-you-glory gloria-hallelujah gochi-hand grape-nuts grechen-fuemen gveret-levin hachi-maru-pop
    handlee hi-melody homemade-apple indie-flower itim julee just-another-hand
    just-me-again-down-here kalam kavivanar kite-one kristi la-belle-aurore licorice long-cang
    loved-by-the-king lxgw-wenkai-tc mali mansalva marck-script mynerve nanum-brush-script nanum-pen-script
    neucha nothing-you-could-do oooh-baby over-the-rainbow pangolin patrick-hand playpen-sans playwrite-br
    playwrite-cz playwrite-de-grund playwrite-fr-trad playwrite-nl playwrite-us-trad poor-story rancho
    reenie-beanie rock-salt ruluko sacramento schoolbell sedgwick-ave shadows-into-light
    shadows-into-light-two shantell-sans short-stack single-day solitreo sour-gummy square-peg sriracha
    stalemate sue-ellen-francisco sunshiney swanky-and-moo-moo the-girl-next-door twinkle-star unkempt vibur
    vujahday-script waiting-for-the-sunrise walter-turncoat yomogi zen-kurenaido zeyada zhi-mang-xing
"""
TRAINING_ONLY = ("playwrite", "edu")  # school alphabets of many countries, alike among themselves
LEFT_OUT = {  # what a person would not read as what it is
    "amatic-sc": "48",
    "beth-ellen": "04",
    "bilbo-swash-caps": "4",
    "crafty-girls": "4",
    "dawning-of-a-new-day": "7i",
    "fuggles": "4b",
    "gochi-hand": "4",
    "grechen-fuemen": "3",
    "homemade-apple": "25IT",
    "just-another-hand": "4",
    "just-me-again-down-here": "7",
    "kristi": "48mnN",
    "licorice": "014",
    "loved-by-the-king": "24",
    "over-the-rainbow": "5",
    "sedgwick-ave": "0",
    "sour-gummy": "0",
    "sriracha": "1",
    "stalemate": "3",
    "sue-ellen-francisco": "4",
    "sunshiney": "69",
    "twinkle-star": "023",
    "vujahday-script": "3",
    "zeyada": "4JQ",
    "zhi-mang-xing": "0479",
}
CAPITALS = ("amatic-sc", "rock-salt", "walter-turncoat")  # their small letters are capitals too


def fetch(name: str, folder: Path) -> bytes:
    """Return the font file of one package; it is fetched with npm unless `folder` has it."""
    pattern = f"fontsource-{name}-[0-9]*.tgz"
    if not any(folder.glob(pattern)):
        subprocess.run(["npm", "pack", f"@fontsource/{name}"], cwd=folder, check=True, capture_output=True)
    with tarfile.open(next(folder.glob(pattern))) as package:
        weights = (f"package/files/{name}-latin-{weight}-normal.woff" for weight in (400, 300))
        path = next(path for path in weights if path in package.getnames())
        file = package.extractfile(path)
        assert file is not None
        return file.read()


def draw(font: ImageFont.FreeTypeFont, character: str) -> np.ndarray:
    """Return bool [height, width], True = ink, with a margin of at least two pixels."""
    left, top, right, bottom = font.getbbox(character)
    picture = Image.new("L", (int(right - left) + 24, int(bottom - top) + 24))
    ImageDraw.Draw(picture).text((12 - left, 12 - top), character, fill=255, font=font)
    return np.asarray(picture) > 127


def trace(ink: np.ndarray) -> tuple[list[np.ndarray], float]:
    """bool [height, width] -> (strokes, each float [points, 2] of x, y; half the pen's width), in pixels."""
    depth = ndimage.distance_transform_edt(ink)
    parts, count = ndimage.label(ink, np.ones((3, 3)))
    strokes, widths = [], []
    for part in range(1, count + 1):
        here = parts == part
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
        strokes += Graph(skeleton, depth).strokes()
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

    def strokes(self) -> list[np.ndarray]:
        """Go straight on at junctions; return the strokes, each float [points, 2], smooth and thinned out."""
        ends = self._ends()
        self.degree = {node: len(here) for node, here in ends.items()}
        onward = {}
        for node, here in ends.items():
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
            bend, p, q = min(pairs)
            if bend > -0.3:  # a turn of more than 72 degrees is two strokes
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

    def _follow(self, end: tuple[int, int], onward: dict, todo: set) -> np.ndarray:
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


def glyphs(name: str, folder: Path) -> dict[str, list[np.ndarray]]:
    """character -> strokes, each uint8 [points, 2], for what one font has and a pen could have drawn."""
    data = fetch(name, folder)
    font = ImageFont.truetype(io.BytesIO(data), EM, layout_engine=ImageFont.Layout.BASIC)
    known = TTFont(io.BytesIO(data)).getBestCmap()
    tall = max((np.ptp(np.nonzero(draw(font, c))[0]) for c in "0137" if ord(c) in known), default=EM / 2)
    left_out = LEFT_OUT.get(name, "") + (LOWER if name in CAPITALS else "")
    found = {}
    for character in CHARACTERS:
        if known.get(ord(character), ".notdef") == ".notdef" or character in left_out:
            continue
        ink = draw(font, character)
        if not ink.any():
            continue
        strokes, radius = trace(ink)
        side = max(np.ptp(axis) for axis in np.nonzero(ink)) + 1
        if not strokes or radius > BOLDEST * (tall if character in MARKS else side):
            continue
        points = np.concatenate(strokes)
        if character == "." and len(points) > 1:
            continue  # a scribble: its middle line is a ring or a hook
        low, extent = points.min(0), np.ptp(points, axis=0).max()
        scale = SIDE / extent if len(points) > 1 else 0
        found[character] = [np.round((s - low) * scale).astype(np.uint8) for s in strokes]
    return found


def split(names: list[str]) -> np.ndarray:
    """Return bool [fonts], True = held out: every fifth family of a shuffle. 'playwrite-cz' is a playwrite."""
    family = [name.split("-")[0] for name in names]
    order = np.random.default_rng(0).permutation(sorted(set(family) - set(TRAINING_ONLY)))
    return np.isin(family, order[::5])


def main(folder: Path) -> None:
    names = FONTS.split()
    points, stroke_ends, glyph_ends, characters, fonts = [], [0], [0], [], []
    for index, name in enumerate(names):
        for character, strokes in glyphs(name, folder).items():
            points += strokes
            stroke_ends += (stroke_ends[-1] + np.cumsum([len(s) for s in strokes])).tolist()
            glyph_ends.append(len(stroke_ends) - 1)
            characters.append(character)
            fonts.append(index)
        print(f"{name}: {fonts.count(index)}", flush=True)
    np.savez_compressed(
        HERE / "glyphs.npz",
        points=np.concatenate(points),
        stroke_offsets=np.array(stroke_ends, np.int32),
        glyph_offsets=np.array(glyph_ends, np.int32),
        character=np.array(characters, "<U1"),
        font=np.array(fonts, np.uint8),
        fonts=np.array(names),
        held_out=split(names),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
