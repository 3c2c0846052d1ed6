"""Classes of one's own: names and files that are taken, drawings that are kept, and a head that learns them."""

import gc
import json
import weakref
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from sklearn.neighbors import KNeighborsClassifier

from core.data import datasets, own_classes
from core.data.own_classes import EXAMPLES, OwnClasses
from core.ink.files import BadInput
from core.models import litert_head, own_head
from core.models.classifiers import Classifier, shipped
from core.models.exports import html_file, keras_files, onnx_file, pytorch
from core.nn import backprop
from core.nn.activations import softmax
from core.records import ColourImage, DigitImage, Drawing
from core.storage import own_classes as stored
from core.storage.store import Store


def line(*points) -> Drawing:
    return Drawing((np.array(points, np.float32),))


# -- names


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("heart, star", ("heart", "star")),
        (" A,B ,\nmy   signature,, ", ("A", "B", "my signature")),
        ("+, -, ×", ("+", "-", "×")),
    ],
)
def test_names_are_taken_as_they_are_meant(typed, names):
    assert own_classes.names(typed) == names


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "There are 0 names; 2 to 20 are accepted, with commas between them."),
        ("heart", "There is 1 name; 2 to 20 are accepted, with commas between them."),
        (",".join(map(str, range(21))), "There are 21 names; 2 to 20 are accepted"),
        ("heart, Heart", "'heart' is there twice; each class needs a name of its own."),
        (f"a, {'b' * 25}", "has 25 letters; a class's name has 24 at most."),
        ("a, b\0c", "A class's name is no plain text"),
    ],
)
def test_other_names_get_one_sentence(typed, sentence):
    with pytest.raises(BadInput) as error:
        own_classes.names(typed)
    assert sentence in str(error.value)


# -- drawings


def test_the_class_with_the_fewest_comes_next_and_a_full_one_takes_no_more():
    own = OwnClasses("two", ("a", "b"))
    assert (own.next, own.trainable) == (0, False)
    own = own.with_drawing(0, line((0, 0), (9, 9)))
    assert (own.next, own.counts, own.trainable) == (1, [1, 0], False)
    own = own.with_drawing(1, line((0, 9), (9, 0)))
    assert (own.next, own.trainable) == (0, True)
    assert own.without(own.examples[0]).counts == [0, 1]
    assert own.without(own_classes.Example(1, "gone already")) == own
    for n in range(own_classes.MAX_OF_EACH - 1):
        own = own.with_drawing(0, line((0, 0), (9, n)))
    with pytest.raises(BadInput, match="There are 30 drawings of a already"):
        own.with_drawing(0, line((0, 0), (9, 9)))


def test_a_file_comes_back_as_it_was():
    own = own_classes.example("Shapes", 2)
    again = own_classes.read(own_classes.write(own))
    assert again == own
    np.testing.assert_array_equal(again.images()[0], own.images()[0])
    assert own.counts == [2] * len(EXAMPLES["Shapes"])


STROKE = [[[0, 0], [5, 5]]]
BAD = {
    "no JSON": (b"{", "it is not valid JSON"),
    "deep": (b"[" * 100_000, "it is not valid JSON"),
    "a list": (b"[]", 'expected {"classes"'),
    "one class": ({"classes": ["a"]}, "There is 1 name"),
    "a name that is none": ({"classes": ["a", 7]}, "no plain text"),
    "no list": ({"classes": ["a", "b"], "drawings": {}}, "The drawings are no list"),
    "another class": (
        {"classes": ["a", "b"], "drawings": [{"class": "c", "strokes": STROKE}]},
        "Drawing 1 is of the class 'c'; there are a, b.",
    ),
    "no class": ({"classes": ["a", "b"], "drawings": [7]}, "Drawing 1 is of the class 'nothing'"),
    "no strokes": ({"classes": ["a", "b"], "drawings": [{"class": "a"}]}, "Drawing 1 cannot be taken"),
    "no ink": ({"classes": ["a", "b"], "drawings": [{"class": "a", "strokes": []}]}, "it holds no ink"),
    "no number": (
        {"classes": ["a", "b"], "drawings": [{"class": "a", "strokes": [[["x", 1]]]}]},
        "Drawing 1 cannot be taken",
    ),
    "too many": (
        {"classes": ["a", "b"], "drawings": [{"class": "a", "strokes": STROKE}] * 31},
        "There are 30 drawings of a already",
    ),
    "too large": (b" " * 5_000_001, "The file has 5.0 MB; at most 5 MB"),
}


