"""Fine-tuning: from given weights, for one hand, without forgetting."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.data import pen_paths, synthetic_digits, training_sets
from core.ink import preprocessing
from core.models import classifiers, networks, prediction_cache
from core.records import Checkpoint, FineTuning, StoredDrawing
from core.storage import drawings
from core.storage.store import Store
from core.training import finetuning
from core.worker import models, tasks, training
from tests.worker.short_trainings import END, SMALL, differences, weights


def test_given_weights_are_begun_with_and_gone_from_as_far_as_is_said(few):
    start = models.get_weights(models.build(SMALL.layers))
    config = replace(SMALL, epochs=1, fine_tuning=FineTuning(0, "", 1))
    still = training.train(replace(config, optimizer="SGD", learning_rate=1e-6), few, base_weights=start)
    assert max(differences(start, weights(still)).values()) < 1e-5
    whole = weights(training.train(config, few, base_weights=start))
    half = weights(
        training.train(
            replace(config, fine_tuning=FineTuning(0, "", 1, mixing_weight=0.5)), few, base_weights=start
        )
    )
    assert min(differences(start, whole).values()) > 1e-3
    middle = {name: (start[name] + whole[name]) / 2 for name in start}
    assert max(differences(middle, half).values()) < 1e-4


def test_an_interrupted_retraining_leaves_the_same_mean(tmp_path):
    store, shipped = Store(f"sqlite:///{tmp_path / 'lab.db'}"), networks.shipped("first-conv-best")
    number = store.add(finetuning.config(shipped.layers, -2, "", 1), name="mine")
    best = {name: array + np.float32(1) for name, array in shipped.weights.items()}
    store.claim(number, "host:1:1", "")
    store.set_checkpoint(number, Checkpoint(1, 64, 1.0, (), best, 1, 0.5))
    store.interrupt(number, "host:1:1", "gone")
    tasks.finish_run(store.url, number)
    for name, array in store.network(number).weights.items():
        assert array == pytest.approx(shipped.weights[name] + finetuning.MIXING_WEIGHT, abs=1e-5)


def odd_hand(count: int) -> list[StoredDrawing]:
    """Drawings by one writer who slants everything as nobody does."""
    rng, slant, forms = np.random.default_rng(1), np.array([[1, 0.9], [-0.35, 1]]), {}
    for make, digit in synthetic_digits.GLYPH_VARIANTS.items():
        forms[digit] = make
    drawn = []
    for n in range(count):
        strokes = [stroke @ slant for stroke in pen_paths.distort(forms[n % 10](rng), rng, 0.5)]
        pixels = drawings.as_bytes(preprocessing.normalise(strokes)[1])
        drawn.append(StoredDrawing(n % 10, pixels, "", "me", datetime.now(UTC)))
    return drawn


def test_fine_tuning_reads_the_hand_and_forgets_neither_mnist_nor_what_is_no_digit(tmp_path):
    """The whole way, on the network that comes with the app; smaller than on the page."""
    url = f"sqlite:///{tmp_path / 'lab.db'}"
    store = Store(url)
    numbers = drawings.add_many(store, odd_hand(100))
    base = networks.shipped()
    config = replace(finetuning.config(base.layers, 0, "me", max(numbers)), train_size=1500, epochs=2)
    number = store.add(config, name="taught", recipe=finetuning.RECIPE)
    tasks.train_run(url, number)
    run, network = store.run(number), store.network(number)
    assert (run.status, run.note) == ("done", "")
    assert run.test_accuracy > base.about["test_accuracy"] - 0.005
    found = drawings.load(store, "me")
    held, labels = found.x[found.held_out], found.y[found.held_out]
    before, after = (classifiers.Classifier(n) for n in (base, network))
    right = [(prediction_cache.predict(classifier, held)[0] == labels).mean() for classifier in (before, after)]
    assert right[1] >= right[0] + 0.2
    nothing, kinds = training_sets.sample(150, 5, held_out=True)
    said, _ = prediction_cache.predict(after, nothing[kinds == training_sets.NOT_A_DIGIT])
    assert (said == prediction_cache.NONE).mean() > 0.9
    assert network.about["calibration"]["temperature"] > 0


@pytest.mark.parametrize(
    ("start", "sentence"), [(0, "there is no drawing to learn from"), (77, "is not there any more")]
)
def test_fine_tuning_without_drawings_or_network_says_so(tmp_path, start, sentence):
    url = f"sqlite:///{tmp_path / 'lab.db'}"
    store = Store(url)
    if start:
        drawings.add_many(store, odd_hand(2))
    config = finetuning.config(END, start, "me", 10)
    number = store.add(config, name="taught", recipe=finetuning.RECIPE)
    tasks.train_run(url, number)
    assert store.run(number).status == "failed"
    assert sentence in store.run(number).note
