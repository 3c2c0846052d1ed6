"""Tables of trainings, and what has to be said of each.

A row is an epoch: its loss and accuracy, and those of the validation images.
"""

# Measured with recipe "perceptron"; the accuracies on the test digits are those of the tutorial.
#   training        validation
#   loss   accuracy loss   accuracy
PERCEPTRON = [
    (0.695, 0.8435, 0.595, 0.8705),
    (0.485, 0.8748, 0.432, 0.8916),
    (0.399, 0.8932, 0.373, 0.9023),
    (0.346, 0.9112, 0.340, 0.9093),
    (0.338, 0.9069, 0.318, 0.9137),
    (0.320, 0.9103, 0.302, 0.9184),
    (0.303, 0.9148, 0.289, 0.9202),
    (0.295, 0.9187, 0.278, 0.9244),
    (0.283, 0.9197, 0.269, 0.9272),
    (0.223, 0.9304, 0.261, 0.9281),
]
# Measured with recipe "first-conv", which its tutorial says overfits.
FIRST_CONV = [
    (0.0771, 0.9757, 0.0640, 0.9808),
    (0.0383, 0.9884, 0.0534, 0.9829),
    (0.0336, 0.9897, 0.0572, 0.9827),
    (0.0280, 0.9921, 0.0480, 0.9839),  # the least validation loss
    (0.0173, 0.9971, 0.0485, 0.9862),
    (0.0134, 0.9953, 0.0500, 0.9866),
    (0.0094, 0.9977, 0.0554, 0.9871),
    (0.0053, 0.9982, 0.0593, 0.9869),
    (0.0029, 0.9994, 0.0602, 0.9867),
    (0.0016, 0.9995, 0.0797, 0.9850),
]
# Measured with recipe "first-conv-dropout", which its tutorial says overfits less.
FIRST_CONV_DROPOUT = [
    (0.1157, 0.9628, 0.0712, 0.9773),
    (0.0682, 0.9781, 0.0553, 0.9821),
    (0.0514, 0.9845, 0.0558, 0.9831),
    (0.0610, 0.9821, 0.0445, 0.9841),
    (0.0463, 0.9851, 0.0400, 0.9865),
    (0.0394, 0.9868, 0.0422, 0.9854),
    (0.0420, 0.9877, 0.0367, 0.9870),
    (0.0263, 0.9926, 0.0459, 0.9851),
    (0.0407, 0.9891, 0.0381, 0.9876),
    (0.0279, 0.9904, 0.0406, 0.9877),
]
# Strong augmentation: the validation loss rises, but training still looks worse than it.
AUGMENTED = [
    (0.40, 0.880, 0.050, 0.9850),
    (0.20, 0.940, 0.030, 0.9900),
    (0.17, 0.950, 0.033, 0.9901),
    (0.15, 0.955, 0.034, 0.9902),
    (0.13, 0.960, 0.036, 0.9903),
]
# What a single layer of ten units does.
ONE_LAYER = [
    (0.33, 0.910, 0.29, 0.9200),
    (0.28, 0.921, 0.28, 0.9230),
    (0.27, 0.924, 0.28, 0.9231),
    (0.27, 0.925, 0.28, 0.9228),
    (0.27, 0.926, 0.28, 0.9235),
]
# A learning rate that is too large, but not far too large.
JUMPING = [
    (0.10, 0.97, 0.09, 0.975),
    (0.09, 0.97, 0.15, 0.955),
    (0.09, 0.97, 0.08, 0.976),
    (0.09, 0.97, 0.14, 0.952),
]
# Measured with recipe "perceptron" on 6,000 digits, at a rate of a millionth, and of 3.
RATE_TOO_SMALL = [
    (2.338, 0.1186, 2.339, 0.1199),
    (2.339, 0.1167, 2.339, 0.1199),
    (2.339, 0.1167, 2.339, 0.1199),
]
THROWN_OFF = [(10.272, 0.1859, 3.409, 0.319), (2.454, 0.1457, 2.327, 0.1184), (2.275, 0.1422, 2.359, 0.1843)]
# Measured with recipe "simplified-lenet" on 6,000 digits, Adam at a rate of 0.1.
RATE_TOO_LARGE = [(3.389, 0.0999, 2.308, 0.098), (2.309, 0.1072, 2.307, 0.1135), (2.304, 0.1083, 2.305, 0.0958)]
# Measured with recipe "quick" on 6,000 digits, at a rate of a millionth: it has batch normalization.
NORMALISED_TOO_SMALL = [(2.329, 0.1118, 2.301, 0.1123), (2.321, 0.1142, 2.301, 0.1093)]
# Measured with recipe "first-conv", another seed, after eight epochs.
LOSS_RISES = [
    (0.166, 0.9496, 0.0607, 0.9803),
    (0.058, 0.9822, 0.0596, 0.9809),
    (0.037, 0.9885, 0.0582, 0.9812),
    (0.025, 0.9918, 0.0477, 0.9849),
    (0.017, 0.9955, 0.0552, 0.9849),
    (0.011, 0.9965, 0.0570, 0.9855),
    (0.008, 0.9979, 0.0592, 0.9858),
    (0.005, 0.9988, 0.0557, 0.9867),
]
# Measured with recipe "first-conv" on 1,000 digits, after 5, 10 and 14 epochs.
THOUSAND_DIGITS = [
    (0.442, 0.8731, 0.445, 0.8704),
    (0.079, 0.9806, 0.383, 0.9052),
    (0.015, 0.9969, 0.504, 0.8951),
]
IMPROVING = [(0.06, 0.98, 0.06, share) for share in (0.970, 0.981, 0.982, 0.984, 0.986)]
FLAT = [(0.03, 0.99, 0.04, share) for share in (0.980, 0.989, 0.9889, 0.9891, 0.988, 0.989)]
EQUAL = [(0.03, 0.99, 0.04, 0.988)] * 4
CASES = [
    ([], 10, "early", "Too early to say: no epoch has been measured yet."),
    (
        PERCEPTRON[:1],
        10,
        "early",
        "Of the validation pictures it reads 87.1% after epoch 1 of 10; one point is no curve yet.",
    ),
    (
        PERCEPTRON[:1],
        1,
        "early",
        "Of the validation pictures it reads 87.1% after epoch 1 of 1; train for more epochs to see a curve.",
    ),
    (EQUAL[:2], 10, "early", "Too early to say: the validation accuracy was 98.8%, then 98.8%."),
    (JUMPING[:2], 2, "early", "Too early to say: the validation accuracy was 97.5%, then 95.5%."),
    (
        PERCEPTRON,
        10,
        "improving",
        "Still improving: the best validation accuracy rose from 92.0% to 92.8% over the last 3 epochs; "
        "more epochs may help.",
    ),
    (
        PERCEPTRON[:2],
        10,
        "improving",
        "Still improving: the best validation accuracy rose from 87.1% to 89.2% over the last epoch; "
        "8 of 10 are left. The training accuracy is lower, 87.5%: it is measured while learning, "
        "with dropout and augmentation on, if there are any.",
    ),
    (
        IMPROVING,
        5,
        "improving",
        "Still improving: the best validation accuracy rose from 98.1% to 98.6% over the last 3 epochs; "
        "more epochs may help. The training accuracy is lower, 98.0%: it is measured while learning, "
        "with dropout and augmentation on, if there are any.",
    ),
    (
        FLAT,
        10,
        "flat",
        "Flat since epoch 2: the validation accuracy stays within 0.1 points of 98.9%.",
    ),
    (EQUAL, 10, "flat", "Flat since epoch 1: the validation accuracy stays at 98.8%."),
    (
        FIRST_CONV,
        10,
        "overfitting",
        "Overfitting since epoch 4: the training loss fell from 0.028 to 0.002 since then, the validation "
        "loss rose from 0.048 to 0.080; training accuracy is now 100.0%, validation 98.5%, a gap of 1.5 "
        "points. It knows its training pictures by heart.",
    ),
    (
        FIRST_CONV[:5],  # only one epoch after the least, and within the noise
        10,
        "improving",
        "Still improving: the best validation accuracy rose from 98.3% to 98.6% over the last 3 epochs; "
        "5 of 10 are left.",
    ),
    (
        FIRST_CONV_DROPOUT,
        10,
        "flat",
        "Flat since epoch 5: the validation accuracy stays within 0.2 points of 98.6%.",
    ),
    (
        AUGMENTED,
        5,
        "flat",
        "Flat since epoch 2: the validation accuracy stays within 0.1 points of 99.0%. The training "
        "accuracy is lower, 96.0%: it is measured while learning, with dropout and augmentation on, "
        "if there are any.",
    ),
    (
        ONE_LAYER,
        5,
        "underfitting",
        "Underfitting: flat since epoch 2, and even of the training pictures only 92.6% are read "
        "(validation 92.3%); try a larger network or another learning rate.",
    ),
    (
        JUMPING,
        10,
        "unsteady",
        "Unsteady since epoch 1: the validation accuracy moves between 95.2% and 97.6%; "
        "a smaller learning rate may steady it.",
    ),
    (
        [(3.10, 0.103, 2.302, 0.102)],
        10,
        "not learning",
        "The network has not learnt anything yet: 10.2% is what guessing gives; try a smaller learning rate.",
    ),
    (
        [(2.40, 0.100, 2.38, 0.100), (2.37, 0.105, 2.35, 0.110), (2.34, 0.110, 2.33, 0.114)],
        10,
        "not learning",
        "The network learns very slowly: 11.4% is little more than guessing; try a larger learning rate.",
    ),
    (
        [(0.30, 0.900, 0.20, 0.941), (2.80, 0.110, 2.302, 0.098)],
        10,
        "not learning",
        "The network has forgotten what it knew: the validation accuracy was 94.1% after epoch 1 and is 9.8% "
        "now, which is guessing; try a smaller learning rate.",
    ),
    (
        RATE_TOO_SMALL,
        10,
        "not learning",
        "The network has hardly moved: 12.0% is what guessing gives, and the loss stays near 2.339, that of "
        "guessing being 2.303; try a larger learning rate.",
    ),
    (
        RATE_TOO_SMALL[:1],
        10,
        "not learning",
        "The network has hardly moved: 12.0% is what guessing gives, and the loss stays near 2.339, that of "
        "guessing being 2.303; try a larger learning rate.",
    ),
    (
        RATE_TOO_LARGE,
        10,
        "not learning",
        "The network has not learnt anything yet: 9.6% is what guessing gives; try a smaller learning rate.",
    ),
    (
        THROWN_OFF,
        10,
        "collapsed",
        "It has lost much of what it knew: the validation accuracy was 31.9% after epoch 1 and is 18.4% now; "
        "try a smaller learning rate.",
    ),
    (
        [*IMPROVING, (0.90, 0.70, 0.95, 0.71), (0.80, 0.74, 0.85, 0.75)],
        10,
        "collapsed",
        "It has lost much of what it knew: the validation accuracy was 98.6% after epoch 5 and is 75.0% now; "
        "try a smaller learning rate.",
    ),
    (
        [(0.1, 0.97, 0.1, 0.97), (0.9, 0.7, 0.9, 0.62), (0.1, 0.97, 0.1, 0.976), (0.9, 0.7, 0.9, 0.61)],
        10,
        "unsteady",  # it has come back before
        "Unsteady since epoch 3: the validation accuracy moves between 61.0% and 97.6%; "
        "a smaller learning rate may steady it.",
    ),
    (
        LOSS_RISES,
        10,
        "loss rises",
        "The validation loss rises, from 0.048 after epoch 4 to 0.056, while the validation accuracy still "
        "climbs, from 98.5% to 98.7%: it is right more often, but ever surer where it is wrong. By the loss it "
        "overfits, by the accuracy not yet.",
    ),
    (
        THOUSAND_DIGITS,
        14,
        "by heart",  # also where the best is one of the last few
        "It knows its training pictures by heart: it reads 99.7% of them, but 89.5% of the validation "
        "pictures, a gap of 10.2 points. More pictures, augmentation or dropout may narrow it; "
        "more epochs will not.",
    ),
    (
        [(0.30, 0.92, 0.45, 0.88), (0.05, 0.991, 0.42, 0.893), *[(0.004, 1.0, 0.42, 0.894)] * 4],
        6,
        "by heart",  # its validation loss stands still
        "It knows its training pictures by heart: it reads 100.0% of them, but 89.4% of the validation "
        "pictures, a gap of 10.6 points. More pictures, augmentation or dropout may narrow it; "
        "more epochs will not.",
    ),
    (
        [(0.227, 0.934, 4.2, 0.113)],  # batch normalization's running averages lag behind
        12,
        "early",
        "Too early to say: the validation accuracy is 11.3% after epoch 1 of 12; one point is no curve yet.",
    ),
]
