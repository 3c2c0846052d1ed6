"""The tutorials' sixteen recipes, as literal data in the tutorials' order, each with its source and its claim.

A new one is one entry here.

Called by `core.runs.reproduction`, `core.runs.reproduction_document` and `core.training.recipes`.
"""

from dataclasses import replace

from core.nn.architectures import Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D
from core.records import Recipe, TrainConfig

_FIRST = "thedatafrog: Handwritten digit recognition with Keras, by Colin Bernet"
_LENET = "A computer-vision workshop: a simplified LeNet"
_EXPRESS = "Express deep learning with Keras, part 1"
_GUIDED = "A guided notebook on convolutional networks"
_ML4A = "ml4a: Convolutional networks on CIFAR-10"


def _first(*hidden: Layer, units: int = 100) -> TrainConfig:
    """The first tutorial's networks: what differs lies between Flatten and the hidden layer."""
    return TrainConfig(
        layers=(Conv2D(10, 4), Flatten(), *hidden, Dense(units), Dense(10, "softmax")),
        optimizer="RMSprop",
        learning_rate=0.001,
        batch_size=50,
        epochs=10,
    )


def _guided(*reduce: Layer) -> TrainConfig:
    """The guided notebook's networks: what differs is how the image becomes smaller.

    Adadelta's recommended rate is 1.0; Keras's default of today is 0.001. The notebook evaluates the weights
    after the last epoch.
    """
    return TrainConfig(
        layers=(Conv2D(32, 3), Conv2D(64, 3), *reduce, Flatten(), Dense(128), Dense(10, "softmax")),
        optimizer="Adadelta",
        learning_rate=1.0,
        batch_size=128,
        epochs=12,
        validation_split=0.1,
        checkpoint_selection="last",
    )


def _ml4a(*layers: Layer, optimizer: str = "SGD", epochs: int = 50) -> TrainConfig:
    """The last tutorial's networks, from the image to the ten classes."""
    return TrainConfig(
        layers=(*layers, Dense(10, "softmax")),
        optimizer=optimizer,
        batch_size=128,
        epochs=epochs,
        data="cifar10",
    )


def _three_convolutions(*dropout: Layer) -> tuple[Layer, ...]:
    """Of the last tutorial; what may be added stands before Flatten and before the last layer."""
    return (
        Conv2D(128, 3, padding="same"),
        MaxPooling2D(2),
        Conv2D(64, 3, padding="same"),
        MaxPooling2D(2),
        Conv2D(64, 3, padding="same"),
        MaxPooling2D(2),
        *dropout,
        Flatten(),
        Dense(256),
        Dense(100),
        *dropout,
    )


_GUIDED_CHOICES = "Kernel size, batch size and epochs are left to the reader: 3x3, 128 and 12 here."

