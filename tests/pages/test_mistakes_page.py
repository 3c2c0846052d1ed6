"""The Mistakes page without a browser; its run is a real one in a real store."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import evaluation, evaluation_sets
from core.analysis.evaluation import Choice
from core.data import datasets
from core.models import classifiers, networks, registry
from core.nn.activations import softmax
from core.records import DigitImage, Labelled
from core.storage.store import open_store
from core.training.recipes import RECIPES
from tests.pages.opened import answer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def logits(tutorials_classifier):
    return tutorials_classifier.logits(datasets.mnist().x_test.astype(np.float32) / 255)


def finished(probabilities: np.ndarray, data: str = "mnist", version: str = "") -> int:
    """A run that has left the first tutorial's network, and said that of its data set's test images."""
    store = open_store()
    config = replace(RECIPES["first-conv-best"].config, data=data)
    number = store.add(config, name="best", recipe="first-conv-best")
    assert store.claim(number, "test", "CPU")
    network = networks.shipped("first-conv-best")
    store.finish(number, network, b"", probabilities, version=version, test_accuracy=0.99, status="done")
    return number


@pytest.fixture(scope="module")
def run(logits):
    return finished(softmax(logits))


@pytest.fixture(scope="module")
def expected(logits):
    return evaluation.evaluate(softmax(logits), datasets.mnist().y_test, evaluation_sets.DIGITS)


def page(**state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for key, value in state.items():
        at.session_state[f"mistakes-{key}"] = value
    at.session_state["reader"] = 0  # whatever was chosen in another test
    return at.switch_page("pages/mistakes.py").run()


def shown(at: AppTest) -> list[int]:
    """The numbers in the first gallery."""
    found = [json.loads(part.proto.json) for part in at.get("bidi_component") if '"sheet"' in part.proto.json]
    return [item["number"] for item in found[0]["items"]] if found else []


def html(at: AppTest, kind: str) -> str:
    return next(part.proto.body for part in at.get("html") if f'class="{kind}' in part.proto.body)


def test_a_finished_run_opens_with_its_surest_mistakes(run, expected):
    at = page(network=run)
    assert not at.exception
    wrong = int((expected.predicted != expected.labels).sum())
    facts = re.findall(r"<b>(.*?)</b>", html(at, "dl-facts"))
    assert facts[0] == f"{1 - wrong / 10_000:.2%}"
    assert facts[2] == f"{wrong} of 10,000"
    low, high = evaluation.interval(10_000 - wrong, 10_000)
    assert facts[1] == f"{low:.2%} to {high:.2%}"
    assert shown(at) == evaluation.select(expected, Choice())[:20].tolist()
    assert f"**{wrong} mistakes**" in [m.value for m in at.markdown]


def test_filters_sorting_and_pages(run, expected):
    at = page(network=run)
    at.selectbox(key="mistakes-true").set_value("4").run()
    assert shown(at) == evaluation.select(expected, Choice(true=4))[:20].tolist()
    at.selectbox(key="mistakes-read").set_value("9").run()
    assert shown(at) == evaluation.select(expected, Choice(true=4, predicted=9))[:20].tolist()
    at.button(key="mistakes-reset").click().run()
    at.segmented_control(key="mistakes-kind").set_value("Read rightly").run()
    assert at.selectbox(key="mistakes-order").value == "least sure first"
    hardest = evaluation.select(expected, Choice("Read rightly", "least sure first"))
    assert shown(at) == hardest[:20].tolist()
    at.button(key="mistakes-page-next").click().run()
    assert shown(at) == hardest[20:40].tolist()
    at.slider(key="mistakes-sure").set_value((50, 60)).run()
    assert (
        shown(at)
        == evaluation.select(
            expected, Choice("Read rightly", "least sure first", min_confidence=0.5, max_confidence=0.6)
        )[:20].tolist()
    )
    assert not at.exception


def test_no_digit_fits(run):
    at = page(network=run)
    at.selectbox(key="mistakes-true").set_value("4")
    at.selectbox(key="mistakes-read").set_value("4").run()
    assert not at.exception
    assert shown(at) == []
    assert any("Choose other filters" in c.value for c in at.caption)


def test_the_chosen_one_is_shown_and_a_doubtful_label_is_told(run):
    at = page(network=run, kind="Doubtful labels", number=947)
    assert not at.exception
    assert "Test digit 947" in html(at, "dl-said")
    assert '<b class="dl-true">true 8</b>, read as ' in html(at, "dl-said")
    (warning,) = at.warning
    assert "0 chose 8, 5 chose 9, 0 neither" in warning.value


def test_it_is_put_on_the_canvas_and_read_by_the_same_network(run):
    at = page(network=run, kind="All", order="by number", number=0)
    at.button(key="mistakes-repair").click().run()
    assert not at.exception
    assert at.session_state["reader"] == run
    (read,) = answer(at)["answers"]
    assert read["digit"] == 7
    at.switch_page("pages/draw.py").run()  # where the browser already is
    at.button(key="undo").click().run()
    assert answer(at)["answers"] == [None]


def test_tracing_alone_changes_no_answer_and_it_is_said_what_came_from_where(run, caplog):
    at = page(network=run, kind="All", order="by number", number=8)
    at.button(key="mistakes-repair").click().run()
    (read,) = answer(at)["answers"]
    picture = DigitImage(datasets.mnist().x_test[8].astype(np.float32) / 255)
    original = registry.classifier(run).predict(picture).probabilities
    assert read["probabilities"] == pytest.approx(original, abs=1e-6)
    assert "Test digit 8, from Mistakes, on the canvas as pen strokes." in captions(at)
    shown = " ".join(part.proto.body for part in at.get("html"))
    assert "dl-original" in shown
    assert "How your ink became that picture" not in shown  # it is no ink of theirs: no heading over nothing
    at.switch_page("pages/draw.py").run()
    at.button(key="undo").click().run()
    assert "from Mistakes" not in captions(at)
    assert "Session State API" not in caplog.text


def captions(at) -> str:
    return " ".join(part.value for part in at.caption).replace("\\", "")


def test_it_is_opened_in_look_inside(run):
    at = page(network=run, kind="All", order="by number", number=3)
    at.button(key="mistakes-look").click().run()
    assert not at.exception
    assert at.session_state["reader"] == run
    assert at.session_state["inside-number"] == 3
    assert "Test digit 3, a 0" in html(at, "dl-thumb dl-looked")


def test_training_images_are_a_set_of_their_own(monkeypatch):
    """A thousand of them, read by the shipped network; nothing of the test set's is said of them."""
    data = datasets.mnist()
    few = Labelled(data.x_train[:1000], data.y_train[:1000], evaluation_sets.DIGITS, "a thousand")
    monkeypatch.setitem(evaluation_sets.SETS, evaluation_sets.TRAINING, lambda visitor: few)
    at = page(network=0, **{"set-mnist": evaluation_sets.TRAINING})
    assert not at.exception
    logits = classifiers.shipped().logits(few.images.astype(np.float32) / 255).astype(float)
    wrong = int((logits.argmax(1) != few.labels).sum())
    losses = -np.log(softmax(logits)[np.arange(1000), few.labels])
    facts = re.findall(
        r"<b>(.*?)</b>", next(p.proto.body for p in at.get("html") if "dl-facts" in p.proto.body)
    )
    assert facts[2] == f"{wrong} of 1,000"
    assert float(facts[4]) == pytest.approx(losses.mean(), abs=1e-3)
    assert any("may know by heart" in c.value for c in at.caption)


