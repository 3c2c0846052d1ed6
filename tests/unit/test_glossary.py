"""Terms are found in our own texts, once each, and nothing else of a text is touched."""

import re

import pytest

from ui.content.glossary import ADDRESS, TERMS, marked, note_in


def test_each_term_has_one_plain_sentence_that_fits_a_note():
    assert len(TERMS) >= 40
    for key, term in TERMS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key)
        assert term.note.endswith(".")
        assert len(re.findall(r"[.!?](?=\s|$)", term.note)) == 1, term.note
        assert len(term.note) <= 120
        assert not re.search(r"[`*\[\]<>$]", term.note)


@pytest.mark.parametrize("key", TERMS)
def test_a_term_is_found_by_its_own_name_and_not_within_another_word(key):
    name = TERMS[key].name
    assert marked(f"x {name} y") == f"x [{name}]({ADDRESS}{key}) y"
    assert marked(f"pre{name}y") == f"pre{name}y"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Epochs, and an epoch", "[Epochs](#term-epoch), and an epoch"),  # the first of each, as it is written
        ("a learning rate", "a [learning rate](#term-learning-rate)"),
        (
            "batches; batch normalisation",
            "[batches](#term-batch); [batch normalisation](#term-batch-normalisation)",
        ),
        ("hidden layers overfit", "[hidden layers](#term-hidden-layer) [overfit](#term-overfitting)"),
        ("one-hot, not hot", "[one-hot](#term-one-hot), not hot"),
        ("max-pooling", "max-pooling"),  # a word of its own
        ("`epoch` $loss$ [epoch](x) :material/school: https://a.b/epoch", None),
        (
            ":green[:material/check_circle: Right.] A stride",
            ":green[:material/check_circle: Right.] A [stride](#term-stride)",
        ),
        ("**Loss** and _bias_", "**[Loss](#term-loss)** and _bias_"),
        ("", ""),
    ],
)
def test_what_is_marked(text, expected):
    assert marked(text) == (text if expected is None else expected)


def test_what_is_marked_once_is_not_marked_again():
    once = marked("Dropout, softmax and the logits of each batch.")
    assert once.count(ADDRESS) == 4
    assert marked(once) == once


def test_a_fields_label_is_explained_by_its_first_term():
    assert note_in("Batch size, and epochs") == TERMS["batch"].note
    assert note_in("Kernel") == TERMS["kernel"].note
    assert note_in("Crop") is None
