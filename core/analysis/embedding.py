"""Embeddings: images as the vectors of the last hidden layer, projected to a map, and nearest neighbours.

It is told here of MNIST's digits; of CIFAR-10's pictures all is the same but for their shape and number.

    >>> space = embedding.tests(reader).result()           # the 10,000 test digits, 64 numbers each
    >>> points = embedding.layout(reader, "t-SNE").result()  # and where each lies on a map
    >>> embedding.MAPS["t-SNE"].embed(space, points, embedding.vector(classifier, space, image.pixels))
    array([ 12.3, -40.1])
    >>> learnt = embedding.training(reader).result()       # the 60,000 that it learnt from
    >>> embedding.nearest(reader, space, learnt, image.pixels)[0]
    Neighbour(number=4711, label=7, distance=2.31)

What takes longer than a blink is a Work: it goes on whatever its page does, tells its fraction, and is kept in
memory and on disk, so that it is done once per network. Of the network that reads drawings it comes with the
app.
"""

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from core import paths
from core.analysis import placement
from core.data import datasets
from core.io import arrays
from core.models.classifiers import Classifier
from core.nn import architectures
from core.records import Dataset, Network

MAX_VALUES = 256  # per digit that are kept of a wider layer: its principal directions
PERPLEXITY = 30  # t-SNE: about how many neighbours a digit has
EXAGGERATED, PLAIN = 80, 220  # t-SNE's steps: the first pull the clusters apart
_BATCH = 1024
_CANDIDATES = 64  # neighbours by the kept numbers, sorted by all
_KEPT = 12  # works in memory: three per network, up to 60 MB each
_MAX_BYTES = 500_000_000  # on disk; the oldest files give way
SHIPPED = datasets.ASSETS / "embeddings"
_EDITION = b"3"  # of how all this is computed: what is kept of another is not taken for this one's
_FEWER = 2000  # digits from which the principal directions of a wide layer are taken

Progress = Callable[[float], None]
Arrays = dict[str, np.ndarray]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Space:
    """The 10,000 test digits in the last hidden layer, or in the principal directions of a wide one.

    layer: its name. width: how many numbers it has.
    vectors: float32 [10000, k], k = width, at most MAX_VALUES. predicted: uint8 [10000], the most probable
    digit.
    mean, directions: float32 [width] and [width, k] make vectors of the layer; empty where k = width.
    middle, components: float32 [k] and [k, 2], the vectors' principal components. explained_variance_ratio:
        float [2], how much of their variance each of the two shows.
    """

    layer: str
    width: int
    vectors: np.ndarray
    predicted: np.ndarray
    mean: np.ndarray
    directions: np.ndarray
    middle: np.ndarray
    components: np.ndarray
    explained_variance_ratio: np.ndarray


class Neighbour(NamedTuple):
    """A training digit: its number 0..59999, its label, and how far away it is in the hidden layer."""

    number: int
    label: int
    distance: float


class Work(Generic[Result]):
    """Something that a thread of its own computes once; any page may look how far it has got, 0..1."""

    def __init__(
        self,
        key: str,
        compute: Callable[[Progress], Arrays],
        unpack: Callable[[Arrays], Result],
        threads: ThreadPoolExecutor,
    ):
        self.fraction = 0.0
        self._future = threads.submit(self._run, key, compute, unpack)

    @property
    def done(self) -> bool:
        return self._future.done()

    @property
    def failed(self) -> bool:
        return self.done and self._future.exception() is not None

    def result(self, timeout: float | None = None) -> Result:
        """Return what was computed once it is there. Raises TimeoutError, or what computing it raised."""
        return self._future.result(timeout)

    def _run(
        self, key: str, compute: Callable[[Progress], Arrays], unpack: Callable[[Arrays], Result]
    ) -> Result:
        found = _load(key)
        if found is None:
            found = compute(self._on_progress)
            _save(key, found)
        return unpack(found)

    def _on_progress(self, fraction: float) -> None:
        self.fraction = fraction


# -- the digits in the hidden layer


def hidden_layer(network: Network) -> str:
    """Return the name of the layer before the last; without hidden layers it is the picture in one row."""
    return architectures.names(network.layers)[-2]


def tests(classifier: Classifier) -> Work[Space]:
    """The 10,000 test digits as this network sees them; about 1 s with the shipped network."""
    return work(
        classifier,
        "tests",
        lambda on_progress: _tests(classifier, on_progress),
        lambda found: Space(**_plain(found)),
    )