def test_two_networks_are_compared(run, expected):
    at = page(network=run)
    at.selectbox(key="mistakes-other").set_value(0).run()
    assert not at.exception
    data = evaluation_sets.SETS[evaluation_sets.TEST]("")
    probabilities = evaluation.answers(classifiers.shipped(), evaluation_sets.TEST, data).result(60)
    found = evaluation.compare(expected, evaluation.evaluate(probabilities, data.labels, data.classes))
    groups = at.segmented_control(key="mistakes-two-group")
    assert [o.content for o in groups.proto.options] == [
        f"Only the first: {len(found.first)}",
        f"Only the second: {len(found.second)}",
        f"Neither: {len(found.neither)}",
    ]
    said = next(m.value for m in at.markdown if "If they were equally good" in m.value)
    assert f"alone {len(found.second)};" in said
    assert any(f"p = {found.p:.3g}" in c.value for c in at.caption)


def test_answers_to_another_set_are_never_taken_for_those_to_this_one(run, expected):
    """Stored are those of EMNIST's 40,000 digits, all wrong here; MNIST's 10,000 are read anew."""
    nines = np.eye(10, dtype=np.float32)[np.full(40_000, 9)]
    number = finished(nines, "emnist-digits")
    at = page(network=number, kind="All", **{"set-emnist-digits": evaluation_sets.TEST})
    assert not at.exception
    wrong = int((expected.predicted != expected.labels).sum())
    assert re.findall(r"<b>(.*?)</b>", html(at, "dl-facts"))[2] == f"{wrong} of 10,000"
    # Look inside would show it EMNIST's digit of the same number.
    assert not [b for b in at.button if b.key == "mistakes-look"]
    at.selectbox(key="mistakes-other").set_value(run).run()
    assert not at.exception
    assert any("They get the same pictures right" in m.value for m in at.markdown)


