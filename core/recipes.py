"""Networks with their way of training, as literal data, each with its source and its claim."""

from dataclasses import dataclass

from core.architectures import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from core.records import TrainConfig


@dataclass(frozen=True)
class Recipe:
    """A TrainConfig with where it comes from and the accuracy its source claims on MNIST's test set."""

    title: str
    source: str
    claim: str
    config: TrainConfig


RECIPES = {
    "first-conv-best": Recipe(
        title="Two convolutions, the best of the first tutorial",
        source="thedatafrog: Handwritten digit recognition with Keras, by Colin Bernet",
        claim="around 99.4% after 40 epochs",
        config=TrainConfig(
            layers=(
                Conv2D(16, 4),
                MaxPooling2D(2),
                Conv2D(32, 4),
                MaxPooling2D(2),
                Flatten(),
                Dropout(0.4),
                Dense(100),
                Dense(10, activation="softmax"),
            ),
            optimizer="RMSprop",
            learning_rate=0.001,
            batch_size=200,
            epochs=40,
        ),
    ),
}
