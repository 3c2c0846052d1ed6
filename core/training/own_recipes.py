"""Digit Lab's own recipes, as literal data. A new one is one entry here.

Called by `core.training.recipes`.
"""

from dataclasses import replace

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
from core.records import Augmentation, Recipe, TrainConfig

OURS = "Digit Lab"


def _normalised(filters: int, kernel: int, stride: int) -> tuple[Layer, ...]:
    return Conv2D(filters, kernel, stride, "same", "linear"), BatchNormalization(), Activation("relu")


DIGITS = {
    "quick": Recipe(
        title="Quick: one pass, seconds",
        source=OURS,
        claim="98.9% in two seconds on two cores (mean of three seeds)",
        accuracy=0.989,
        time="2 seconds",
        machine="two cores",
        config=TrainConfig(
            layers=(
                *_normalised(16, 5, 2),
                Conv2D(32, 3, 2, "same"),
                Flatten(),
                Dense(64),
                Dense(10, "softmax"),
            ),
            optimizer="Adam",
            learning_rate=0.01,
            schedule="one-cycle",
            beta_2=0.95,
            batch_size=125,
            epochs=1,
            validation_split=0.05,
            label_smoothing=0.05,
        ),
    ),
    "minute": Recipe(
        title="Best in a minute: augmented digits, four passes",
        source=OURS,
        claim="99.5% in half a minute on two cores (mean of three fresh seeds)",
        accuracy=0.995,
        time="half a minute",
        machine="two cores",
        config=TrainConfig(
            layers=(
                *_normalised(24, 5, 2),
                *_normalised(48, 3, 2),
                *_normalised(64, 3, 1),
                Flatten(),
                Dense(128),
                Dense(10, "softmax"),
            ),
            optimizer="Adam",
            learning_rate=0.01,
            schedule="one-cycle",
            beta_2=0.99,
            batch_size=128,
            epochs=4,
            validation_split=0.05,
            augmentation=Augmentation(rotation=10, shear=6, scale=0.1, shift=1.5),
            label_smoothing=0.05,
        ),
    ),
    "strong": Recipe(
        title="Strong: augmented digits, twelve passes",
        source=OURS,
        claim="99.55% in two minutes on two cores (mean of three seeds)",
        accuracy=0.9955,
        time="2 minutes",
        machine="two cores",
        config=TrainConfig(
            layers=(
                *_normalised(32, 5, 2),
                *_normalised(64, 3, 1),
                *_normalised(64, 3, 2),
                Flatten(),
                Dense(96),
                Dense(10, "softmax"),
            ),
            optimizer="Adam",
            learning_rate=0.01,
            schedule="one-cycle",
            beta_2=0.99,
            batch_size=128,
            epochs=12,
            validation_split=0.05,
            augmentation=Augmentation(rotation=12, shear=8, scale=0.1, shift=2),
            label_smoothing=0.05,
        ),
    ),
    "digit-lab": Recipe(
        title="Digit Lab's own network",
        source=OURS,
        claim="99.7% in 81 minutes on two busy cores, 99.6% of what held-out writers drew, and no digits",
        accuracy=0.997,
        time="81 minutes",
        machine="two busy cores",
        config=TrainConfig(
            layers=(
                *_normalised(20, 5, 1),
                MaxPooling2D(2),
                *_normalised(48, 3, 1),
                MaxPooling2D(2),
                *_normalised(64, 3, 1),
                *_normalised(80, 3, 1),
                Flatten(),
                Dropout(0.3),
                Dense(64),
                Dense(11, "softmax"),
            ),
            optimizer="AdamW",
            learning_rate=0.006,
            schedule="one-cycle",
            beta_2=0.99,
            weight_decay=0.02,
            batch_size=128,
            epochs=72,
            validation_split=1 / 12,
            extra_fraction=1 / 3,
            augmentation=Augmentation(rotation=12, shear=8, scale=0.13, shift=1.5, elastic=0.9),
            p_no_augment=0.25,
            label_smoothing=0.05,
            checkpoint_selection="last",
            data="digit-lab",
        ),
    ),
}


def _teacher(title: str, layers: tuple[Layer, ...]) -> Recipe:
    """A larger network that learns from the same pictures."""
    config = replace(
        DIGITS["digit-lab"].config,
        layers=layers,
        learning_rate=0.004,
        batch_size=256,
        epochs=60,
        label_smoothing=0.0,
    )
    claim = "99.7% in a minute on a GPU (99.66 to 99.77%, three seeds of each of two)"
    return Recipe(title, OURS, claim, config, accuracy=0.997, time="a minute", machine="an NVIDIA H200")


# What the shipped network was made with: six teachers, and what learns from them (docs/model-card.md).
TAUGHT = {
    "teacher-wide": _teacher(
        "A teacher with three times the filters",
        (
            *_normalised(60, 5, 1),
            MaxPooling2D(2),
            *_normalised(144, 3, 1),
            MaxPooling2D(2),
            *_normalised(192, 3, 1),
            *_normalised(256, 3, 1),
            Flatten(),
            Dropout(0.4),
            Dense(128),
            Dense(11, "softmax"),
        ),
    ),
    "teacher-deep": _teacher(
        "A teacher with pairs of convolutions",
        (
            *_normalised(64, 3, 1),
            *_normalised(64, 3, 1),
            MaxPooling2D(2),
            *_normalised(128, 3, 1),
            *_normalised(128, 3, 1),
            MaxPooling2D(2),
            *_normalised(256, 3, 1),
            *_normalised(256, 3, 1),
            MaxPooling2D(2),
            Flatten(),
            Dropout(0.4),
            Dense(256),
            Dense(11, "softmax"),
        ),
    ),
    "digit-lab-taught": Recipe(
        title="Digit Lab's own network, taught by larger ones",
        source=OURS,
        claim="99.79% of MNIST's test digits, 99.7% of what held-out writers drew, and no digits",
        accuracy=0.9979,
        time="nine minutes",
        machine="an NVIDIA H200",
        config=replace(
            DIGITS["digit-lab"].config,
            layers=tuple(
                Dropout(0.1) if isinstance(layer, Dropout) else layer
                for layer in DIGITS["digit-lab"].config.layers
            ),
            epochs=525,
        ),
    ),
}

IMAGES = {
    "cifar-small": Recipe(
        title="CIFAR-10: Digit Lab's own network",
        source=OURS,
        claim="86% of the test pictures of a JPEG copy of CIFAR-10, in half an hour on two cores",
        accuracy=0.86,
        time="half an hour",
        machine="two cores",
        config=TrainConfig(
            layers=(
                *_normalised(32, 3, 1),
                *_normalised(32, 3, 1),
                MaxPooling2D(2),
                *_normalised(64, 3, 1),
                *_normalised(64, 3, 1),
                MaxPooling2D(2),
                *_normalised(128, 3, 1),
                *_normalised(128, 3, 1),
                MaxPooling2D(2),
                *_normalised(192, 3, 1),
                AveragePooling2D(4),
                Flatten(),
                Dense(10, "softmax"),
            ),
            optimizer="Adam",
            learning_rate=0.005,
            schedule="one-cycle",
            beta_2=0.99,
            batch_size=128,
            epochs=20,
            validation_split=0.02,
            augmentation=Augmentation(crop=4, flip=True),
            label_smoothing=0.05,
            checkpoint_selection="last",
            data="cifar10",
        ),
    ),
}
