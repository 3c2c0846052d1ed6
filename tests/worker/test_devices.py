"""Several devices and XLA, on this computer's processor: the ways of training that a GPU machine takes."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.data import augmentation, datasets
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
)
from core.records import Augmentation, Dataset, TrainConfig
from core.worker import devices, epoch_program, measure, models, predictor, steps, training
from core.worker.hooks import Hooks
from tests.worker.device_trainings import CONFIG, CONFIGS, DROPPED, some_digits, trained

ROOT = Path(__file__).parents[2]
NORMALISED = replace(
    CONFIG,
    layers=(
        Conv2D(4, 5, 2, activation="linear"),
        BatchNormalization(),
        Activation("tanh"),
        AveragePooling2D(2),
        Flatten(),
        Dense(10, "softmax"),
    ),
)


on_one_device = cache(trained)


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        assert other[name] == pytest.approx(one[name], abs=1e-3), name


def test_here_it_is_the_processor():
    assert devices.describe() == f"this computer's {len(os.sched_getaffinity(0))} cores"
    assert not devices.has_gpu()
    assert devices.strategy().num_replicas_in_sync == 1


@pytest.mark.parametrize(
    ("capabilities", "filters", "dtype"),
    [
        # of each GPU, in a layer of 392,000 multiplications per filter and image
        ([(9, 0)], 26, "bfloat16"),
        ([(8, 0), (8, 9)], 26, "bfloat16"),
        ([(9, 0)], 25, "float32"),  # 9.8 million: too small
        ([(7, 5)], 26, "float32"),  # too old
        ([(9, 0), (7, 5)], 26, "float32"),
        ([None], 26, "float32"),  # which does not say what it can
    ],
)
def test_large_networks_are_computed_in_bfloat16_where_all_gpus_have_it(
    monkeypatch, capabilities, filters, dtype
):
    details = {f"GPU:{n}": {"compute_capability": able} if able else {} for n, able in enumerate(capabilities)}
    monkeypatch.setattr(devices.tf.config, "list_physical_devices", lambda kind: list(details))
    monkeypatch.setattr(devices.tf.config.experimental, "get_device_details", details.get)
    assert devices.compute_dtype(work(filters)) == dtype


def work(filters: int) -> tuple[Layer, ...]:
    return (
        AveragePooling2D(2),
        Conv2D(80, 1),
        Conv2D(filters, 5, padding="same"),
        Flatten(),
        Dense(10, "softmax"),
    )


@pytest.mark.parametrize(
    ("flags", "filters", "dtype"),
    [
        ("flags : avx2 avx512f avx512_bf16 avx512_vnni", 26, "bfloat16"),
        ("flags : avx2 amx_bf16", 26, "bfloat16"),
        ("flags : avx2 avx512_bf16", 25, "float32"),
        ("flags : avx2 avx512f", 26, "float32"),
        (None, 26, "float32"),  # no such file: not Linux
    ],
)
def test_or_where_the_processor_has_it(monkeypatch, tmp_path, flags, filters, dtype):
    if flags:
        (tmp_path / "cpuinfo").write_text(flags)
    monkeypatch.setattr(devices, "_CPUINFO", tmp_path / "cpuinfo")
    assert devices.compute_dtype(work(filters)) == dtype
    monkeypatch.setenv("DIGIT_LAB_BFLOAT16", "0")
    assert devices.compute_dtype(work(filters)) == "float32"


MIXED = TrainConfig(
    layers=(
        Conv2D(8, 5, 2, activation="linear"),
        BatchNormalization(),
        Activation("relu"),
        AveragePooling2D(2),
        Conv2D(16, 3, padding="same"),
        MaxPooling2D(2),
        Flatten(),
        Dense(40),
        Dropout(0.1),
        Dense(10, "softmax"),
    ),
    optimizer="Adam",
    learning_rate=0.005,
    batch_size=50,
    epochs=5,
    train_size=4000,
    validation_split=0,
    label_smoothing=0.05,
)


@pytest.mark.parametrize("compiled", [False, True])
def test_bfloat16_learns_about_as_well_and_keeps_float32_weights(monkeypatch, compiled):
    monkeypatch.setattr(devices, "has_gpu", lambda: compiled)
    full = datasets.mnist()
    data = Dataset(full.x_train[:4000], full.y_train[:4000], full.x_test[:2000], full.y_test[:2000])
    right, found = {}, {}
    for dtype in ("float32", "bfloat16"):
        monkeypatch.setattr(devices, "compute_dtype", lambda *_, dtype=dtype: dtype)
        model = training.train(MIXED, data).model
        found[dtype] = models.get_weights(model)
        right[dtype] = float((measure.logits(model, data.x_test).argmax(1) == data.y_test).mean())
        assert {array.dtype for array in found[dtype].values()} == {np.dtype(np.float32)}
    assert right["float32"] > 0.93, right
    assert right["bfloat16"] == pytest.approx(right["float32"], abs=0.02)
    assert not np.array_equal(found["float32"]["dense_2/kernel"], found["bfloat16"]["dense_2/kernel"])


TWO_DEVICES = """
import sys
import numpy as np
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from core.worker import devices, training
from tests.worker import device_trainings as here
assert devices.strategy().num_replicas_in_sync == 2
for number, config in enumerate([*here.CONFIGS.values(), here.DROPPED]):
    np.savez(f"{sys.argv[1]}/{number}.npz", **here.trained(config))
