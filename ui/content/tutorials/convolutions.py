"""Convolutional networks, step by step."""

from ui.content.questions import Exercise
from ui.content.tutorials.examples import build, plain, pooling, stepping, train
from ui.content.tutorials.records import Section, Tutorial

TUTORIAL = Tutorial(
    "Convolutions",
    "Convolutional networks, step by step",
    "A guided notebook on convolutional networks",
    (
        Section(
            "An image is a grid of numbers",
            "Everything starts with numbers: 8-bit images are brought to the range from 0 to 1, a channel "
            "axis is added, labels are one-hot encoded.",
            (plain("One digit as a grid of numbers", "data"),),
            (
                Exercise(
                    "What becomes of a pixel of 204?",
                    0.8,
                    "Divide by the largest 8-bit number, 255.",
                    "204 / 255 = 0.8.",
                    0.001,
                ),
                Exercise(
                    "One 28 x 28 picture gets a channel axis. How many axes does it have then?",
                    3,
                    "Height, width, channel.",
                    "28 x 28 x 1; a batch of pictures has one more.",
                ),
            ),
        ),
        Section(
            "Convolution, worked out",
            "A picture of 5 x 5 and a kernel of 3 x 3 with ones on its diagonals give 3 x 3 numbers. Each "
            "is a sum of nine products.",
            (stepping("Work through it", 1, "valid"),),
            (
                Exercise(
                    "The picture's first rows are 1 1 1 0 0, 0 1 1 1 0, 0 0 1 1 1. The kernel is 1 0 1 over "
                    "0 1 0 over 1 0 1. What is the first number of the result?",
                    4,
                    "Count the ones under the kernel's five ones: four corners and the middle.",
                    "1 + 1 + 1 + 0 + 1 = 4.",
                ),
                Exercise(
                    "And the next one to its right?",
                    3,
                    "Move the window by one column: 1 1 0 over 1 1 1 over 0 1 1.",
                    "1 + 0 + 1 + 0 + 1 = 3.",
                ),
            ),
        ),
        Section(
            "Stride and padding",
            "The window may move by more than one: its stride. The picture may get a border of zeros: "
            "padding, so that the window can stand at the edge. The size of the result is (input - kernel + "
            "2 padding) / stride + 1, rounded down.",
            (
                stepping("No padding, stride 1", 1, "valid"),
                stepping("No padding, stride 2", 2, "valid"),
                stepping("'same', stride 1", 1, "same"),
                stepping("Padding 1, stride 2", 2, "Zeros", 1),
            ),
            (
                Exercise(
                    "Input 5, kernel 3, padding 1, stride 2. What is the output size?",
                    3,
                    "(5 - 3 + 2 x 1) / 2 + 1",
                    "(5 - 3 + 2) / 2 + 1 = 3.",
                ),
                Exercise(
                    "Input 28, kernel 5, no padding, stride 2?",
                    12,
                    "(28 - 5) / 2 = 11.5, rounded down, plus 1.",
                    "11 + 1 = 12: the last window that would hang over the edge is left out.",
                ),
                Exercise(
                    "Input 28, kernel 3, stride 1. How much padding keeps the size?",
                    1,
                    "28 - 3 + 2p + 1 = 28",
                    "One row of zeros on each side: that is what 'same' does.",
                ),
            ),
        ),
        Section(
            "Pooling, or a stride instead",
            "Recipe 9 has two convolutions and a pooling. Recipe 10 has a third convolution with stride 2 "
            "where the pooling was: it makes the maps as small, and learns how ('Striving for Simplicity'). "
            "A tenth of the training digits is held back, the weights after the last epoch are judged, and the "
            "optimizer is Adadelta with its recommended learning rate, 1. That was Keras's default as well "
            "when the notebook's like were written; today's default is 0.001, so the same line of code now "
            "trains another network.",
            (
                pooling("What each costs"),
                build("Build net_1 yourself", "net_1"),
                build("Build net_2 yourself", "net_2"),
                train(
                    "The same with today's default rate",
                    "two-conv-one-pooling",
                    changes={"learning_rate": None},
                ),
            ),
            (
                Exercise(
                    "Maps of 24 x 24 go through a convolution of 3 x 3 with stride 2, without padding. How "
                    "wide are they then?",
                    11,
                    "(24 - 3) / 2 = 10.5, rounded down, plus 1.",
                    "10 + 1 = 11; pooling by 2 x 2 makes 12.",
                ),
                Exercise(
                    "How many steps at today's default rate of 0.001 are as long as one at 1, for the same "
                    "gradients?",
                    1000,
                    "1 / 0.001",
                    "1,000. Twelve epochs are some 5,000 steps: enough at 1, and hardly a beginning at 0.001.",
                ),
            ),
            ("two-conv-one-pooling", "without-pooling"),
            "adadelta",
        ),
        Section(
            "CIFAR-10",
            "50,000 pictures to learn from and 10,000 to test with, 32 x 32 in red, green and blue, of ten "
            "classes. Build a network of your own for them. Ours is the notebook's for MNIST with Adam: "
            "change its layers.",
            (build("Build one of your own", "cifar"),),
            (
                Exercise(
                    "How many numbers does one of these pictures have?",
                    3072,
                    "32 x 32, three times.",
                    "32 x 32 x 3 = 3,072, four times as many as an MNIST digit.",
                ),
            ),
            ("own-cifar",),
            "samples",
        ),
    ),
)
