"""Labelled drawings and retraining: what many drawings cost, and what a network gains and loses by one hand."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core.data import pen_paths, synthetic_digits
from core.ink import preprocessing
from core.models import classifiers, networks, prediction_cache
from core.records import StoredDrawing
from core.storage import drawings, exchange_json, exchange_zip
from core.storage.store import Store
from core.training import finetuning

STORED = 10_000
LEARNT = 50  # drawings of the hand, a fifth of which is held back
MEASURED = 200  # more of them, that show how the hand is read
SEEDS = (0, 1, 2)
TIMES = 5  # that each call is timed

TABLE = """
## Labelled drawings

{stored:,} of them, in SQLite; the median of {times}.

| what | time |
|---|--:|
{store}

## Retraining

The network that comes with the app, taught {learnt} drawings of one hand, a fifth of which is held back:
strokes by arithmetic, every digit in one form and slanted as nobody does. The hand is measured on {measured}
more drawings, MNIST on its 10,000 test digits. The time is that of the task, without the import of TensorFlow;
beside it the time that its processor cores worked, which other programs change less.

| seed | time | of both cores | the hand before | after | MNIST before | after |
|--:|--:|--:|--:|--:|--:|--:|
{rows}
"""

_SLANT = np.array([[1.0, 0.9], [-0.35, 1.0]])


def odd_hand(count: int, seed: int = 1) -> list[StoredDrawing]:
    """Return drawings by one writer: each digit in one form, varied a little, all slanted in the same way."""
    rng = np.random.default_rng(seed)
    forms = {digit: make for make, digit in synthetic_digits.GLYPH_VARIANTS.items()}
    drawn = []
    for n in range(count):
        strokes = [stroke @ _SLANT for stroke in pen_paths.distort(forms[n % 10](rng), rng, 0.5)]
        pixels = drawings.as_bytes(preprocessing.normalise(strokes)[1])
        drawn.append(StoredDrawing(n % 10, pixels, "", "hand", datetime.now(UTC)))
    return drawn


def markdown() -> str:
    """Measure, and return the two tables."""
    with tempfile.TemporaryDirectory() as folder:
        store = _stored(Path(folder))
        retrained = "\n".join(_retrain(Path(folder), seed) for seed in SEEDS)
    return TABLE.format(
        stored=STORED, times=TIMES, store=store, learnt=LEARNT, measured=MEASURED, rows=retrained
    )


def many_drawings() -> list[StoredDrawing]:
    """Return STORED drawings, no two alike, with strokes of a hundred points."""
    some = odd_hand(500)
    rng, strokes = np.random.default_rng(0), '{"strokes": [' + str([[100.25, 120.5]] * 100) + "]}"
    return [replace(d, strokes=strokes, pixels=_noisy(d.pixels, rng)) for d in some * (STORED // len(some))]


def _stored(folder: Path) -> str:
    store = Store(f"sqlite:///{folder / 'many.db'}")
    many = many_drawings()
    drawings.add_many(store, many)
    found = drawings.load(store)
    classifier = classifiers.shipped()
    calls: dict[str, Callable[[], object]] = {
        "storing one more": lambda: drawings.add(store, many[0]),
        "loading all, as My digits does for each page": lambda: drawings.load(store),
        "reading the next portion of those not read yet": lambda: prediction_cache.predict(
            classifier, found.x, 0.5
        ),
        "the JSON file": lambda: exchange_json.write(drawings.everything(store)),
        "the zip of PNGs": lambda: exchange_zip.write(found.ids, found.x, found.y, found.held_out),
    }
    times = {name: np.median([_seconds(call) for _ in range(TIMES)]) for name, call in calls.items()}
    return "\n".join(f"| {name} | {seconds:.2f} s |" for name, seconds in times.items())


def _noisy(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each drawing a little different, so that none is known."""
    return np.where(pixels > 0, np.clip(pixels + rng.integers(-9, 9, pixels.shape), 1, 255), 0).astype(np.uint8)


def _retrain(folder: Path, seed: int) -> str:
    # TensorFlow: only where something is trained.
    from core.worker import tasks  # noqa: PLC0415

    url = f"sqlite:///{folder / f'retrain-{seed}.db'}"
    store, drawn = Store(url), odd_hand(LEARNT + MEASURED, seed=seed + 1)
    last = max(drawings.add_many(store, drawn[:LEARNT]))
    base = networks.shipped()
    number = store.add(
        finetuning.config(base.layers, 0, "hand", last, seed), name="taught", recipe=finetuning.RECIPE
    )
    if seed == SEEDS[0]:
        tasks.warm()  # as the app's worker is
    worked = time.process_time()
    seconds = _seconds(lambda: tasks.train_run(url, number))
    worked = time.process_time() - worked
    network, run = store.network(number), store.run(number)
    assert network is not None and run is not None  # noqa: PT018
    x, y = (np.stack([getattr(d, name) for d in drawn[LEARNT:]]) for name in ("pixels", "label"))
    right = [(prediction_cache.predict(classifiers.Classifier(n), x)[0] == y).mean() for n in (base, network)]
    mnist = f"{base.about['test_accuracy']:.2%} | {run.test_accuracy:.2%}"
    return f"| {seed} | {seconds:.1f} s | {worked:.1f} s | {right[0]:.1%} | {right[1]:.1%} | {mnist} |"


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
