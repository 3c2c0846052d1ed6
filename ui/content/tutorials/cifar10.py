"""Convolutional networks on CIFAR-10."""

from core.nn.architectures import Dense, Flatten
from ui.content.questions import Example, Exercise
from ui.content.tutorials.examples import plain, train
from ui.content.tutorials.records import Section, Tutorial
from ui.state import navigation

TUTORIAL = Tutorial(
    "CIFAR-10",
    "Convolutional networks on CIFAR-10",
    "ml4a: Convolutional networks on CIFAR-10",
    (
        Section(
            "Ten classes of small pictures",
            "A look at the data first: 6 x 16 pictures, picked by chance.",
            (),
            (),
            (),
            "grid",
        ),
        Section(
            "Without convolution",
            "The picture becomes a vector, followed by two layers of 100 with the sigmoid as their activation, "
            "and ten. Such a network sees no neighbours, and a picture moved by a pixel is another one to "
            "it. The sigmoid's slope is a quarter at most, so that little of the error reaches the first "
            "layer: the gradient vanishes. ReLU, whose slope is 1 or 0, was the way out.",
            (
                train(
                    "The same with ReLU",
                    "cifar-perceptron",
                    changes={"layers": (Flatten(), Dense(100), Dense(100), Dense(10, "softmax"))},
                    layers=True,
                ),
            ),
            (
                Exercise(
                    "How many numbers does the first layer of 100 learn?",
                    307_300,
                    "100 x (3,072 + 1)",
                    "100 x (3,072 + 1) = 307,300.",
                ),
                Exercise(
                    "And the whole network, with the second layer of 100 and the ten?",
                    318_410,
                    "Add 100 x (100 + 1) and 10 x (100 + 1).",
                    "307,300 + 10,100 + 1,010 = 318,410: nearly all of it is the first layer.",
                ),
            ),
            ("cifar-perceptron",),
        ),
        Section(
            "Two convolutions",
            "64 windows of 3 x 3, pooling, 32 windows, pooling, flatten, 100, ten. With padding 'same' a "
            "convolution keeps the size, so that only the poolings halve it.",
            (),
            (
                Exercise(
                    "How many numbers does the first convolution learn? 64 windows of 3 x 3 on three channels.",
                    1792,
                    "64 x (3 x 3 x 3 + 1)",
                    "64 x 28 = 1,792: a window sees all three colours.",
                ),
                Exercise(
                    "How wide are the maps after both poolings?",
                    8,
                    "32, halved twice.",
                    "32, 16, 8.",
                ),
            ),
            ("cifar-two",),
        ),
        Section(
            "Three convolutions, and overfitting again",
            "128, 64 and 64 windows, each with pooling, then 256, 100 and ten. After some ten passes the "
            "training accuracy leaves the test accuracy behind. Dropout of 0.25 before flatten and before "
            "the last layer narrows the gap.",
            (),
            (
                Exercise(
                    "How long is the row after flatten?",
                    1024,
                    "32 halved three times is 4, and there are 64 maps.",
                    "4 x 4 x 64 = 1,024.",
                ),
            ),
            ("cifar-three", "cifar-three-dropout"),
            "overfitting cifar",
        ),
        Section(
            "Another optimizer",
            "The same network, learning with Adam: it comes further on the test pictures, and learns the "
            "training pictures nearly by heart, in the same number of passes.",
            (),
            (
                Exercise(
                    "The tutorial says 78% on the test pictures and 99% on the training pictures. How wide "
                    "is the gap, in points?",
                    21,
                    "99 - 78",
                    "21 points: by far the widest of them all.",
                ),
            ),
            ("cifar-three-adam",),
        ),
        Section(
            "One picture, ten probabilities",
            "A trained network is asked about one picture, and its answer drawn as ten bars. It is saved, "
            "and loaded again another day: here under Runs. The records at the time had 96%.",
            (
                Example("Ask about a picture", "draw", navigation.open_images),
                plain("Save a network", "runs"),
                train("Our own small network: 85% and more", "cifar-small"),
            ),
            (
                Exercise(
                    "A record of 96%: how many of the 10,000 test pictures does it misread?",
                    400,
                    "4 of a hundred.",
                    "0.04 x 10,000 = 400.",
                ),
            ),
        ),
    ),
)
