"""The optimizers by name: Keras's formulas, where it pays with a kernel of TensorFlow's for a whole step.

Called by `core.worker.training`.
"""

from collections.abc import Callable
from typing import Any

from core.worker import models  # isort: skip  # before TensorFlow: sets its log level

import keras
import tensorflow as tf

from core.records import TrainConfig
from core.training import configs
from core.training.optimization import MOMENTUM

assert models


class _AdamKernel(keras.optimizers.Optimizer):
    """Adam's step as one kernel of TensorFlow, where Keras runs a dozen operations over each weight."""

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        number, steps = self._get_variable_index(variable), tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[number].value.handle,
            v=self._velocities[number].value.handle,
            beta1_power=tf.pow(self.beta_1, steps),
            beta2_power=tf.pow(self.beta_2, steps),
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


class FusedAdam(_AdamKernel, keras.optimizers.Adam):
    """Keras's Adam, with one kernel."""


class FusedAdamW(_AdamKernel, keras.optimizers.AdamW):
    """Keras's AdamW, with one kernel."""


class FusedAdadelta(keras.optimizers.Adadelta):
    """Keras's Adadelta, with one kernel."""

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        number = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdadelta(
            var=variable.handle,
            accum=self._accumulated_grads[number].value.handle,
            accum_update=self._accumulated_delta_vars[number].value.handle,
            lr=learning_rate,
            rho=self.rho,
            epsilon=self.epsilon,
            grad=gradient,
        )


class FusedRMSprop(keras.optimizers.RMSprop):
    """Keras's RMSprop, with one kernel."""

    def build(self, variables: list) -> None:
        super().build(variables)
        # Where the kernel leaves each step; without momentum nothing of it is read again.
        self.steps = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in variables]

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        number = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyRMSProp(
            var=variable.handle,
            ms=self._velocities[number].value.handle,
            mom=self.steps[number].handle,
            lr=learning_rate,
            rho=self.rho,
            momentum=0.0,
            epsilon=self.epsilon,
            grad=gradient,
        )


class MomentumSGD(keras.optimizers.SGD):
    """Keras's SGD, which remembers its last step also while its momentum is 0: that may change on the way."""

    def __init__(self, momentum: float = MOMENTUM, **settings: Any):
        super().__init__(momentum=momentum, **settings)

    def build(self, variables: list) -> None:
        momentum: float = vars(self)["momentum"]
        self.momentum = momentum or MOMENTUM
        super().build(variables)
        self.momentum = momentum


OPTIMIZERS: dict[str, Callable[..., keras.optimizers.Optimizer]] = {
    "SGD": keras.optimizers.SGD,
    "SGD with momentum": MomentumSGD,
    "RMSprop": FusedRMSprop,
    "Adam": FusedAdam,
    "AdamW": FusedAdamW,
    "Adadelta": FusedAdadelta,
}


def make(config: TrainConfig) -> keras.optimizers.Optimizer:
    """Return the optimizer of a configuration, new."""
    rate = configs.peak_learning_rate(config)
    return OPTIMIZERS[config.optimizer](learning_rate=rate, **configs.optimizer_settings(config))
