"""Own classes, breaking, fooling, and the page that is taken away: how long they take, and how good they are.

With UNIPEN_CHARACTERS=FILE, UNIPEN's letters as docs/model-card.md says, letters A to E by one writer each are
measured, too.
"""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.teaching import odd_hand
from core.analysis import adversarial, breaking
from core.data import datasets, own_classes, pen_files
from core.data.own_classes import OwnClasses
from core.ink import files, rgb
from core.ink.preprocessing import from_strokes
from core.models import classifiers, own_features, own_head
from core.models.classifiers import Classifier
from core.models.exports import html_file
from core.nn.damage import Damage
from core.records import TrainConfig
from core.runs.queue import Jobs
from core.storage import drawings
from core.storage.store import ACTIVE, Store
from core.training import weak_start
from tests.browser.conftest import launch

LEARNT, LETTERS = 10, "ABCDE"  # drawings of each letter that are learnt
DRAWN = 50  # digits by one hand, for a weak start
SCENES = datasets.ASSETS / "samples" / "pictures"


def markdown() -> str:
    """Return the table."""
    classifier = classifiers.shipped()
    return "\n".join(
        [
            "## Own classes, breaking, fooling, taking away",
            "",
            "Of the app's own network, in the process that serves pages.",
            "",
            "| what | measured |",
            "|---|--:|",
            *(f"| {what} | {value} |" for what, value in _rows(classifier)),
        ]
    )


def _rows(classifier: Classifier) -> list[tuple[str, str]]:
    own = own_classes.example("Shapes", 20)
    pixels = datasets.mnist().x_test[0].astype(np.float32) / 255
    test, labels = breaking.held_images("digit-lab", breaking.COUNT)

    def taught() -> None:
        own_head.fit(classifier, own).answer(pixels)

    rows = [("own classes: 5 classes of 20 drawings, until it answers", _seconds(taught))]
    rows += _letters(classifier) + _how_good(own) + _of_images() + [_weak_start()]
    changes = iter(np.linspace(0.1, 0.9, 40))

    def bars() -> None:
        breaking.damaged(classifier.network, Damage(prune=float(next(changes)))).outputs(pixels[None])

    def accuracy() -> None:
        changed = breaking.damaged(classifier.network, Damage(prune=float(next(changes))))
        breaking.accuracy(changed.outputs(test), labels)

    rows += [
        ("break it: a slider until the bars", _seconds(bars)),
        (f"break it: a slider until the accuracy on {breaking.COUNT:,} test digits", _seconds(accuracy)),
        (
            "fool it: 20 steps on one drawing",
            _seconds(lambda: adversarial.attack(classifier.network, pixels, target=3)),
        ),
        (
            "fool it: the smallest of twelve budgets",
            _seconds(lambda: adversarial.smallest(classifier.network, pixels, target=3)),
        ),
    ]
    return rows + _page(classifier)


def _seconds(what: Callable[[], object], times: int = 7) -> str:
    """The median, after once to warm up."""
    what()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return f"{1000 * np.median(taken):,.0f} ms"


def _how_good(own: OwnClasses) -> list[tuple[str, str]]:
    """Cross-validated, and the learning curve, of its drawings on the network that comes with the app."""
    classifier = classifiers.shipped()
    return [(f"own classes: how good {len(own.examples)} {own.noun}s are told apart", _asked(classifier, own))]


def _asked(base: Classifier, own: OwnClasses) -> str:
    def ask() -> None:
        for remembered in (own_head.cross_validated, own_head.learning_curve):
            remembered.cache_clear()
        own_head.accuracy(base, own)
        own_head.learning_curve(base, own)

    return _seconds(ask, 3)


def _of_images() -> list[tuple[str, str]]:
    """5 classes of 20 images: the painted scenes that come with the app, each a little darker or brighter."""
    base, rng = classifiers.shipped("cifar-small"), np.random.default_rng(0)
    scenes = [rgb.shrink(files.read_image(p.read_bytes()), 32) for p in sorted(SCENES.glob("*.jpg"))[:10]]
    own = OwnClasses("Scenes", tuple(LETTERS), of_images=True)
    for n in range(100):
        pixels = 255 * scenes[2 * (n % 5) + n % 2] * rng.uniform(0.7, 1.0) + rng.normal(0, 12, (32, 32, 3))
        own = own.with_image(n % 5, pixels.clip(0, 255).astype(np.uint8))

    def taught() -> None:
        own_features.forget()
        own_head.fit(base, own).answer(scenes[0].astype(np.float32))

    return [
        ("own classes: 5 classes of 20 images, until it answers", _seconds(taught, 3)),
        (f"own classes: how good {len(own.examples)} images are told apart", _asked(base, own)),
    ]


