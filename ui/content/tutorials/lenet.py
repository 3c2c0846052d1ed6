"""A simplified LeNet, and image kernels."""

from ui.content.questions import Exercise
from ui.content.tutorials.examples import image_kernel, test_digit, train
from ui.content.tutorials.records import Section, Tutorial

TUTORIAL = Tutorial(
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
                image_kernel("Box blur"),
                image_kernel("Sharpen"),
                image_kernel("Emboss"),
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
            "1998, had the same plan with two convolutions, each with pooling; it took means in place of the "
            "largest, tanh in place of ReLU, and had only 60,000 numbers.",
            (test_digit("See each layer at work"),),
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
            (train("The same with one more convolution: a changed recipe", "first-conv-two", layers=True),),
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