def training(classifier: Classifier) -> Work[np.ndarray]:
    """The 60,000 training digits in the same space, float32 [60000, k]; about 6 s."""
    space = tests(classifier)

    def compute(on_progress: Progress) -> Arrays:
        return {"vectors": _vectors(classifier, space.result(), _data(classifier).x_train, on_progress)[0]}

    return work(classifier, "training", compute, lambda found: found["vectors"])


def vector(classifier: Classifier, space: Space, pixels: np.ndarray) -> np.ndarray:
    """A picture as the network is given it, float32, 0..1 -> float32 [k], where it lies."""
    return _kept(space, _hidden(classifier, pixels[None])[0])[0]


def nearest(
    classifier: Classifier, space: Space, learnt: np.ndarray, pixels: np.ndarray, count: int = 5
) -> list[Neighbour]:
    """Return the training digits that lie nearest, by the Euclidean distance over the whole hidden layer.

    learnt: as `training` gives it. Of a wide layer, the nearest by the kept numbers are measured again.
    """
    data, own = _data(classifier), _hidden(classifier, pixels[None])[0]
    offsets = learnt - _kept(space, own)
    squares = np.einsum("nk,nk->n", offsets, offsets)
    closest = np.argpartition(squares, _CANDIDATES)[:_CANDIDATES]
    if space.directions.size:
        candidates, _ = _hidden(classifier, data.x_train[closest].astype(np.float32) / 255)
        distances = np.linalg.norm(candidates - own, axis=1)
    else:
        distances = np.sqrt(squares[closest])
    order = np.argsort(distances, kind="stable")[:count]
    return [
        Neighbour(int(n), int(data.y_train[n]), float(d))
        for n, d in zip(closest[order], distances[order], strict=True)
    ]


# -- maps: the digits in two dimensions


class Map(NamedTuple):
    """A way to lay the digits out flat.

    compute: (Space, progress) -> float32 [10000, 2]. embed: (Space, points, vector) -> float [2], where a
    new digit goes. shows: one sentence.
    """

    compute: Callable[[Space, Progress], np.ndarray]
    embed: Callable[[Space, np.ndarray, np.ndarray], np.ndarray]
    shows: str


def layout(classifier: Classifier, name: str) -> Work[np.ndarray]:
    """The test digits on one of the MAPS: float32 [10000, 2]."""
    space = tests(classifier)

    def compute(on_progress: Progress) -> Arrays:
        return {"points": MAPS[name].compute(space.result(), on_progress)}

    return work(classifier, name, compute, lambda found: found["points"])


def _pca(space: Space, on_progress: Progress) -> np.ndarray:
    return (space.vectors - space.middle) @ space.components


def _into_pca(space: Space, points: np.ndarray, own: np.ndarray) -> np.ndarray:
    return (own - space.middle) @ space.components


def _tsne(space: Space, on_progress: Progress) -> np.ndarray:
    """t-SNE by openTSNE: from the principal components, the same at each run.

    (Van der Maaten and Hinton, Visualizing Data using t-SNE, 2008; Policar and others, openTSNE, 2024.)
    """
    import openTSNE  # noqa: PLC0415  -- 1.4 s and 120 MB, only where a map has to be made

    # One thread each: beside a training, several wait for each other, and take ten times as long.
    near = openTSNE.affinity.PerplexityBasedNN(space.vectors, perplexity=PERPLEXITY, method="exact", n_jobs=1)
    on_progress(0.1)
    start = _pca(space, on_progress)
    start = start / start[:, 0].std() * 1e-4
    done = 0

    def report(*_: object) -> None:
        nonlocal done
        done += 10
        on_progress(min(1.0, 0.1 + 0.9 * done / (EXAGGERATED + PLAIN)))

    found = openTSNE.TSNEEmbedding(
        start.astype(float),
        near,
        negative_gradient_method="fft",
        n_jobs=1,
        callbacks=report,
        callbacks_every_iters=10,
    )
    found.optimize(EXAGGERATED, exaggeration=12, momentum=0.5, inplace=True)
    found.optimize(PLAIN, momentum=0.8, inplace=True)
    return np.asarray(found, np.float32)


def _into_tsne(space: Space, points: np.ndarray, own: np.ndarray) -> np.ndarray:
    return placement.by_tsne(space.vectors, points, own)


