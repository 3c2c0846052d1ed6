"""Terms are found in our own texts, once each, and nothing else of a text is touched."""

import ast
import re
from pathlib import Path

import pytest

from ui.content.glossary import ADDRESS, TERMS, marked, marked_html, note_in, notes_in, words_in


def test_each_term_has_one_plain_sentence_that_fits_a_note():
    assert len(TERMS) >= 40
    for key, term in TERMS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key)
        assert term.note.endswith(".")
        assert len(re.findall(r"[.!?](?=\s|$)", term.note)) == 1, term.note
        assert len(term.note) <= 120
        assert not re.search(r"[`*\[\]<>$]", term.note)


def test_each_term_of_a_text_is_told_once_as_it_stands_there():
    assert words_in("Conv2D 5x5, relu; 2 convolutions") == ["Conv2D", "relu"]
    assert words_in("none") == []


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>An epoch, <b>epochs</b></p>", '<p>An <a href="#term-epoch">epoch</a>, <b>epochs</b></p>'),
        ('<b title="loss">x</b> &loss; <i class=epoch>', None),
        ("<code>loss</code> <button>epoch</button> <a href='x'>a <b>seed</b></a>", None),
        ("<abbr>loss</abbr>", '<abbr><a href="#term-loss">loss</a></abbr>'),
    ],
)
def test_what_is_marked_in_html(text, expected):
    assert marked_html(text) == (text if expected is None else expected)


def test_a_fields_label_is_explained_by_its_first_term():
    assert note_in("Batch size, and epochs") == TERMS["batch"].note
    assert note_in("Kernel") == TERMS["kernel"].note
    assert note_in("Crop") is None


def test_a_field_with_choices_is_explained_by_all_their_terms():
    assert notes_in("Compare", "no term") is None
    assert notes_in("Stride", "1", "strides of 2") == TERMS["stride"].note
    loss, accuracy = TERMS["loss"].note, TERMS["accuracy"].note
    assert notes_in("Loss", "accuracy", "loss") == f"**loss**: {loss}  \n**accuracy**: {accuracy}"


ROOT = Path(__file__).parents[2]
PUT_UP = ("markdown", "caption", "info", "write", "header", "subheader", "html")
# What has a label, and beside it a note: a link in the label would stand in the way of a click.
LABELLED = (
    "metric",
    "multiselect",
    "number_input",
    "pills",
    "radio",
    "segmented_control",
    "select_slider",
    "selectbox",
    "slider",
    "text_input",
    "toggle",
)
# Where a word is none of the field's, or a line is a title.
AS_THEY_ARE = {"confusion_explorer.py": "Choose other filters", "run_panel.py": "**What is read as what**"}


def _constants(node: ast.AST) -> str:
    return "".join(c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str))


@pytest.mark.parametrize(
    "path",
    sorted(path for folder in ("pages", "ui/sections", "ui/lessons") for path in ROOT.glob(f"{folder}/*.py")),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_texts_that_hold_a_term_are_put_up_so_that_it_explains_itself(path):
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="st"), attr=how), args=[text, *_]):
                said = _constants(text)
                known = AS_THEY_ARE.get(path.name)
                if how in PUT_UP and not (known and said.startswith(known)):
                    assert marked(said) == said, f"line {node.lineno}: call term_notes.{how}"


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("pages/*.py"), *ROOT.glob("ui/**/*.py")]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_label_that_holds_a_term_has_its_note_beside_it(path):
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr=how), args=[label, *_], keywords=more) if how in LABELLED:
                is_explained = {"help", None} & {one.arg for one in more}  # None: ** with it
                assert is_explained or not note_in(_constants(label)), (
                    f"line {node.lineno}: say help=note_in(...)"
                )