"""


@pytest.fixture(scope="module")
def on_two_devices(tmp_path_factory):
    """The weights of CONFIGS and DROPPED, trained in a process with two logical devices."""
    folder = tmp_path_factory.mktemp("two")
    command = [sys.executable, "-c", TWO_DEVICES, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [dict(np.load(folder / f"{number}.npz")) for number in range(len(CONFIGS) + 1)]


@pytest.mark.parametrize("name", CONFIGS)
def test_two_devices_learn_what_one_learns(on_two_devices, name):
    assert_same(on_one_device(CONFIGS[name]), on_two_devices[list(CONFIGS).index(name)])


def test_dropout_and_normalisation_learn_on_two_devices(on_two_devices):
    start = models.get_weights(models.build(DROPPED.layers))
    found = on_two_devices[-1]
    assert found.keys() == start.keys()
    assert all(np.isfinite(array).all() for array in found.values())
    assert np.abs(found["batchnormalization_1/moving_mean"]).max() > 0.01


@pytest.fixture
def gpu(monkeypatch):
    """What is done where there is a GPU, by the compiler of its programs, on this processor."""
    monkeypatch.setattr(devices, "has_gpu", lambda: True)


ATTACKED = replace(CONFIG, attack_budget=0.1, epochs=1, optimizer="SGD with momentum")


@pytest.mark.parametrize(
    "config",
    [NORMALISED, DROPPED, ATTACKED, *(CONFIGS[name] for name in ("RMSprop", "AdamW", "Adadelta"))],
)
def test_one_program_learns_what_the_steps_learn(config, monkeypatch):
    """A last batch of one image, filled up with 59 that do not count, among them."""
    ours = on_one_device(config)
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    assert_same(ours, trained(config))


# Of everything that is done in a program: a batch of 47 and 60 at the end, in a program of 60.
RICH = TrainConfig(
    layers=(
        Conv2D(6, 3, 2, "same"),
        Dropout(0.3),
        Conv2D(5, 1, 2),
        BatchNormalization(),
        MaxPooling2D(2),
        Flatten(),
        Dense(12),
        Dropout(0.2),
        Dense(10, "softmax"),
    ),
    optimizer="Adam",
    learning_rate=0.003,
    schedule="one-cycle",
    batch_size=60,
    epochs=4,
    train_size=167,
    validation_split=0.0012,  # of 60,000: 72 digits
    augmentation=Augmentation(rotation=10, shear=5, scale=0.1, shift=2, elastic=0.5),
    p_no_augment=0.2,
    label_smoothing=0.1,
)


def listened(resume=None, stop_after=None):
    """A training of RICH, the points of its curve, and its snapshots."""
    full, points, asked = datasets.mnist(), [], []
    snapshots = []
    data = Dataset(full.x_train[:239], full.y_train[:239], full.x_test[:50], full.y_test[:50])

    def should_stop():
        asked.append(None)
        return len(asked) == stop_after

    hooks = Hooks(
        on_metric=points.append,
        on_snapshot=snapshots.append,
        should_stop=should_stop,
        drawing=lambda: np.float32(full.x_test[0]) / 255,
    )
    return training.train(RICH, data, hooks, resume=resume), points, snapshots


def test_a_program_tells_and_resumes_as_the_steps_do(monkeypatch):
    """Curve, confusion matrix, drawing, best epoch; stopped twice, dropout's chance goes on where it was."""
    ours, expected, snapshots = listened()
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    done, found, shown = listened(stop_after=2)
    assert done.ended == "stopped"
    assert 0 < done.last.step < 12
    for stop_after in (2, None):
        done, points, more = listened(done.last, stop_after)
        found, shown = found + points, shown + more
    assert (done.ended, done.last.step, done.last.images) == ("finished", 12, 4 * 167)
    assert (done.best_epoch, done.best_accuracy) == (ours.best_epoch, pytest.approx(ours.best_accuracy))
    assert_same(models.get_weights(ours.model), models.get_weights(done.model))
    for one, other in zip(whole(expected), whole(found), strict=True):
        assert other.validation_loss == pytest.approx(one.validation_loss, abs=1e-4)
        assert other.validation_accuracy == one.validation_accuracy
        assert other.drawing == pytest.approx(one.drawing, abs=1e-4)
    assert {s.confusion for s in snapshots} <= {s.confusion for s in shown}