MAPS: dict[str, Map] = {
    "t-SNE": Map(
        _tsne,
        _into_tsne,
        "Neighbours in the network's last hidden layer lie side by side here; how far apart two islands are, "
        "and how large they are, means nothing.",
    ),
    "PCA": Map(
        _pca,
        _into_pca,
        "A plain shadow of the last hidden layer, from the side where the digits are spread out most: "
        "distances are true as far as these two directions show them.",
    ),
}


# -- how it is computed


def _tests(classifier: Classifier, on_progress: Progress) -> Arrays:
    network, data = classifier.network, _data(classifier).x_test
    first, _ = _hidden(classifier, data[:_FEWER].astype(np.float32) / 255)
    width = first.shape[1]
    mean, directions = np.zeros(0, np.float32), np.zeros((0, 0), np.float32)
    if width > MAX_VALUES:
        mean = first.mean(0)
        directions = _principal(first - mean, MAX_VALUES)
    blank = np.zeros(0, np.float32)
    space = Space(hidden_layer(network), width, blank, blank, mean, directions, blank, blank, blank)
    vectors, predicted = _vectors(classifier, space, data, on_progress)
    middle = vectors.mean(0)
    values, components = np.linalg.eigh(np.cov(vectors - middle, rowvar=False))
    components = components[:, :-3:-1]
    components = components * np.sign(
        components[np.abs(components).argmax(0), [0, 1]]
    )  # the same way round on every computer
    return {
        "vectors": vectors,
        "predicted": predicted,
        "mean": mean,
        "directions": directions,
        "middle": middle,
        "components": components.astype(np.float32),
        "explained_variance_ratio": values[:-3:-1] / max(float(values.sum()), 1e-30),
        "layer": np.array(space.layer),
        "width": np.array(width),
    }


def _principal(centred: np.ndarray, count: int) -> np.ndarray:
    """float32 [n, width] -> [width, count], nearly the directions in which the rows differ most."""
    from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415  -- 1.2 s and 100 MB, for wide layers only

    _, _, rows = randomized_svd(centred, count, random_state=0)
    return np.ascontiguousarray(rows.T, np.float32)


