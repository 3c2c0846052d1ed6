"""Embeddings: images as the vectors of the last hidden layer, projected to a map, and nearest neighbours.

It is told here of MNIST's digits; of CIFAR-10's images all is the same but for their shape and number.

    >>> space = embedding.tests(classifier).result()           # the 10,000 test digits, 64 numbers each
    >>> points = embedding.layout(classifier, "t-SNE").result()  # and where each lies on a map
    >>> embedding.MAPS["t-SNE"].embed(space, points, embedding.vector(classifier, space, image.pixels))
    array([ 12.3, -40.1])
    >>> learnt = embedding.training(classifier).result()       # the 60,000 that it learnt from
    >>> embedding.nearest(classifier, space, learnt, image.pixels)[0]
    Neighbour(number=4711, label=7, distance=2.31)

What takes longer than a blink is a Work of `works`: it goes on whatever its page does, tells its fraction, and
is done once per network. Of the network that reads drawings it comes with the app.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.analysis import placement
from core.analysis.works import (
    Arrays,
    Progress,
    Work,
    fingerprint,
    is_there,
    kept_result,
    work,
    work_key,
)
from core.data import datasets
from core.models.classifiers import Classifier
from core.nn import architectures
from core.records import Dataset, Network

MAX_VALUES = 256  # per digit that are kept of a wider layer: its principal directions
PERPLEXITY = 30  # t-SNE: about how many neighbours a digit has
EXAGGERATED, PLAIN = 80, 220  # t-SNE's steps: the first pull the clusters apart
_SHIPPED_NAME = re.compile(r"[0-9a-f]{16}-(t-SNE|tests|training)\.npz")  # of `ship`'s files
_BATCH = 1024
_CANDIDATES = 64  # neighbours by the kept numbers, sorted by all
_FEWER = 2000  # digits from which the principal directions of a wide layer are taken


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


# -- the digits in the hidden layer


def hidden_layer(network: Network) -> str:
    """Return the name of the layer before the last; without hidden layers it is the image in one row."""
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
    """An image as the network is given it, float32, 0..1 -> float32 [k], where it lies."""
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

    start = _pca(space, on_progress)
    scale = start[:, 0].std()
    if not 0 < scale < np.inf:  # NaN too; of a start that is no numbers openTSNE ends the process
        return np.zeros_like(start, np.float32)
    # One thread each: beside a training, several wait for each other, and take ten times as long.
    near = openTSNE.affinity.PerplexityBasedNN(space.vectors, perplexity=PERPLEXITY, method="exact", n_jobs=1)
    on_progress(0.1)
    start = start / scale * 1e-4
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
    values, components = np.linalg.eigh(np.atleast_2d(np.cov(vectors - middle, rowvar=False)))
    if len(values) == 1:  # of one number there is one direction, which lies flat
        values, components = np.append(0, values), np.array([[0.0, 1.0]])
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


def kept(data: str, digest: str, name: str) -> tuple[Space, np.ndarray]:
    """Return the test images of the network with this fingerprint, and one of the MAPS of them.

    Raises LookupError where either is not yet there: `tests` and `layout` make them.
    """
    space = kept_result(work_key(data, digest, "tests"), lambda found: Space(**_plain(found)))
    return space, kept_result(work_key(data, digest, name), lambda found: found["points"])


def is_kept(data: str, digest: str, name: str) -> bool:
    """Would `kept` return at once?"""
    return all(is_there(work_key(data, digest, what)) for what in ("tests", name))


def ship(classifier: Classifier, folder: Path) -> list[Path]:
    """Compute what the map needs, and write it as files to come with the app; return them, the largest last.

    Vectors are written as float16, which the distances of neighbours do not notice. Such files of another
    network in that folder are deleted.
    """
    network = classifier.network
    space = _tests(classifier, _silent)
    points = _tsne(Space(**_plain(space)), _silent)
    learnt, _ = _vectors(classifier, Space(**_plain(space)), _data(classifier).x_train, _silent)
    space["vectors"] = space["vectors"].astype(np.float16)
    files = {"t-SNE": {"points": points}, "tests": space, "training": {"vectors": learnt.astype(np.float16)}}
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"{work_key(network.data, fingerprint(network), name)}.npz" for name in files]
    for path, found in zip(written, files.values(), strict=True):
        np.savez_compressed(path, allow_pickle=False, **found)  # type: ignore[arg-type]
    for old in folder.glob("*.npz"):
        if _SHIPPED_NAME.fullmatch(old.name) and old not in written:
            old.unlink()
    return written


def _silent(fraction: float) -> None:
    """Nobody watches."""
