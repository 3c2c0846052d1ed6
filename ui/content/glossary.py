"""The words of the field, each explained in one sentence; `marked` finds them in our own texts.

    >>> marked("Ten epochs, then one epoch more.")
    'Ten [epochs](#term-epoch), then one epoch more.'

A new term is one entry here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """name: in the list. note: one sentence. words: how else texts have it than as the name and its plural."""

    name: str
    note: str
    words: tuple[str, ...] = ()


_TERMS = (
    Term("accuracy", "The share of pictures that are read rightly: 98.6% means that 14 of 1,000 are wrong."),
    Term(
        "activation",
        "The function that a layer applies to its sums before it passes them on, such as ReLU or the sigmoid.",
    ),
    Term(
        "Adam", "A way to learn in which each weight has a step size of its own, and keeps some of its speed."
    ),
    Term(
        "augmentation",
        "Turning, moving or bending the training pictures a little each time, so that there seem to be more.",
    ),
    Term(
        "backpropagation",
        "Working out from the last layer back to the first how much each weight adds to the error.",
    ),
    Term(
        "batch", "The few pictures that are looked at together before the weights move one step.", ("batches",)
    ),
    Term(
        "batch normalisation",
        "Bringing a layer's values to the same mean and spread in every batch, so that learning goes faster.",
        ("batch normalization", "BatchNormalization"),
    ),
    Term("bias", "A number that a neuron adds to its weighted sum, whatever the picture is.", ("biases",)),
    Term(
        "calibration",
        "Whether a network is right as often as it is sure: of those read at 90%, nine in ten should be right.",
    ),
    Term("channel", "One of the tables of numbers that lie on each other: a colour picture has three of them."),
    Term(
        "confusion matrix",
        "A table that counts, for each true class, how often it is read as each class.",
        ("confusion matrices",),
    ),
    Term(
        "convolution",
        "Sliding a small window of weights over a picture and writing down, at each place, how well it fits.",
        ("Conv2D",),
    ),
    Term(
        "cross-entropy",
        "Minus the logarithm of the probability given to the true class: 0 for one that is sure and right.",
        ("cross-entropies",),
    ),
    Term(
        "dense layer", "A layer in which every neuron looks at all values of the layer before it.", ("Dense",)
    ),
    Term(
        "dropout",
        "Shutting off some values by chance while learning, so that a network cannot rely on any one of them.",
    ),
    Term(
        "early stopping",
        "Ending a training once the validation pictures have not been read better for a while.",
    ),
    Term("epoch", "One pass over all training pictures."),
    Term(
        "feature map",
        "The picture that one filter of a convolution makes: bright where its pattern has been found.",
    ),
    Term(
        "filter",
        "The small window of weights that a convolution slides over a picture, looking for one pattern.",
    ),
    Term(
        "F1",
        "The harmonic mean of precision and recall: near the smaller of the two, 1 where both are 1.",
        ("F1",),
    ),
    Term("flatten", "Writing all maps of a layer one after another in a single row."),
    Term(
        "gradient",
        "How steeply the loss rises with each weight; learning takes a step the other way, downhill.",
    ),
    Term("hidden layer", "A layer between the picture and the answer, whose values nobody sees."),
    Term(
        "hyperparameter",
        "What people choose before a training, such as the learning rate; what is learnt is a parameter.",
    ),
    Term("kernel", "The small table of weights that a convolution slides over a picture."),
    Term(
        "learning rate",
        "How large a step the weights take against the gradient: too small, it creeps; too large, it jumps.",
    ),
    Term(
        "logit",
        "What the last layer says of a class before softmax makes a probability of it: any number at all.",
    ),
    Term("loss", "One number for how wrong a network is, which learning makes smaller.", ("losses",)),
    Term("momentum", "Keeping a part of the last step's speed, so that learning rolls on through flat places."),
    Term("neuron", "A unit that weighs its inputs, adds them up with a bias and applies an activation."),
    Term(
        "one-hot",
        "Writing a class as a row of zeros with a single 1 in its place.",
        ("one-hot encoding",),
    ),
    Term("optimizer", "The rule that turns gradients into steps of the weights, such as SGD or Adam."),
    Term(
        "overfitting",
        "Learning the training pictures by heart: they are read ever better, and new ones no better or worse.",
        ("overfits", "overfit"),
    ),
    Term("padding", "A border, mostly of zeros, around a picture, so that a window can stand at its edge too."),
    Term(
        "parameter",
        "A number that the network learns: a weight or a bias.",
    ),
    Term(
        "perceptron",
        "A network of dense layers only, which does not know which pixels are neighbours.",
    ),
    Term(
        "pooling",
        "Keeping one number of each small window of a map, its largest or its mean.",
        ("MaxPooling", "MaxPooling2D", "AveragePooling", "AveragePooling2D"),
    ),
    Term("precision", "Of all pictures that are read as a class, the share that are of it."),
    Term("recall", "Of all pictures of a class, the share that are read as it."),
    Term(
        "receptive field",
        "The part of the picture that a single number of a map depends on: it grows from layer to layer.",
    ),
    Term(
        "ReLU",
        "The activation that leaves a positive number as it is and makes 0 of a negative one.",
        ("ReLU",),
    ),
    Term(
        "RMSprop", "A way to learn in which a weight's steps are smaller where its gradients have been large."
    ),
    Term(
        "seed", "The number from which all chance of a training is drawn, so that it can be repeated exactly."
    ),
    Term("SGD", "Stochastic gradient descent: one step downhill for each batch, at one rate for all weights."),
    Term("sigmoid", "The activation that presses any number between 0 and 1, in the shape of an S."),
    Term(
        "softmax",
        "Makes probabilities of the last layer's numbers: e to the power of each, over the sum of them all.",
    ),
    Term("stride", "By how many pixels a window moves on; with 2 the result is half as wide and half as high."),
    Term("test set", "Pictures that are looked at once, at the end, to see what a network has really learnt."),
    Term(
        "validation",
        "Measuring on pictures held back from the training: they choose, so that the test set need not.",
    ),
    Term("weight", "A number by which a neuron multiplies one of its inputs; learning changes it."),
)

# key, as in #term-learning-rate -> the term.
TERMS = {re.sub(r"\W+", "-", term.name.lower()): term for term in _TERMS}
ADDRESS = "#term-"  # what such a link begins with

# A word in small letters -> the key of its term.
KEYS = {word.lower(): key for key, term in TERMS.items() for word in (term.name, f"{term.name}s", *term.words)}
_ANY = "|".join(re.escape(word) for word in sorted(KEYS, key=len, reverse=True))
# What is left alone: code, formulas, links and what they say, icons and colours of Streamlit, addresses.
_KEPT = r"`[^`]*`|\$[^$]*\$|!?\[[^\]]*\]\([^)]*\)|:[a-z-]+(?:/\w+)?(?::|(?=\[))|https?://\S+"
WORD = rf"(?<![\w-])(?:{_ANY})(?![\w-])"  # as JavaScript understands it, too; of any case
_FOUND = re.compile(rf"(?P<kept>{_KEPT})|(?P<word>{WORD})", re.IGNORECASE)
_KEPT_IN_HTML = r"<(?P<tag>a|button|code|math|script|style|svg)\b.*?</(?P=tag)>|<[^>]*>|&#?\w+;"
_FOUND_IN_HTML = re.compile(rf"(?P<kept>{_KEPT_IN_HTML})|(?P<word>{WORD})", re.IGNORECASE | re.DOTALL)


def note_in(label: str) -> str | None:
    """Return what the first term in the label of a field means, or None where there is none."""
    word = next((found["word"] for found in _FOUND.finditer(label) if found["word"]), None)
    return TERMS[KEYS[word.lower()]].note if word else None


def notes_in(*texts: str) -> str | None:
    """Return what each term means in the label of a field and in its choices, which are no place for links."""
    words = (found["word"] for text in texts for found in _FOUND.finditer(text) if found["word"])
    terms = [TERMS[key] for key in dict.fromkeys(KEYS[word.lower()] for word in words)]
    if len(terms) < 2:
        return terms[0].note if terms else None
    return "  \n".join(f"**{term.name}**: {term.note}" for term in terms)


def words_in(text: str) -> list[str]:
    """Return the first word of each term in a text, in its order.

    >>> words_in("Conv2D 5x5, relu; 2 convolutions")
    ['Conv2D', 'relu']
    """
    first: dict[str, str] = {}
    for found in _FOUND.finditer(text):
        if word := found["word"]:
            first.setdefault(KEYS[word.lower()], word)
    return list(first.values())


def marked(text: str) -> str:
    """Return this Markdown of our own with the first of each term in it as a link that explains itself.

    For texts of ours alone: what somebody else has written is no text to look for terms in.
    """
    return _linked(text, _FOUND, lambda word, address: f"[{word}]({address})")


def marked_html(text: str) -> str:
    """The same for HTML of our own, whose tags, code, links, buttons and formulas stay as they are.

    >>> marked_html('<b title="epoch">Ten epochs</b>')
    '<b title="epoch">Ten <a href="#term-epoch">epochs</a></b>'
    """
    return _linked(text, _FOUND_IN_HTML, lambda word, address: f'<a href="{address}">{word}</a>')


def _linked(text: str, pattern: re.Pattern, link: Callable[[str, str], str]) -> str:
    seen: set[str] = set()

    def once(found: re.Match) -> str:
        word = found["word"]
        if word is None or (key := KEYS[word.lower()]) in seen:
            return found[0]
        seen.add(key)
        return link(word, ADDRESS + key)

    return pattern.sub(once, text)