def _vectors(
    classifier: Classifier, space: Space, images: np.ndarray, on_progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [n, *shape] -> (float32 [n, k] in this space, uint8 [n], the digits read)."""
    vectors, predicted = [], []
    for at in range(0, len(images), _BATCH):
        hidden, logits = _hidden(classifier, images[at : at + _BATCH].astype(np.float32) / 255)
        vectors.append(_kept(space, hidden))
        predicted.append(logits[:, : architectures.class_count(logits.shape[1])].argmax(1).astype(np.uint8))
        on_progress(min(1.0, (at + _BATCH) / len(images)))
    return np.concatenate(vectors), np.concatenate(predicted)


def _hidden(classifier: Classifier, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float32 [n, *shape] -> (the hidden layer, [n, width]; the logits)."""
    *_, hidden, last = architectures.names(classifier.network.layers)
    found = classifier.activations_many(pixels, [hidden, last])
    return found[hidden], found[last]


def _data(classifier: Classifier) -> Dataset:
    return datasets.load(classifier.network.data)


def _kept(space: Space, hidden: np.ndarray) -> np.ndarray:
    return (hidden - space.mean) @ space.directions if space.directions.size else hidden


def _plain(found: Arrays) -> dict[str, Any]:
    return {**found, "layer": str(found["layer"]), "width": int(found["width"])}


# -- what is kept

# In order: what a work needs was begun before it. Digits do not wait for pictures in colour, which take
# longer; and of these no map waits for all that was learnt from to be read.
_threads = {
    "digits": ThreadPoolExecutor(1, "embedding"),
    "pictures": ThreadPoolExecutor(2, "embedding-in-colour"),
}
_lock = threading.Lock()
_works: OrderedDict[str, Work] = OrderedDict()


def work(
    classifier: Classifier,
    name: str,
    compute: Callable[[Progress], Arrays],
    unpack: Callable[[Arrays], Result],
) -> Work[Result]:
    """Return the work of that name on this network, begun now unless it was; what it unpacks is its result."""
    key = _key(classifier.network.data, fingerprint(classifier.network), name)
    with _lock:
        found = _works.pop(key, None)
        if found is None or found.failed:
            found = Work(key, compute, unpack, _threads[datasets.KINDS[classifier.network.data].noun])
        _works[key] = found
        while len(_works) > _KEPT:
            _works.popitem(last=False)
        return found


def _key(data: str, digest: str, name: str) -> str:
    return f"{digest}-{version(data)}{name}"


def kept(data: str, digest: str, name: str) -> tuple[Space, np.ndarray]:
    """Return the test images of the network with this fingerprint, and one of the MAPS of them.

    Raises LookupError where either is not yet there: `tests` and `layout` make them.
    """
    space = _kept_result(_key(data, digest, "tests"), lambda found: Space(**_plain(found)))
    return space, _kept_result(_key(data, digest, name), lambda found: found["points"])


def is_kept(data: str, digest: str, name: str) -> bool:
    """Would `kept` return at once?"""
    keys = [_key(data, digest, what) for what in ("tests", name)]
    with _lock:
        works = [_works.get(key) for key in keys]
    return all(
        (work_ is not None and work_.done and not work_.failed)
        or SHIPPED.joinpath(f"{key}.npz").is_file()
        or _path(key).is_file()
        for key, work_ in zip(keys, works, strict=True)
    )


def _kept_result(key: str, unpack: Callable[[Arrays], Result]) -> Result:
    with _lock:
        work_ = _works.get(key)
    if work_ is not None and work_.done and not work_.failed:
        return work_.result()
    if (found := _load(key)) is None:
        raise LookupError(key)
    return unpack(found)


def version(data: str) -> str:
    """Of pictures that a user may replace: when they were, so that what is kept is of these."""
    if data != "cifar10" or not datasets.has_cifar10():
        return ""
    facts = datasets.cifar10_path().stat()
    return f"{facts.st_mtime_ns:x}-{facts.st_size:x}-"


def fingerprint(network: Network) -> str:
    """Return 16 letters that stand for this network's layers and weights, whatever its name."""
    digest = hashlib.sha256(_EDITION + json.dumps(architectures.to_json(network.layers)).encode())
    for name, array in sorted(network.weights.items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def _path(key: str) -> Path:
    return paths.folder() / "embeddings" / f"{key}.npz"


def ship(classifier: Classifier, folder: Path) -> list[Path]:
    """Compute what the map needs, and write it as files to come with the app; return them, the largest last.

    Vectors are written as float16, which the distances of neighbours do not notice. What lies in the folder
    of another network is deleted.
    """
    network = classifier.network
    space = _tests(classifier, _silent)
    points = _tsne(Space(**_plain(space)), _silent)
    learnt, _ = _vectors(classifier, Space(**_plain(space)), _data(classifier).x_train, _silent)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.npz"):
        old.unlink()
    space["vectors"] = space["vectors"].astype(np.float16)
    files = {"t-SNE": {"points": points}, "tests": space, "training": {"vectors": learnt.astype(np.float16)}}
    written = [folder / f"{_key(network.data, fingerprint(network), name)}.npz" for name in files]
    for path, found in zip(written, files.values(), strict=True):
        np.savez_compressed(path, allow_pickle=False, **found)  # type: ignore[arg-type]
    return written


def _silent(fraction: float) -> None:
    """Nobody watches."""


def _load_shipped(key: str) -> Arrays | None:
    """What came with the app for this network; None where it is of another or of none."""
    try:
        with arrays.Archive(SHIPPED / f"{key}.npz") as archive:
            found = {name: archive.array(name) for name in archive.names}
    except (OSError, arrays.BadArrays):
        return None
    return {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in found.items()}


def _load(key: str) -> Arrays | None:
    """What was computed before; None where there is nothing, or nothing that can be read."""
    if (shipped := _load_shipped(key)) is not None:
        return shipped
    try:
        path = _path(key)
        found = arrays.unpack(path.read_bytes())
        path.touch()  # the oldest files give way, and this one is in use
    except (OSError, ValueError):
        return None
    return found


def _save(key: str, found: Arrays) -> None:
    """Write it beside its place first, so that nobody reads half a file. Nothing depends on it."""
    path = _path(key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(arrays.pack(found))
        unfinished.replace(path)
        _make_room(path.parent)
    except OSError:
        return


def _make_room(folder: Path) -> None:
    files = sorted(folder.glob("*.npz"), key=lambda f: f.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > _MAX_BYTES:
            file.unlink(missing_ok=True)
