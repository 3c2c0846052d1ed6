"""Several devices and XLA, on this computer's processor: the ways of training that a GPU machine takes."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from core.data import datasets
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
from core.worker import devices, models, training

ROOT = Path(__file__).parents[2]
CONFIG = TrainConfig(
    layers=(Conv2D(4, 5, 2), MaxPooling2D(2), Flatten(), Dense(10, "softmax")),
    optimizer="SGD",
    learning_rate=0.05,
    batch_size=60,  # three batches, and one of 1, of which the second device has nothing
    epochs=2,
    train_size=181,
    augmentation=Augmentation(rotation=10, shift=1),
    label_smoothing=0.1,
)
CONFIGS = {
    name: replace(CONFIG, optimizer=name, learning_rate=rate)
    for name, rate in (
        ("SGD", 0.05),
        ("SGD with momentum", 0.02),
        ("RMSprop", 0.001),
        ("Adam", 0.001),
        ("AdamW", 0.001),
        ("Adadelta", 0.5),
    )
}
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


def some_digits() -> Dataset:
    full = datasets.mnist()
    return Dataset(full.x_train[:181], full.y_train[:181], full.x_test[:50], full.y_test[:50])


def trained(config: TrainConfig) -> dict[str, np.ndarray]:
    return models.get_weights(training.train(config, some_digits()).model)


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
        # of each GPU, in a layer of 392,000 multiplications per filter and picture
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
        Conv2D(8, 3, 2, activation="linear"),
        BatchNormalization(),
        Activation("relu"),
        Conv2D(12, 3, padding="same"),
        MaxPooling2D(2),
        AveragePooling2D(2),
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
        right[dtype] = float((training.logits(model, data.x_test).argmax(1) == data.y_test).mean())
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
from tests.worker import test_devices as here
assert devices.strategy().num_replicas_in_sync == 2
for number, config in enumerate([*here.CONFIGS.values(), here.DROPPED]):
    np.savez(f"{sys.argv[1]}/{number}.npz", **here.trained(config))
"""

# On two devices dropout draws twice, so only its end is compared: it trains.
DROPPED = replace(
    CONFIG, layers=(Flatten(), Dense(20), BatchNormalization(), Dropout(0.5), Dense(10, "softmax"))
)


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


@pytest.mark.parametrize(
    "config", [NORMALISED, *(CONFIGS[name] for name in ("SGD with momentum", "RMSprop", "AdamW", "Adadelta"))]
)
def test_xla_learns_what_tensorflow_learns(monkeypatch, config):
    """What is done where there is a GPU."""
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    compiled = trained(config)
    monkeypatch.undo()
    assert_same(on_one_device(config), compiled)


def test_dropout_is_compiled_too(monkeypatch):
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    assert all(np.isfinite(array).all() for array in trained(DROPPED).values())
