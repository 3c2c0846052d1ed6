"""A first convolutional network: images, convolution, pooling, dropout."""

from ui.content.questions import Exercise
from ui.content.tutorials.examples import build, plain, pooling, stepping, test_digit, train
from ui.content.tutorials.records import Section, Tutorial

TUTORIAL = Tutorial(
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
                test_digit("A test digit, as the network gets it"),
                plain("Histograms of pixels", "data"),
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
            (stepping("Watch it slide over 5 x 5", 1, "valid"),),
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
            (pooling("Pool the tutorial's zero"),),
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
            (plain("Draw, and open 'How sure is sure?'", "draw"),),
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
            (train("Its layers, one by one", "first-conv", layers=True),),
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
            (build("Build one with two hidden layers", "hidden"),),
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
                plain("What a network misreads", "mistakes"),
                plain("The leaderboard", "runs"),
                train("Learn from digits that move: our best in a minute", "minute"),
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