TUTORIALS = {
    "first-conv": Recipe(
        title="A first convolutional network",
        source=_FIRST,
        claim="larger than 98%, with a plateau at 98.5% and overfitting",
        accuracy=0.98,
        config=_first(),
    ),
    "first-conv-dropout": Recipe(
        title="The first network with dropout",
        source=_FIRST,
        claim="improved, with a hint of overfitting from epoch 8",
        config=_first(Dropout(0.5)),
    ),
    "first-conv-200": Recipe(
        title="The first network with dropout, hidden layer of 200",
        source=_FIRST,
        claim="did not improve: 200 are not better than 100",
        config=_first(Dropout(0.5), units=200),
    ),
    "first-conv-50": Recipe(
        title="The first network with dropout, hidden layer of 50",
        source=_FIRST,
        claim="the training accuracy stops at about 98.5%: 50 are too few",
        config=_first(Dropout(0.5), units=50),
    ),
    "first-conv-two": Recipe(
        title="Two convolutions",
        source=_FIRST,
        claim="over 99%",
        accuracy=0.99,
        config=TrainConfig(
            layers=(
                Conv2D(10, 4),
                MaxPooling2D(2),
                Conv2D(20, 4),
                Flatten(),
                Dropout(0.5),
                Dense(100),
                Dense(10, "softmax"),
            ),
            optimizer="RMSprop",
            learning_rate=0.001,
            batch_size=50,
            epochs=10,
        ),
    ),
    "first-conv-best": Recipe(
        title="Two convolutions, the best of the first tutorial",
        source=_FIRST,
        claim="around 99.4% after 40 epochs",
        accuracy=0.994,
        config=TrainConfig(
            layers=(
                Conv2D(16, 4),
                MaxPooling2D(2),
                Conv2D(32, 4),
                MaxPooling2D(2),
                Flatten(),
                Dropout(0.4),
                Dense(100),
                Dense(10, "softmax"),
            ),
            optimizer="RMSprop",
            learning_rate=0.001,
            batch_size=200,
            epochs=40,
        ),
    ),
    "simplified-lenet": Recipe(
        title="Simplified LeNet",
        source=_LENET,
        claim="98.54% in less than two minutes",
        accuracy=0.9854,
        time="under 2 minutes",
        config=TrainConfig(
            layers=(Conv2D(32, 3), MaxPooling2D(2), Flatten(), Dense(128), Dense(10, "softmax")),
            optimizer="Adam",
            batch_size=128,
            epochs=5,
        ),
    ),
    "perceptron": Recipe(
        title="Multilayer perceptron",
        source=_EXPRESS,
        claim="92.81% after ten epochs",
        accuracy=0.9281,
        config=TrainConfig(
            layers=(Flatten(), Dense(512), Dense(10, "softmax")),
            optimizer="SGD",
            learning_rate=0.01,
            batch_size=128,
            epochs=10,
        ),
    ),
    "two-conv-one-pooling": Recipe(
        title="Two convolutions, then one pooling",
        source=_GUIDED,
        claim="no number is given",
        config=_guided(MaxPooling2D(2)),
        deviation=_GUIDED_CHOICES,
    ),
    "without-pooling": Recipe(
        title="Strided convolution instead of pooling",
        source=f"{_GUIDED}, after Springenberg and others, Striving for Simplicity, 2015",
        claim="no number is given",
        config=_guided(Conv2D(64, 3, stride=2)),
        deviation=_GUIDED_CHOICES,
    ),
    "own-cifar": Recipe(
        title="CIFAR-10 with a network of one's own",
        source=_GUIDED,
        claim="no number is given",
        config=replace(_guided(MaxPooling2D(2)), optimizer="Adam", learning_rate=None, data="cifar10"),
        deviation="The network is left to the reader: here it is the notebook's one for MNIST, with Adam.",
    ),
    "cifar-perceptron": Recipe(
        title="CIFAR-10 with a multilayer perceptron",
        source=_ML4A,
        claim="not very good: perhaps 40% after 100 epochs",
        accuracy=0.4,
        config=_ml4a(Flatten(), Dense(100, "sigmoid"), Dense(100, "sigmoid"), epochs=30),
        deviation="The tutorial trains for 30 epochs, and guesses what 100 would give.",
    ),
    "cifar-two": Recipe(
        title="CIFAR-10 with two convolutions",
        source=_ML4A,
        claim="63% after 30 epochs",
        accuracy=0.63,
        config=_ml4a(
            Conv2D(64, 3, padding="same"),
            MaxPooling2D(2),
            Conv2D(32, 3, padding="same"),
            MaxPooling2D(2),
            Flatten(),
            Dense(100),
            epochs=30,
        ),
    ),
    "cifar-three": Recipe(
        title="CIFAR-10 with three convolutions",
        source=_ML4A,
        claim="68% (77% on the training pictures), overfitting since about epoch 10",
        accuracy=0.68,
        config=_ml4a(*_three_convolutions()),
    ),
    "cifar-three-dropout": Recipe(
        title="CIFAR-10 with three convolutions and dropout",
        source=_ML4A,
        claim="69% (72% on the training pictures)",
        accuracy=0.69,
        config=_ml4a(*_three_convolutions(Dropout(0.25))),
    ),
    "cifar-three-adam": Recipe(
        title="CIFAR-10 with three convolutions, dropout and Adam",
        source=_ML4A,
        claim="78% (99% on the training pictures)",
        accuracy=0.78,
        config=_ml4a(*_three_convolutions(Dropout(0.25)), optimizer="Adam"),
    ),
}

# The tutorials' recipes with one setting changed, where what that does is worth a measurement of its own.
JPEG_QUALITIES = (95, 75, 50, 30)
VARIANTS = {
    f"{name}-default-rate": replace(
        TUTORIALS[name],
        title=f"{TUTORIALS[name].title}, Adadelta's rate at today's default of 0.001",
        config=replace(TUTORIALS[name].config, learning_rate=None),
    )
    for name in ("two-conv-one-pooling", "without-pooling")
} | {
    "cifar-three-adam-epsilon": replace(
        TUTORIALS["cifar-three-adam"],
        title=f"{TUTORIALS['cifar-three-adam'].title}, Adam's epsilon at Keras 1's default of 1e-8",
        config=replace(TUTORIALS["cifar-three-adam"].config, epsilon=1e-8),
    ),
    **{
        f"{name}-jpeg-{quality}": replace(
            TUTORIALS[name],
            title=f"{TUTORIALS[name].title}, pictures as JPEG of quality {quality}",
            jpeg=quality,
        )
        for name in ("cifar-two", "cifar-three-adam")
        for quality in JPEG_QUALITIES
    },
}