def test_what_is_taken_away_can_be_brought_back_however_long_the_drawings_are():
    names = tuple(f"\N{HEAVY BLACK HEART} number {n}" for n in range(20))
    points = np.random.default_rng(0).uniform(100, 328, (2_000, 2)).astype(np.float32)
    drawing = Drawing((points,), (18.3,), 328.0)
    own = OwnClasses("Long ones", names)
    most = own_classes.MAX_BYTES // len(own.with_drawing(0, drawing).examples[0].strokes)
    for n in range(most - 1):
        own = own.with_drawing(n % 20, drawing)
    with pytest.raises(BadInput, match="Together these drawings have more than 5 MB"):
        own.with_drawing(0, drawing).with_drawing(1, drawing)
    written = own_classes.write(own)
    assert 0.98 * own_classes.MAX_BYTES < len(written) <= own_classes.MAX_BYTES
    assert own_classes.read(written) == own


@pytest.mark.parametrize("name", [*BAD])
def test_what_is_no_such_file_gets_one_sentence(name):
    content, sentence = BAD[name]
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(BadInput) as error:
        own_classes.read(data)
    assert sentence in str(error.value)


# -- kept


def test_a_set_is_its_makers_alone(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/own.db")
    mine, theirs = store.of("a" * 32), store.of("b" * 32)
    own = stored.add(mine, "a" * 32, own_classes.example("Signs", 1))
    assert stored.load(mine, "a" * 32) == [own]
    assert stored.load(theirs, "b" * 32) == []
    more = own.with_drawing(0, line((0, 0), (5, 9)))
    assert stored.change(mine, "a" * 32, own.id, lambda now: now.with_drawing(0, line((0, 0), (5, 9)))) == (
        own,
        more,
    )
    with pytest.raises(BadInput, match="has been deleted meanwhile"):
        stored.change(theirs, "b" * 32, own.id, lambda now: now.without(now.examples[0]))
    assert stored.load(mine, "a" * 32) == [more]
    stored.delete(theirs, "b" * 32, own.id)
    assert len(stored.load(mine, "a" * 32)) == 1
    stored.delete(mine, "a" * 32, own.id)
    assert stored.load(mine, "a" * 32) == []
    for _ in range(stored.MOST):
        stored.add(mine, "a" * 32, own)
    with pytest.raises(BadInput, match="You have 20 sets"):
        stored.add(mine, "a" * 32, own)


def test_of_a_set_its_last_version_alone_is_in_memory(tmp_path):
    """Each drawing makes another: of a set with 400 drawings an hour's 60 were 160 MB."""
    store = Store(f"sqlite:///{tmp_path}/own.db").of("a" * 32)
    own = stored.add(store, "a" * 32, own_classes.example("Signs", 1))
    first = weakref.ref(stored.load(store, "a" * 32)[0].examples[0])
    assert stored.load(store, "a" * 32)[0].examples[0] is first()  # it is read once
    stored.change(store, "a" * 32, own.id, lambda now: now.with_drawing(0, line((0, 0), (5, 9))))
    stored.load(store, "a" * 32)
    gc.collect()
    assert first() is None


# -- learnt


@pytest.mark.parametrize("name", [*EXAMPLES])
def test_ten_of_each_are_enough_and_beat_the_nearest_neighbour(classifier, name):
    learnt, asked = own_classes.example(name, 10, seed=3), own_classes.example(name, 20, seed=9)
    pixels, labels = asked.images()
    head = own_head.fit(classifier, learnt)
    right = (head.predict(pixels) == labels).mean()
    known, of_known = learnt.images()
    nearest = KNeighborsClassifier(1).fit(known.reshape(len(known), -1), of_known)
    baseline = nearest.score(pixels.reshape(len(pixels), -1), labels)
    assert right > 0.9
    assert right > baseline
    answers = [head.answer(one) for one in pixels[::5]]
    assert all(answer.probabilities.sum() == pytest.approx(1) for answer in answers)
    assert np.mean([answer.none for answer in answers]) < 0.15


def test_what_is_none_of_them_is_told_more_often_than_what_is_one(classifier):
    head = own_head.fit(classifier, own_classes.example("Shapes", 10))
    digits = datasets.mnist().x_test[:40].astype(np.float32) / 255
    shapes = own_classes.example("Shapes", 8, seed=5).images()[0]
    none = [np.mean([head.answer(one).none for one in images]) for images in (digits, shapes)]
    assert none[0] > none[1] + 0.25, none
    assert none[1] < 0.15


def test_from_nothing_it_learns_too_and_says_how_well(tutorials_classifier):
    own = own_classes.example("Letters", 6)
    assert own_head.accuracy(None, own) > 0.5
    assert own_head.accuracy(tutorials_classifier, own) > 0.7
    assert own_head.accuracy(None, own_classes.example("Letters", 1)) is None
    curve = own_head.learning_curve(tutorials_classifier, own)
    assert [count for count, _ in curve] == [1, 2, 3, 4]
    assert curve[-1][1] >= curve[0][1]


@pytest.mark.parametrize("built", [True, False])
def test_it_is_a_network_of_its_own_and_can_be_taken_away(classifier, built):
    own = own_classes.example("Shapes", 5)
    head = own_head.fit(classifier if built else None, own)
    network = head.network("my shapes")
    pixels = own.images()[0][:3]
    logits = list(backprop.forward(network, pixels).values())[-1]
    expected = [head.answer(one).probabilities for one in pixels]
    np.testing.assert_allclose(softmax(logits.astype(float)), expected, atol=1e-3)
    session = onnxruntime.InferenceSession(onnx_file.make(network, own.classes))
    _, found = session.run(None, {"image": pixels[..., None]})
    np.testing.assert_allclose(found, expected, atol=1e-3)
    as_litert = Classifier(network).outputs(pixels)
    np.testing.assert_allclose(softmax(as_litert.astype(float)), expected, atol=1e-3)
    page = html_file.make(network, own.classes).decode()
    assert "my shapes" in page
    assert len(keras_files.keras(network)) > 10_000
    assert "CLASSES = ['circle', 'square', 'triangle', 'star', 'heart']" in pytorch.source(
        network, names=list(own.classes)
    )


@pytest.mark.parametrize("classes", [2, 11, 20])
def test_each_output_is_a_class_however_many_there_are(classifier, classes):
    """Of eleven the last is no 'not a digit', as it is of digits."""
    own = OwnClasses("many", tuple(f"class {n}" for n in range(classes)))
    for label in range(classes):
        for shift in (0, 6):
            own = own.with_drawing(label, line((0, 0), (100, 40 * label + shift), (400, 10)))
    network = own_head.OwnClassifier(own_head.fit(classifier, own), own)
    image = DigitImage(own.images()[0][-1])
    prediction = network.predict(image)
    assert prediction.probabilities.shape == (classes,)
    assert prediction.probabilities.sum() == pytest.approx(1)
    assert prediction.digit is None
    assert network.labels == own.classes
    session = onnxruntime.InferenceSession(onnx_file.make(network.network, own.classes))
    assert [output.name for output in session.get_outputs()] == ["logits", "probabilities"]


def test_what_each_drawing_is_taken_for_is_said_by_one_that_has_not_learnt_it(tutorials_classifier):
    own = own_classes.example("Signs", 4)
    found = own_head.cross_validated(tutorials_classifier, own)
    assert found.shape == (16, 4)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)
    right = (found.argmax(1) == own.images()[1]).mean()
    assert own_head.accuracy(tutorials_classifier, own) == right