def whole(points):
    return [p for p in points if p.whole and p.epoch == round(p.epoch)]


def test_one_gpu_takes_the_program_and_several_share_the_steps(gpu, monkeypatch):
    assert epoch_program.is_used()
    several = SimpleNamespace(num_replicas_in_sync=2)
    monkeypatch.setattr(devices, "strategy", lambda: several)
    assert not epoch_program.is_used()


def test_the_device_holds_every_grey_exactly(gpu):
    greys = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    held = steps.on_device(greys)
    assert (held.dtype, held.shape) == ("float16", (1, 16, 16, 1))
    assert np.array_equal(held.numpy()[..., 0], greys)


@pytest.mark.parametrize(("shape", "classes"), [((28, 28), 11), ((32, 32, 3), 10)])
def test_the_device_evaluates_as_the_processor_does(gpu, monkeypatch, shape, classes):
    """Chosen images, fewer and more than are read at once, and a drawing beside them."""
    monkeypatch.setattr(models, "_EVALUATION_BATCH", 8)
    layers = (Conv2D(3, 3), BatchNormalization(), Flatten(), Dropout(0.5), Dense(12), Dense(classes, "softmax"))
    reading = predictor.Predictor(models.build(layers, (*shape, 1)[:3]), np.ones((12, 2), np.float32))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (21, *shape), dtype=np.uint8)
    images[2:5] = 0  # of these fewer units fire
    drawing = rng.random(shape, dtype=np.float32)
    ours, theirs = epoch_program.DeviceEvaluation(reading, images), predictor.Evaluation(reading, images)
    for chosen in (np.arange(21), np.array([20, 3, 3]), np.arange(2, 5), np.arange(7)):
        for asked in (drawing, None):
            (found, read), (expected, answer) = ours.watch(chosen, asked), theirs.watch(chosen, asked)
            assert found.logits.shape == (len(chosen), classes)
            assert found.logits == pytest.approx(expected.logits, abs=1e-4)
            assert found.cloud == pytest.approx(expected.cloud, abs=1e-3)
            assert [fired.tolist() for fired in found.fired] == [fired.tolist() for fired in expected.fired]
            assert read is answer is None or read == pytest.approx(answer, abs=1e-4)


def test_an_epoch_that_was_drawn_meanwhile_is_the_same(gpu):
    """And one that was drawn with another augmentation is not taken."""
    model = models.build(CONFIG.layers)
    ours = epoch_program.EpochProgram(model, None, CONFIG, some_digits(), devices.strategy())
    indices = np.arange(181, dtype=np.int32)
    for epoch in (1, 2):
        ours.prepare(lambda: indices, epoch)
        if epoch == 2:
            ours.config = replace(CONFIG, augmentation=Augmentation(shift=3))
        ours.begin_epoch(indices, epoch)
        order, warps = augmentation.draw_epoch(ours.config, indices, epoch, 28)
        assert np.array_equal(ours.order, order)
        assert np.array_equal(ours.warp_parameters, warps)