def _weak_start() -> tuple[str, str]:
    """From the click, with a worker that has trained before, until the last point of the curve."""
    with tempfile.TemporaryDirectory(prefix="digit-lab-") as folder:
        jobs = Jobs(Store(f"sqlite:///{Path(folder) / 'lab.db'}"))
        try:
            drawings.add_many(jobs.store, odd_hand(DRAWN))
            hand = drawings.load(jobs.store, "hand")
            _trained(jobs, [weak_start.base(10)])  # the worker starts
            began = time.perf_counter()
            (begin,) = _trained(jobs, [weak_start.base(100)])
            amounts = weak_start.amounts(hand)
            _trained(jobs, [weak_start.taught(100, begin, "hand", amount) for amount in amounts])
            spent = time.perf_counter() - began
        finally:
            jobs.close()
    trainings = f"{1 + len(amounts)} trainings, {DRAWN} drawings"
    return f"digits from a weak start of 100: from the click to the whole curve ({trainings})", f"{spent:.1f} s"


def _trained(jobs: Jobs, configs: Sequence[TrainConfig]) -> list[int]:
    numbers = [
        jobs.submit(config, name="measured", visitor="hand", recipe=weak_start.RECIPE) for config in configs
    ]
    while any((run := jobs.store.run(n)) and run.status in ACTIVE for n in numbers):
        time.sleep(0.02)
    return numbers


def _letters(classifier: Classifier) -> list[tuple[str, str]]:
    """Of each writer's letters A to E some are learnt, those of all others read; and by the nearest drawing."""
    if not (file := os.environ.get("UNIPEN_CHARACTERS")):
        return []
    every = [c for c in pen_files.pen_characters(file) if c.character in LETTERS]
    images = [from_strokes(c.strokes) for c in every]
    pixels = np.stack([image.pixels for image in images if image])
    labels = np.array([LETTERS.index(c.character) for c, image in zip(every, images, strict=True) if image])
    writers = np.array([c.writer for c, image in zip(every, images, strict=True) if image])
    flat, rng, right = pixels.reshape(len(pixels), -1), np.random.default_rng(0), []
    for _ in range(10):
        chosen = _of_one_writer_each(labels, writers, rng)
        others = ~np.isin(writers, writers[chosen])
        head = own_head.fit_arrays(classifier, pixels[chosen], labels[chosen], len(LETTERS))
        nearest = KNeighborsClassifier(1).fit(flat[chosen], labels[chosen])
        found = (head.predict(pixels[others]), nearest.predict(flat[others]))
        right.append([float((one == labels[others]).mean()) for one in found])
    head_right, nearest_right = np.mean(right, 0)
    what = f"UNIPEN's letters A to E, up to {LEARNT} of one writer each learnt, other writers' read"
    return [(what, f"{head_right:.1%}"), ("the same by the nearest drawing", f"{nearest_right:.1%}")]


def _of_one_writer_each(labels: np.ndarray, writers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Numbers of the letters that are learnt: of each letter those of one writer who has written several."""
    chosen: list[int] = []
    for label in range(len(LETTERS)):
        names, counts = np.unique(writers[labels == label], return_counts=True)
        many = names[counts >= min(LEARNT, counts.max())]
        who = rng.choice(many)
        chosen += np.flatnonzero((labels == label) & (writers == who))[:LEARNT].tolist()
    return np.array(chosen)


def _page(classifier: Classifier) -> list[tuple[str, str]]:
    """Its size, and how long its script takes from its beginning until it has answered once."""
    data = html_file.make(classifier.network)
    read = "digitLab.read(new Float32Array(784))"
    blank = f"(() => {{const t = performance.now(); {read}; return performance.now() - t}})()"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "network.html")
        file.write_bytes(data)
        with launch(playwright) as browser:
            taken = []
            for _ in range(7):
                page = browser.new_page()
                page.goto(file.as_uri())
                page.wait_for_function("window.digitLab")
                taken.append(page.evaluate("digitLab.ready"))
                reading = page.evaluate(blank)
                page.close()
    return [
        ("the page to take away", f"{len(data) / 1e6:.2f} MB"),
        ("from its script's beginning until it is ready and has answered", f"{np.median(taken):.0f} ms"),
        ("each further answer", f"{reading:.1f} ms"),
    ]
