"""A cache of background computations: each is done once for a network, in a thread, and kept on disk.

Called by `core.analysis.embedding`, `core.analysis.evaluation`, `core.analysis.loss_plane`,
`core.analysis.map_export`, `core.commands.show`, `ui.sections.break_network`, `ui.sections.embedding_map`,
`ui.sections.fool_pen` and `ui.state.link_parts`.
"""

import hashlib
import json
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from core import paths
from core.data import datasets
from core.io import arrays
from core.models.classifiers import Classifier
from core.nn import architectures
from core.records import Network
from core.runs.executors import closing

_KEPT = 12  # works in memory: three per network, up to 60 MB each
_MAX_BYTES = 500_000_000  # on disk; the oldest files give way
SHIPPED = datasets.ASSETS / "embeddings"
_EDITION = b"3"  # of how all this is computed: what is kept of another is not taken for this one's

Progress = Callable[[float], None]
Arrays = dict[str, np.ndarray]
Result = TypeVar("Result")


class Ended(Exception):
    """The program ends, and it is not computed any more."""


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
        """Has it come to its end, well or not?"""
        return self._future.done()

    @property
    def failed(self) -> bool:
        """Has it ended with an error, which `result` raises?"""
        return self.done and self._future.exception() is not None

    def result(self, timeout: float | None = None) -> Result:
        """Return what was computed once it is there. Raises TimeoutError, or what computing it raised."""
        return self._future.result(timeout)

    def _run(
        self, key: str, compute: Callable[[Progress], Arrays], unpack: Callable[[Arrays], Result]
    ) -> Result:
        self._on_progress(0.0)  # where it has waited until the end
        found = _load(key)
        if found is None:
            found = compute(self._on_progress)
            _save(key, found)
        return unpack(found)

    def _on_progress(self, fraction: float) -> None:
        self.fraction = fraction
        if closing.is_set():
            raise Ended


# In order: what a work needs was begun before it. Digits do not wait for what is larger, images in colour and
# letters; and of these no map waits for all that was learnt from to be read.
_of_digits = ThreadPoolExecutor(1, "embedding")
_of_others = ThreadPoolExecutor(2, "embedding-of-others")
_lock = threading.Lock()
_works: OrderedDict[str, Work] = OrderedDict()
_fingerprints: dict[int, tuple[weakref.ref[Network], str]] = {}  # by the network's `id`, while it is there


def work(
    classifier: Classifier,
    name: str,
    compute: Callable[[Progress], Arrays],
    unpack: Callable[[Arrays], Result],
) -> Work[Result]:
    """Return the work of that name on this network, begun now unless it was; what it unpacks is its result."""
    key = work_key(classifier.network.data, fingerprint(classifier.network), name)
    with _lock:
        found = _works.pop(key, None)
        if found is None or found.failed:
            of_digits = datasets.KINDS[classifier.network.data].of_digits
            found = Work(key, compute, unpack, _of_digits if of_digits else _of_others)
        _works[key] = found
        while len(_works) > _KEPT:
            _works.popitem(last=False)
        return found


def work_key(data: str, digest: str, name: str) -> str:
    """data: a key of `datasets.KINDS`. digest: a network's fingerprint."""
    return f"{digest}-{version(data)}{name}"


def is_there(key: str) -> bool:
    """Is the work of this key done, or was it ever?"""
    return _finished(key) is not None or (SHIPPED / f"{key}.npz").is_file() or _path(key).is_file()


def kept_result(key: str, unpack: Callable[[Arrays], Result]) -> Result:
    """Return what a work came to, without beginning it. Raises LookupError where it is not yet there."""
    if (finished := _finished(key)) is not None:
        return finished.result()
    if (found := _load(key)) is None:
        raise LookupError(key)
    return unpack(found)


def _finished(key: str) -> Work | None:
    """The work of this key, where it is in memory and has come to its end."""
    with _lock:
        found = _works.get(key)
    return found if found is not None and found.done and not found.failed else None


def version(data: str) -> str:
    """Of images that a user may replace: when they were, so that what is kept is of these; '' of others."""
    if datasets.KINDS[data].files:
        try:
            of_files = datasets.version(data)
        except datasets.NoData:
            return ""
        return f"{hashlib.sha256(of_files.encode()).hexdigest()[:12]}-"
    if data != "cifar10" or not datasets.has_cifar10():
        return ""
    facts = datasets.cifar10_path().stat()
    return f"{facts.st_mtime_ns:x}-{facts.st_size:x}-"


def fingerprint(network: Network) -> str:
    """Return 16 letters that stand for this network's layers and weights, whatever its name.

    All weights are read once for each `Network`: none is ever written into.
    """
    key = id(network)
    of, known = _fingerprints.get(key, (None, ""))
    if of is None or of() is not network:
        known = _fingerprint(network)
        _fingerprints[key] = weakref.ref(network, lambda _: _fingerprints.pop(key, None)), known
    return known


def _fingerprint(network: Network) -> str:
    digest = hashlib.sha256(_EDITION + json.dumps(architectures.to_json(network.layers)).encode())
    for name, array in sorted(network.weights.items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def _path(key: str) -> Path:
    return paths.folder() / "embeddings" / f"{key}.npz"


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
