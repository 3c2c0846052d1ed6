"""Small images in CIFAR-10's shape: each class a colour, and half of them a brighter side, to be learnt."""

from dataclasses import replace

import numpy as np
import pytest

from core.data import datasets
from core.nn.architectures import Conv2D, Dense, Flatten, MaxPooling2D
from core.records import Dataset, TrainConfig

COLOURS = np.random.default_rng(10).integers(40, 200, (10, 3))
CONFIG = TrainConfig(
    (Conv2D(6, 3, 1, "same"), MaxPooling2D(4), Flatten(), Dense(10, "softmax")),
    optimizer="Adam",
    learning_rate=0.02,
    batch_size=40,
    epochs=6,
    data="cifar10",
)


def pictures(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return uint8 [count, 32, 32, 3] and their classes, uint8 [count]."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    noise = rng.integers(-30, 30, (count, 32, 32, 3))
    noise[:, :, :16] += 20 * (labels % 2)[:, None, None, None].astype(int)
    return np.clip(COLOURS[labels][:, None, None] + noise, 0, 255).astype(np.uint8), labels


def dataset(train: int = 400, test: int = 100) -> Dataset:
    return Dataset(*pictures(train, 1), *pictures(test, 2))


def arrays(data: Dataset) -> dict[str, np.ndarray]:
    return {name: getattr(data, name) for name in ("x_train", "y_train", "x_test", "y_test")}


def install(monkeypatch: pytest.MonkeyPatch, folder, data: Dataset) -> None:
    """Let `folder` be the data folder, and CIFAR-10 be as small as `data`, whose file lies in it."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(folder))
    kind = replace(datasets.KINDS["cifar10"], train=len(data.x_train), test=len(data.x_test))
    monkeypatch.setitem(datasets.KINDS, "cifar10", kind)
    np.savez(folder / datasets.CIFAR10_FILE, **arrays(data))
