"""The optimizers by name, and the learning rate schedules.

    >>> rates("cosine", 0.1, 4).round(3).tolist()
    [0.1, 0.085, 0.05, 0.015]

A new optimizer is one entry here and one in `worker.optimizers.OPTIMIZERS`; a new schedule is one entry here.
`configs.optimizer_settings` says what an optimizer is made with.
`records.TrainConfig` accepts the keys of both tables, which therefore know nothing of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

WARM_UP = 0.25  # of a one-cycle training: the fraction in which the rate climbs
MOMENTUM = 0.9  # of SGD with momentum, where nothing else is said; Keras has 0
START_FRACTION, END_FRACTION = 0.04, 0.0  # of the peak rate


@dataclass(frozen=True)
class Optimizer:
    """default_rate: Keras's own learning rate for it. about: one sentence for the page.

    keras: the name of Keras's class. settings: which of the fields of TrainConfig that only some optimizers
        heed it does -> what they are where the field is None; their ranges stand where they are declared.
    """

    default_rate: float
    about: str
    keras: str
    settings: dict[str, float] = field(default_factory=dict)


_ADAM = {"beta_2": 0.999, "epsilon": 1e-7}


OPTIMIZERS = {
    "SGD": Optimizer(0.01, "Each weight moves against its gradient, all at the same rate.", "SGD"),
    "SGD with momentum": Optimizer(
        0.01,
        "As SGD, but with nine tenths of the last step added: it rolls on.",
        "SGD",
        {"momentum": MOMENTUM},
    ),
    "RMSprop": Optimizer(
        0.001, "Each weight has a rate of its own: smaller where gradients have been large.", "RMSprop"
    ),
    "Adam": Optimizer(0.001, "RMSprop with momentum; the usual first choice.", "Adam", _ADAM),
    "AdamW": Optimizer(
        0.001,
        "Adam that also lets every weight shrink a little (by default 0.4% of the rate per step).",
        "AdamW",
        {**_ADAM, "weight_decay": 0.004},
    ),
    "Adadelta": Optimizer(
        0.001,
        "Sets its own rates from past steps. Keras's default, 0.001, is slow; its inventor used 1.",
        "Adadelta",
    ),
}


def _constant(progress: np.ndarray) -> np.ndarray:
    return np.ones_like(progress)


def _cosine(progress: np.ndarray) -> np.ndarray:
    return (1 + np.cos(np.pi * progress)) / 2


def _one_cycle(progress: np.ndarray) -> np.ndarray:
    climb = START_FRACTION + (1 - START_FRACTION) * progress / WARM_UP
    return np.where(
        progress < WARM_UP, climb, END_FRACTION + (1 - END_FRACTION) * (1 - progress) / (1 - WARM_UP)
    )


# Which fraction of the peak rate applies at each moment, 0 = start, 1 = end.
SCHEDULES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "constant": _constant,
    "cosine": _cosine,  # Loshchilov and Hutter, SGDR, 2017, one period
    "one-cycle": _one_cycle,  # Smith and Topin, Super-Convergence, 2018, linear
}


def rates(schedule: str, peak: float, steps: int) -> np.ndarray:
    """Return float32 [steps]: the learning rate of each step of the whole training, at most `peak`."""
    progress = np.arange(steps) / max(steps, 1)
    return (peak * SCHEDULES[schedule](progress)).astype(np.float32)