def test_bytes_without_such_a_layer_are_refused(classifier):
    with pytest.raises(ValueError, match="it has no layer dense_9"):
        litert_head.with_last_layer(classifier.network.litert, "dense_9", np.zeros((4, 2)), np.zeros(2))
    with pytest.raises(ValueError, match="none that can be replaced"):
        litert_head.with_last_layer(classifier.network.litert, "conv2d_1", np.zeros((4, 2)), np.zeros(2))


# -- of images


def colours(of_each: int = 3) -> OwnClasses:
    rng, own = np.random.default_rng(0), OwnClasses("colours", ("red", "blue"), of_images=True)
    for label, channel in enumerate((0, 2)):
        for _ in range(of_each):
            pixels = rng.integers(0, 90, own_classes.SHAPE).astype(np.uint8)
            pixels[..., channel] = 210
            own = own.with_image(label, pixels)
    return own


def test_images_travel_as_a_file_and_stay_what_they_are():
    own = colours()
    back = own_classes.read(own_classes.write(own))
    assert back == own
    pixels, labels = back.images()
    assert pixels.shape == (6, 32, 32, 3)
    assert pixels.dtype == np.float32
    assert labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert pixels[0, ..., 0].min() == pytest.approx(210 / 255)
    full = replace(own, examples=own.examples[:1] * 30)
    with pytest.raises(BadInput, match="There are 30 images of red already"):
        full.with_image(0, np.zeros(own_classes.SHAPE, np.uint8))


@pytest.mark.parametrize("image", [None, 7, "%%%", "AAAA"])
def test_what_is_no_image_of_that_size_is_refused(image):
    content = {"of": "images", "classes": ["a", "b"], "drawings": [{"class": "a", "image": image}]}
    with pytest.raises(BadInput, match="Image 1 cannot be taken: expected 3,072 bytes as base64"):
        own_classes.read(json.dumps(content).encode())


def test_a_head_on_a_network_for_colours_is_a_network_that_can_be_taken_away():
    base, own = shipped("cifar-small"), colours()
    head = own_head.fit(base, own)
    pixels, labels = own.images()
    assert head.predict(pixels).tolist() == labels.tolist()
    network = own_head.OwnClassifier(head, own)
    found = network.predict(ColourImage(pixels[0])).probabilities
    np.testing.assert_allclose(found, head.answer(pixels[0]).probabilities, atol=1e-4)
    session = onnxruntime.InferenceSession(onnx_file.make(network.network, own.classes))
    np.testing.assert_allclose(session.run(None, {"image": pixels[:1]})[1][0], found, atol=1e-4)
    assert b"red" in html_file.make(network.network, own.classes)
    assert own_head.accuracy(base, own) == 1