def test_answers_to_files_that_were_replaced_since_are_not_shown(expected, monkeypatch):
    """As many images with the same labels: stored is that all are nines, of the files of before."""
    data, few = datasets.mnist(), slice(200)
    replaced = Labelled(data.x_test[few], data.y_test[few], evaluation_sets.DIGITS, "new")
    monkeypatch.setitem(evaluation_sets.SETS, evaluation_sets.TEST, lambda visitor: replaced)
    nines = np.eye(10, dtype=np.float32)[np.full(200, 9)]
    wrong = (int((expected.predicted != expected.labels)[few].sum()), int((data.y_test[few] != 9).sum()))
    for version, count in zip(("old", "new"), wrong, strict=True):
        at = page(network=finished(nines, version=version))
        assert not at.exception
        assert re.findall(r"<b>(.*?)</b>", html(at, "dl-facts"))[2] == f"{count} of 200"


def test_only_networks_with_the_same_classes_are_compared(run):
    clothes = finished(np.full((10_000, 10), 0.1, np.float32), "fashion-mnist")
    at = page(network=run)
    assert not at.exception
    assert any(f"run {clothes}:" in name for name in at.selectbox(key="mistakes-network").options)
    others = at.selectbox(key="mistakes-other").options
    assert not any(f"run {clothes}:" in name for name in others)
    assert "no other" in others


def test_an_address_may_name_the_run(run):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.query_params["run"] = str(run)
    at.switch_page("pages/mistakes.py").run()
    assert not at.exception
    assert at.selectbox(key="mistakes-network").value == run


def test_a_run_that_is_gone_gives_way_to_the_shipped_network(run):
    at = page(network=4711)
    assert not at.exception
    assert at.selectbox(key="mistakes-network").value == 0
    assert len(shown(at)) == 20


def test_answers_that_are_no_numbers_are_told():
    at = page(network=finished(np.full((10_000, 10), np.nan, np.float32)))
    assert not at.exception
    assert "not numbers" in at.info[0].value
    assert shown(at) == []


def test_pictures_in_colour_and_words_as_classes(monkeypatch):
    rng = np.random.default_rng(0)
    data = Labelled(rng.integers(0, 256, (4, 32, 32, 3), np.uint8), np.array([0, 1, 1, 0]), ("cat", "dog"))
    monkeypatch.setitem(evaluation_sets.SETS, evaluation_sets.TEST, lambda visitor: data)
    number = finished(np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]], np.float32))
    at = page(network=number)
    assert not at.exception
    assert shown(at) == [1]
    assert '<b class="dl-true">true dog</b>, read as cat, 80.0% sure' in html(at, "dl-said")
    assert 'class="dl-ink" style=";background:url(' in html(at, "dl-thumb")
    assert not [b for b in at.button if b.key == "mistakes-repair"]  # the canvas has room for digits


def _class_by_class(probabilities):
    import numpy as np  # noqa: PLC0415  # a script of its own

    from core.analysis import evaluation  # noqa: PLC0415
    from ui.sections import evaluation_metrics  # noqa: PLC0415

    found = evaluation.evaluate(np.array(probabilities), np.array([0, 1, 2]), ("a", "b", "c"))
    evaluation_metrics.class_by_class(found)


@pytest.mark.parametrize(
    ("probabilities", "mean", "is_told"),
    [
        ([[1.0, 0, 0], [1.0, 0, 0], [0, 0, 1.0]], (0.5 + 1) / 2, True),
        ([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]], 1.0, False),
    ],
)
def test_a_class_that_nothing_is_read_as_is_told_where_the_mean_leaves_it_out(probabilities, mean, is_told):
    at = AppTest.from_function(_class_by_class, args=(probabilities,)).run()
    assert not at.exception
    assert at.dataframe[0].value["precision"].iloc[-1] == mean
    assert any("of the others" in caption.value for caption in at.caption) == is_told
