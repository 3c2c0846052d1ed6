from dataclasses import replace

import keras
import numpy as np
import pytest

from core.nn.architectures import Dense, Flatten
from core.records import TrainConfig
from core.training import configs, optimization
from core.training.optimization import OPTIMIZERS
from core.worker import optimizers

CONFIG = TrainConfig((Flatten(), Dense(10, "softmax")), optimizer="Adam", learning_rate=0.5)

# What Keras calls them.
KERAS = {
    "SGD": keras.optimizers.SGD,
    "SGD with momentum": keras.optimizers.SGD,
    "RMSprop": keras.optimizers.RMSprop,
    "Adam": keras.optimizers.Adam,
    "AdamW": keras.optimizers.AdamW,
    "Adadelta": keras.optimizers.Adadelta,
}


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        # the rates of eight steps
        ("constant", [0.5] * 8),
        # half of 1 + cos of 0, 22.5, 45, ... degrees
        ("cosine", [0.5, 0.481, 0.427, 0.346, 0.25, 0.154, 0.073, 0.019]),
        # from 4% up to 100% at a quarter, then evenly down
        ("one-cycle", [0.02, 0.26, 0.5, 0.417, 0.333, 0.25, 0.167, 0.083]),
    ],
)
def test_schedules_by_hand(schedule, rates):
    found = configs.learning_rates(replace(CONFIG, schedule=schedule), 8)
    assert found.dtype == np.float32
    assert found == pytest.approx(rates, abs=6e-4)


def test_the_table_above_names_every_schedule_and_optimizer():
    assert list(optimization.SCHEDULES) == ["constant", "cosine", "one-cycle"]
    assert list(OPTIMIZERS) == list(optimizers.OPTIMIZERS) == list(KERAS)


@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_cosine_is_kerass(steps):
    theirs = keras.optimizers.schedules.CosineDecay(0.5, steps)
    ours = configs.learning_rates(replace(CONFIG, schedule="cosine"), steps)
    assert ours == pytest.approx([float(theirs(step)) for step in range(steps)], abs=1e-6)


def test_one_cycle_is_two_straight_lines():
    ours = configs.learning_rates(replace(CONFIG, schedule="one-cycle"), 1000)
    assert ours == pytest.approx(np.interp(np.arange(1000), [0, 250, 1000], [0.02, 0.5, 0]), abs=1e-6)
    assert (ours.argmax(), ours.max()) == (250, 0.5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_default_rates_are_kerass(name):
    config = replace(CONFIG, optimizer=name, learning_rate=None)
    default = pytest.approx(float(KERAS[name]().learning_rate))
    assert OPTIMIZERS[name].default_rate == default
    assert float(optimizers.OPTIMIZERS[name]().learning_rate) == default
    assert configs.peak_learning_rate(config) == default
    assert configs.learning_rates(config, 3) == default
    assert configs.peak_learning_rate(replace(config, learning_rate=2.0)) == 2


def test_what_is_said_of_the_optimizers_is_so():
    for name, optimizer in OPTIMIZERS.items():
        made = optimizers.OPTIMIZERS[name]()
        assert {setting: getattr(made, setting) for setting in optimizer.settings} == optimizer.settings
    assert optimizers.OPTIMIZERS["SGD with momentum"]().momentum == 0.9  # 'nine tenths of the last step'
    assert optimizers.OPTIMIZERS["AdamW"]().weight_decay == 0.004  # 'by 0.4% of the rate'
