"""The five tutorials: what they explain, in our words and their order, things to try, questions.

Literal data: a new section is one entry here, at the end of its tutorial (its place is in the key of what
people have answered), and one in `ui/lessons/of_tutorials.py`. `tests/pages/test_tutorials_page.py` works out
every answer.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from core.nn.architectures import Dense, Flatten
from ui.content.build_tasks import TASKS
from ui.content.questions import Example, Exercise
from ui.state import navigation


@dataclass(frozen=True)
class Section:
    """text: Markdown. figure: a key of the page's figures, or ''. recipes: keys of `RECIPES`."""

    title: str
    text: str
    examples: tuple[Example, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    recipes: tuple[str, ...] = ()
    figure: str = ""


@dataclass(frozen=True)
class Tutorial:
    """short: a few words for a row of buttons. source: the tutorial that it follows."""

    short: str
    title: str
    source: str
    sections: tuple[Section, ...]


def _stepping(label: str, stride: int, padding: str, zeros: int | None = None) -> Example:
    cross = [["1", "0", "1"], ["0", "1", "0"], ["1", "0", "1"]]
    its = partial(navigation.open_convolution, "The example's", cross, stride, padding, zeros)
    return Example(label, "convolution", its)


def _image_kernel(name: str) -> Example:
    return Example(name, "convolution", partial(navigation.open_image_kernel, name))


def _plain(label: str, page: str) -> Example:
    """The page as it was left."""
    return Example(label, page, partial(navigation.open_page, page))


def _pooling(label: str) -> Example:
    return Example(label, "pooling", partial(navigation.open_pooling, "8 x 8 zero", 2, 2))


def _test_digit(label: str) -> Example:
    return Example(label, "look_inside", partial(navigation.open_look_inside, "Test digit"))


def _train(label: str, recipe: str, **more: Any) -> Example:
    """more: as `navigation.open_train` takes it."""
    return Example(label, "train", partial(navigation.open_train, recipe, **more))


def _build(label: str, task: str) -> Example:
    """task: of `build_tasks.TASKS`."""
    return Example(label, "train", partial(navigation.open_build, task, TASKS[task].recipe))


_FIRST = Tutorial(
    "First network",
    "Handwritten digits with a convolutional network",
    "thedatafrog: Handwritten digit recognition with Keras, by Colin Bernet",
    (
        Section(
            "A picture is a table of numbers",
            "MNIST holds 60,000 digits to learn from and 10,000 to test with. Each is a table of 28 x 28 "
            "numbers from 0 (paper) to 255 (ink). Networks learn best from small numbers, so each is "
            "divided by 255: the histogram of a picture keeps its shape, only its axis now runs from 0 to 1.",
            (
                _test_digit("A test digit, as the network gets it"),
                _plain("Histograms of pixels", "data"),
            ),
            (
                Exercise(
                    "How many numbers does one picture have?",
                    784,
                    "So many rows, each of so many numbers.",
                    "28 rows of 28 numbers.",
                ),
                Exercise(
                    "A pixel holds 51. What is it after the division by 255?",
                    0.2,
                    "51 is a fifth of 255.",
                    "51 / 255 = 0.2: fairly light grey.",
                    0.001,
                ),
            ),
        ),
        Section(
            "A label becomes ten numbers",
            "The network gives ten numbers, one per digit, so the true digit is written as ten numbers as "
            "well: a 1 in its place, and 0 elsewhere. That is called one-hot encoding. For 4 it is 0 0 0 0 "
            "1 0 0 0 0 0.",
            (),
            (
                Exercise(
                    "In the one-hot code of 7, how many of the ten numbers are 0?",
                    9,
                    "Only one of the ten places is different.",
                    "All but the one in the 7's place, which is the eighth: counting begins at 0.",
                ),
            ),
        ),
        Section(
            "Convolution: a window slides over the picture",
            "A small window of weights slides over the picture. At each place it answers how much of its "
            "own pattern is there. All these answers are a new picture, called a feature map; several "
            "windows give several maps. Where the window may not hang over the edge, a picture nx wide and "
            "a window k wide give a map of nx - k + 1.",
            (_stepping("Watch it slide over 5 x 5", 1, "valid"),),
            (
                Exercise(
                    "A picture is 7 wide and 5 high, the window 3 x 3. How wide is the map?",
                    5,
                    "7 - 3 + 1",
                    "7 - 3 + 1 = 5 places from left to right.",
                ),
                Exercise(
                    "And how high is it?",
                    3,
                    "The same with the height: 5 - 3 + 1.",
                    "5 - 3 + 1 = 3, so the map has 5 x 3 = 15 numbers.",
                ),
            ),
        ),
        Section(
            "Pooling: less detail, the same features",
            "Pooling cuts a map into windows of 2 x 2 and keeps one number of each: the largest, or the "
            "mean. The map becomes half as wide and half as high, and says where its feature is a little "
            "less exactly. Each map is pooled by itself, so there are as many after it as before.",
            (_pooling("Pool the tutorial's zero"),),
            (
                Exercise(
                    "The zero's third row begins 0 4 3 1, its fourth 1 5 2 0. What does max pooling make of "
                    "the window at the left?",
                    5,
                    "The window holds 0 4 over 1 5.",
                    "The largest of 0, 4, 1 and 5.",
                ),
                Exercise(
                    "And mean pooling?",
                    2.5,
                    "Add the four numbers and divide by four.",
                    "(0 + 4 + 1 + 5) / 4 = 2.5.",
                ),
                Exercise(
                    "Ten maps of 24 x 24 are pooled by 2 x 2. How many numbers are left, all maps together?",
                    1440,
                    "Each map is 12 x 12 then, and there are still ten.",
                    "10 x 12 x 12 = 1,440, a quarter of 5,760.",
                ),
            ),
        ),
        Section(
            "Flatten, Dense, softmax",
            "The maps are written in one row (flatten); a dense layer makes weighted sums of the whole row, "
            "and the last of them has ten, one per digit. Softmax turns these into probabilities: e to the "
            "power of each, divided by the sum of all ten. The largest number gets the largest share, and "
            "all add up to 1.",
            (_plain("Draw, and open 'How sure is sure?'", "draw"),),
            (
                Exercise(
                    "All ten numbers before the softmax are equal. What probability does each digit get?",
                    0.1,
                    "All are equal afterwards too, and they add up to 1.",
                    "1 / 10, whatever the ten equal numbers are.",
                ),
            ),
        ),
        Section(
            "A first network",
            "Ten windows of 4 x 4, flatten, a hidden layer of 100, then ten. Most of what it learns lies in "
            "the hidden layer: the summary counts more than 600 thousand numbers. The tutorial trains it "
            "ten times over all digits, and draws the accuracy on training and test digits from 0.95 on.",
            (_train("Its layers, one by one", "first-conv", layers=True),),
            (
                Exercise(
                    "How many numbers does the convolution learn? Ten windows of 4 x 4 on one channel, each "
                    "with a bias.",
                    170,
                    "Each window has 16 weights and one bias.",
                    "10 x (4 x 4 + 1) = 170.",
                ),
                Exercise(
                    "How long is the row after flatten? Ten maps, and the window did not hang over the edge.",
                    6250,
                    "The maps are 28 - 4 + 1 = 25 wide and high.",
                    "25 x 25 x 10 = 6,250.",
                ),
                Exercise(
                    "How many numbers does the hidden layer of 100 learn?",
                    625_100,
                    "Each of the 100 has one weight per number of the row, and a bias.",
                    "100 x (6,250 + 1) = 625,100, of 626,280 in all.",
                ),
            ),
            ("first-conv",),
        ),
        Section(
            "Overfitting, and dropout",
            "After a few passes the network reads the digits that it learns from ever better, and new ones "
            "no better: it learns by heart. The gap between the two curves shows it. Dropout shuts each "
            "value off by chance while learning, like gates that open and close, so the network cannot rely "
            "on any one of them. When it reads, all gates are open.",
            (),
            (
                Exercise(
                    "Dropout of 0.5 stands behind the row of 6,250. How many values does it shut off, on "
                    "average?",
                    3125,
                    "Half of them.",
                    "Half of 6,250, other ones at each step.",
                ),
            ),
            ("first-conv-dropout",),
            "overfitting",
        ),
        Section(
            "How large should the hidden layer be?",
            "With the dropout, the tutorial also tries 200 and 50 in place of 100. More numbers can hold more, "
            "and learn more by heart as well. It finds 200 no better, and 50 too few: the training accuracy "
            "stops at about 98.5%.",
            (_build("Build one with two hidden layers", "hidden"),),
            (
                Exercise(
                    "How many numbers does a hidden layer of 50 learn here?",
                    312_550,
                    "As before, with 50 in place of 100.",
                    "50 x (6,250 + 1) = 312,550.",
                ),
            ),
            ("first-conv-200", "first-conv-50"),
            "hidden",
        ),
        Section(
            "Two convolutions, and the best",
            "A second convolution looks at the maps of the first and finds patterns of patterns. With "
            "pooling between them and dropout the network overfits less. The tutorial's best has two of "
            "each and learns for forty passes. What it still misreads is shown as a grid: few of them are "
            "easy. Then it is a contest: who reads the most? The world record was 99.8%. Digits that are "
            "turned and moved a little while learning help most.",
            (
                _plain("What a network misreads", "mistakes"),
                _plain("The leaderboard", "runs"),
                _train("Learn from digits that move: our best in a minute", "minute"),
            ),
            (
                Exercise(
                    "The best misreads 0.6% of the 10,000 test digits. How many are that?",
                    60,
                    "0.6 of a hundred, ten thousand of them.",
                    "0.006 x 10,000 = 60.",
                ),
            ),
            ("first-conv-two", "first-conv-best"),
        ),
    ),
)

_LENET = Tutorial(
    "LeNet",
    "A simplified LeNet, and image kernels",
    "A computer-vision workshop: a simplified LeNet",
    (
        Section(
            "From the file to the network's input",
            "The pictures come as whole numbers, 60,000 x 28 x 28. A convolution wants a channel axis: "
            "60,000 x 28 x 28 x 1. They become 32-bit floating-point numbers, are divided by 255, and the "
            "labels become one-hot codes. Nothing else is done to them.",
            (),
            (
                Exercise(
                    "How many numbers are all training pictures together?",
                    47_040_000,
                    "60,000 x 28 x 28 x 1",
                    "47 million; at four bytes each, 188 MB.",
                ),
            ),
        ),
        Section(
            "Kernels that people have written",
            "Long before networks learnt their windows, people wrote them by hand, to blur, sharpen or "
            "emboss a picture. They are the best way to understand what a learnt filter does: each answers "
            "to one pattern.",
            (
                _image_kernel("Box blur"),
                _image_kernel("Sharpen"),
                _image_kernel("Emboss"),
            ),
            (
                Exercise(
                    "A box blur has nine numbers, each 1/9. All pixels under it are 90. What is the result?",
                    90,
                    "Nine times 90, each divided by 9, added up.",
                    "An even surface stays as it is, because the nine add up to 1.",
                ),
                Exercise(
                    "The Laplacian's numbers add up to 0. What does it make of the same even surface?",
                    0,
                    "90 times the sum of its numbers.",
                    "It answers to edges only.",
                ),
            ),
        ),
        Section(
            "The network",
            "32 windows of 3 x 3, pooling by 2 x 2, flatten, a hidden layer of 128, then ten. LeNet, of "
            "1998, had two convolutions and is otherwise much the same.",
            (_test_digit("See each layer at work"),),
            (
                Exercise(
                    "How wide are the maps after the convolution?",
                    26,
                    "28 - 3 + 1",
                    "28 - 3 + 1 = 26, and 13 after the pooling.",
                ),
                Exercise(
                    "How long is the row after flatten?",
                    5408,
                    "13 x 13 x 32",
                    "13 x 13 x 32 = 5,408.",
                ),
                Exercise(
                    "How many numbers does the hidden layer of 128 learn?",
                    692_352,
                    "128 x (5,408 + 1)",
                    "128 x (5,408 + 1) = 692,352, nearly all of the network.",
                ),
            ),
        ),
        Section(
            "Train it",
            "Adam, batches of 128, five passes, and every step is told on the console. The last batch of a "
            "pass is smaller. At the end it is measured on the test digits; a confusion matrix is what to "
            "look at next, and more epochs, filters and layers, dropout and batch normalisation what to try.",
            (_train("The same with one more convolution: a changed recipe", "first-conv-two", layers=True),),
            (
                Exercise(
                    "How many steps has one pass over 60,000 digits in batches of 128?",
                    469,
                    "60,000 / 128 = 468.75, and the rest is a batch as well.",
                    "468 whole batches and one of 96.",
                ),
            ),
            ("simplified-lenet",),
        ),
    ),
)

_EXPRESS = Tutorial(
    "Perceptron",
    "A multilayer perceptron, and reading its curves",
    "Express deep learning with Keras, part 1",
    (
        Section(
            "Begin with a part of the data",
            "Whether a program works can be seen with a thousand digits, in a second. They are chosen by "
            "chance, so that each digit is among them. How much worse a network is that has learnt from few "
            "is worth seeing, too.",
            (_train("The perceptron with 1,000 digits", "perceptron", changes={"train_size": 1000}),),
            (
                Exercise(
                    "How large a part of the 60,000 are 1,000 digits, in percent?",
                    1.67,
                    "1,000 / 60,000, times a hundred.",
                    "1.67%: one in sixty.",
                    0.05,
                ),
            ),
        ),
        Section(
            "Two layers, and all that they hold",
            "No convolution: the picture is one row of 784 numbers, followed by a layer of 512 and one of "
            "ten. Such a network does not know which pixels are neighbours. The summary counts its numbers, "
            "and a picture of the layers shows how they follow each other.",
            (_train("Picture of the layers", "perceptron", image=True),),
            (
                Exercise(
                    "How many numbers does the layer of 512 learn?",
                    401_920,
                    "512 x (784 + 1)",
                    "512 x (784 + 1) = 401,920.",
                ),
                Exercise(
                    "And the layer of ten?",
                    5130,
                    "10 x (512 + 1)",
                    "10 x (512 + 1) = 5,130, so 407,050 in all.",
                ),
            ),
        ),
        Section(
            "Train it, and read the history",
            "Plain stochastic gradient descent, rate 0.01, batches of 128, ten passes. Two questions to ask "
            "of the curves: is the loss still falling? Then more passes help. Does the validation loss "
            "drift away from the training loss? Then it overfits. The loss is a cross-entropy: minus the "
            "logarithm of the probability that was given to the true digit.",
            (),
            (
                Exercise(
                    "What is the loss of a network that gives each of ten digits 10%? (Natural logarithm.)",
                    2.303,
                    "-ln(0.1) = ln(10)",
                    "ln(10) = 2.303: where every untrained network begins.",
                    0.006,
                ),
                Exercise(
                    "And the accuracy of one that guesses, in percent, were all ten digits equally frequent?",
                    10,
                    "One guess in ten is right.",
                    "10%, so 92.8% is much, and 99.4% is much more.",
                ),
            ),
            ("perceptron",),
            "epochs",
        ),
        Section(
            "Which digits are taken for which",
            "A confusion matrix has a row for each true digit and a column for each digit read. Divided by "
            "the sum of its row, each cell is a share of that digit. 4 and 9, 3 and 8 are taken for each "
            "other most.",
            (_plain("The confusion matrix of a network", "mistakes"),),
            (
                Exercise(
                    "Of 1,009 nines, 920 are read as nine. What does the normalised matrix hold there?",
                    0.912,
                    "920 / 1,009",
                    "920 / 1,009 = 0.912.",
                    0.001,
                ),
            ),
        ),
    ),
)

_GUIDED = Tutorial(
    "Convolutions",
    "Convolutional networks, step by step",
    "A guided notebook on convolutional networks",
    (
        Section(
            "An image is a grid of numbers",
            "Everything starts with numbers: 8-bit images are brought to the range from 0 to 1, a channel "
            "axis is added, labels are one-hot encoded.",
            (_plain("One digit as a grid of numbers", "data"),),
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
            (_stepping("Work through it", 1, "valid"),),
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
                _stepping("No padding, stride 1", 1, "valid"),
                _stepping("No padding, stride 2", 2, "valid"),
                _stepping("'same', stride 1", 1, "same"),
                _stepping("Padding 1, stride 2", 2, "Zeros", 1),
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
                _pooling("What each costs"),
                _build("Build net_1 yourself", "net_1"),
                _build("Build net_2 yourself", "net_2"),
                _train(
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
            (_build("Build one of your own", "cifar"),),
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

_ML4A = Tutorial(
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
                _train(
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
                _plain("Save a network", "runs"),
                _train("Our own small network: 85% and more", "cifar-small"),
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

TUTORIALS = {"first": _FIRST, "lenet": _LENET, "express": _EXPRESS, "guided": _GUIDED, "ml4a": _ML4A}

# lesson-section-place -> the question there.
EXERCISES = {
    f"{name}-{number}-{place}": exercise
    for name, tutorial in TUTORIALS.items()
    for number, section in enumerate(tutorial.sections)
    for place, exercise in enumerate(section.exercises)
}
