"""A multilayer perceptron, and reading its curves."""

from ui.content.questions import Exercise
from ui.content.tutorials.examples import plain, train
from ui.content.tutorials.records import Section, Tutorial

TUTORIAL = Tutorial(
    "Perceptron",
    "A multilayer perceptron, and reading its curves",
    "Express deep learning with Keras, part 1",
    (
        Section(
            "Begin with a part of the data",
            "Whether a program works can be seen with a thousand digits, in a second. They are chosen by "
            "chance, so that each digit is among them. How much worse a network is that has learnt from few "
            "is worth seeing, too.",
            (train("The perceptron with 1,000 digits", "perceptron", changes={"train_size": 1000}),),
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
            (train("Picture of the layers", "perceptron", image=True),),
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
                    "ln(10) = 2.303: about where a training begins, for the network still guesses.",
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
            "the sum of its row, each cell is a share of that digit. 4 and 9, 7 and 9, 3 and 5 are often "
            "taken for each other.",
            (plain("The confusion matrix of a network", "mistakes"),),
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
