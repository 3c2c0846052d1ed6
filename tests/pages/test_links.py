"""Addresses: what is set up on a page is in its address, which opens the same; what cannot be is said."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import dreams, evaluation
from core.analysis.distortions import DISTORTIONS
from core.data.datasets import KINDS
from core.nn import damage
from core.records import Metric
from core.storage import chosen_networks, drawings
from core.storage.store import open_store
from core.training import configs
from core.training.recipes import RECIPES
from tests import stored_drawings
from tests.pages.addresses import ADDRESSES, CODE
from tests.pages.opened import told
from ui.figures import dataset_figures, metric_figures
from ui.sections import attribution_panel, run_curves, run_table, runs_tools
from ui.state import keys, link_options, links, visitor

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("by_the_navigation")


def opened(which: str, **address: str) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in address.items():
        at.query_params[name.replace("_", "-")] = value
    return run(at.switch_page(f"pages/{which}.py"))


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def address(at: AppTest) -> dict[str, str]:
    return {name: value[-1] if isinstance(value, list) else value for name, value in at.query_params.items()}


def problems(at: AppTest) -> list[str]:
    return [one.value for one in at.info if "This link" in one.value]


@pytest.mark.parametrize(("page", "asked"), ADDRESSES, ids=[page for page, _ in ADDRESSES])
def test_an_address_opens_what_it_says_and_stays(page, asked):
    at = opened(page, **asked)
    assert problems(at) == []
    as_read = {field.name: field.read for field in links.FIELDS[page]}
    for field in links.FIELDS[page]:
        if field.name in asked and not field.put and not field.get:
            assert at.session_state[field.key] == as_read[field.name](asked[field.name]), field.name
    shown = {name: value for name, value in asked.items() if value not in ("5-x-5-example", "8-x-8-zero")}
    assert shown.items() <= address(at).items()
    run(at)
    assert shown.items() <= address(at).items()


@pytest.mark.parametrize("page", links.FIELDS)
def test_a_page_as_it_is_at_first_has_no_parameters(page):
    chosen_by_the_page = {"lesson", "board"}  # by what its visitor has done before
    assert set(address(opened(page))) <= chosen_by_the_page


def test_every_parameter_has_a_name_and_a_key_of_its_own_on_its_page():
    for page, fields in links.FIELDS.items():
        for names in ([f.name for f in fields], [f.key for f in fields]):
            assert len(set(names)) == len(names), page
    assert {page for page, _ in ADDRESSES} == set(links.FIELDS)
    tried = {(page, name) for page, asked in ADDRESSES for name in asked}
    assert {name for page, name in tried} >= {"of", "broken", "dream", "held", "asked", "sure"}


def test_what_an_address_names_is_what_its_page_offers():
    assert (attribution_panel.ALL, *attribution_panel.METHODS) == link_options.METHODS
    assert tuple(DISTORTIONS) == link_options.DAMAGES
    assert tuple(dreams.REGULARISERS) == link_options.REGULARISERS
    assert tuple(evaluation.ORDERS) == link_options.ORDERS
    assert tuple(run_table.ORDERS) == link_options.RUN_ORDERS
    assert ("", *runs_tools.GROUPS) == link_options.RUN_GROUPS
    assert tuple(run_table.COLUMNS[2:]) == link_options.RUN_COLUMNS
    assert tuple(run_curves.COMPARED) == link_options.COMPARED
    assert tuple(dataset_figures.SCALES) == link_options.SCALES
    views = next(field for field in links.FIELDS["mistakes"] if field.name == "matrix")
    assert [views.read(views.write(name)) for name in metric_figures.VIEWS] == list(metric_figures.VIEWS)


def test_a_small_letter_is_not_its_capital():
    for page, name in (("mistakes", "true"), ("mistakes", "read"), ("data", "class")):
        (field,) = (field for field in links.FIELDS[page] if field.name == name)
        written = [field.write(one) for one in KINDS["emnist-balanced"].names]
        assert len(set(written)) == 47
        assert [field.read(text) for text in written] == [*KINDS["emnist-balanced"].names]
        assert field.read("a") == "A"


def test_the_network_that_was_broken_is_broken_again_and_undo_mends_it():
    at = opened("break_it", broken="prune:99;bits:4")
    shown = re.sub("</?a[^>]*>", "", " ".join(part.proto.body for part in at.get("html")))  # a term is a link
    assert "<b>99%</b><small>of its weights are 0" in shown
    at.button(key="break-undo").click()
    run(at)
    assert "broken" not in address(at)
    prune = next(one for one in at.slider if one.label == "Prune the smallest weights")
    prune.set_value(20)
    run(at)
    assert address(at)["broken"] == "prune:20"


def test_the_runs_that_were_ticked_are_ticked_again():
    store = visitor.store()
    numbers = [store.add(RECIPES["quick"].config, name=f"number {n}", recipe="quick") for n in range(3)]
    try:
        at = opened("runs", runs=".".join(map(str, numbers[:2])))
        assert problems(at) == []
        assert sorted(at.session_state[keys.RUNS_TICKED]) == numbers[:2]
        assert sorted(map(int, address(at)["runs"].split("."))) == numbers[:2]
    finally:
        for number in numbers:
            store.delete(number)
    assert "there is no run" in problems(opened("runs", runs=str(numbers[0])))[0]


def test_a_run_of_one_epoch_and_one_of_three_are_compared_at_all_their_points():
    store = open_store()
    config, whose = RECIPES["quick"].config, visitor.name()
    numbers = [store.add(config, name=f"{n} epochs", recipe="quick", visitor=whose) for n in (1, 3)]
    try:
        for number, epochs in zip(numbers, (1, 3), strict=True):
            assert store.claim(number, "test", "CPU")
            for n in range(1, 2 * epochs + 1):  # a sample in the middle of each, and the whole at its end
                point = Metric(1000 * n, n / 2, n, 0.5, 1.0, 0.1 * n, 1.0, whole=n % 2 == 0)
                store.add_metric(number, point, 1.0)
        at = opened("runs", runs=".".join(map(str, numbers)))
        data = [json.loads(part.proto.json) for part in at.get("bidi_component") if part.proto.json]
        (figure,) = (
            json.loads(one["figure"]) for one in data if "validation accuracy" in one.get("figure", "")
        )
        drawn = [trace["marker"]["size"] for trace in figure["data"]]
        assert sorted(drawn, key=len) == [[3, 6], [3, 6] * 3]
    finally:
        for number in numbers:
            store.delete(number)


DAMAGED = """
import random
import streamlit as st
from core.ink.files import BadInput
from ui.state import links
from tests.pages.addresses import ADDRESSES
said = {name: value for _, asked in ADDRESSES for name, value in asked.items()}
faults = []
for page, fields in links.FIELDS.items():
    for field in fields:
        rng = random.Random(field.name)
        for _ in range(12):
            text = list(said.get(field.name, "1-2"))
            for _ in range(rng.randint(1, 3)):
                text[rng.randrange(len(text)):] = rng.choice(["-", "9", ".", "", "x", "²", "{", "1e400", "%00"])
                text = text or ["0"]
            text = "".join(text)
            try:
                value = field.read(text)
                if value != field.default:
                    field.take(value)
                    field.write(value)
            except BadInput as error:
                if not 0 < len(str(error)) < 400:
                    faults.append((page, field.name, text, str(error)))
            except Exception as error:
                faults.append((page, field.name, text, repr(error)))
st.session_state["faults"] = faults
"""


def test_damaged_parameters_are_taken_or_refused_in_half_a_sentence():
    at = run(AppTest.from_string(DAMAGED, default_timeout=60))
    assert at.session_state["faults"] == []


# -- what cannot be


@pytest.mark.parametrize(
    ("page", "name", "value", "why"),
    [
        ("draw", "network", "99", "there is no such network, or it is somebody else's"),
        ("draw", "network", "cifar-small", "it reads other pictures"),
        ("draw", "network", "../../x", "accepted are a run's number, or the name of a network that comes"),
        ("draw", "network", "9" * 5000, "accepted are a run's number"),
        ("draw", "by", "telepathy", "accepted are draw, picture, camera"),
        ("draw", "drawing", "AAAA", "it is damaged or no drawing: expected what 'Copy link' has made"),
        ("look_inside", "digit", "40000", "accepted are whole numbers from 0 to 39,999"),
        ("look_inside", "digit", "١٢", "accepted are whole numbers from 0 to 39,999"),
        ("look_inside", "map", "1-999", "layer 1 of this network has"),
        ("look_inside", "map", "88-1", "layer 88 of this network has no maps to look at"),
        ("break_it", "broken", "off:conv2d_1:999", "conv2d_1 of this network has"),
        ("look_inside", "moment", "12", "no such moment of this network's training is kept"),
        ("fool", "dream", "conv2d_1-999", "conv2d_1 of this network ends at"),
        ("mistakes", "sure", "90-20", "expected two percents, such as 20-90"),
        ("runs", "sweep", "12", "there is no such sweep, or it is somebody else's"),
        ("fool", "budget", "nan", "accepted are numbers from 0 to 0.5"),
        ("convolution", "numbers", "1,2;3", "expected as many rows as columns, 1 to 7"),
        ("convolution", "stride", "0", "accepted are 1, 2, 3"),
        ("tutorials", "lesson", "nonsense", "accepted are first"),
        ("train", "recipe", "digit-lab", "there is no such recipe; one is"),
        ("train", "changes", "[[[[", "expected settings as JSON"),
        ("train", "changes", '{"fine_tuning":{"base":0,"visitor":"x","until":9}}', "there is no setting"),
        ("train", "changes", '{"data":"hand"}', "somebody's own drawings are in no link"),
        ("train", "changes", '{"epochs":100000}', "The epochs is 100000, but has to lie between 1 and 600"),
        ("train", "changes", '{"layers":[{"kind":"Lambda"}]}', "unknown layer 'Lambda'"),
        ("train", "changes", '{"augmentation":{"rotation":"x"}}', "The rotation 'x' is not a number"),
        ("train", "changes", '{"seed":' + "1" * 4100 + "}", "4,000 are the most"),
    ],
)
def test_what_cannot_be_gets_one_sentence_and_the_page_is_there_as_it_always_is(page, name, value, why):
    at = opened(page, **{name: value})
    (said,) = problems(at)
    assert said.startswith(f"This link could not set {name} “")
    assert plain_words(why) in plain_words(said)
    assert len(said) < 400
    assert name not in address(at) or address(at)[name] != value
    assert any("<h1>" in part.proto.body for part in at.get("html"))


def plain_words(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def test_the_rest_of_a_link_is_taken_and_the_sentence_can_be_closed():
    at = opened("look_inside", **{"digit": "7", "from": "test-digit", "map": "x"})
    assert problems(at)[0].endswith("and the rest of it was taken.")
    assert at.session_state[keys.INSIDE_NUMBER] == 7
    run(at)
    assert len(problems(at)) == 1  # it stays until it is closed
    at.button(key="link-problem-close").click()
    assert problems(run(at)) == []


def test_what_is_written_into_a_sentence_is_letters():
    (said,) = problems(opened("draw", by="![](http://evil) <b>"))
    assert "![](" not in said


def test_a_whole_number_in_a_link_is_taken_where_the_form_has_decimal_ones():
    at = opened("train", changes='{"learning_rate":1,"label_smoothing":0,"attack_budget":0}')
    assert problems(at) == []
    assert json.loads(address(at)["changes"])["learning_rate"] == 1


# -- a drawing


def strokes(at: AppTest) -> int:
    history, place = at.session_state[keys.CANVAS_HISTORY], at.session_state[keys.CANVAS_PLACE]
    return len(history[place].objects())


def test_the_drawing_of_a_link_is_read_and_undo_goes_back():
    at = opened("draw", drawing=CODE)
    assert strokes(at) == 1
    at.button(key="undo").click()
    assert strokes(run(at)) == 0
    assert "drawing" not in address(at)  # it is not what is drawn now
    at.button(key="redo").click()
    assert strokes(run(at)) == 1


def test_the_drawing_that_the_tab_had_lies_below_that_of_a_link(monkeypatch):
    from ui.components import canvas, live  # noqa: PLC0415

    own = {"strokes": [[[10, 10], [300, 300]], [[300, 10], [10, 300]]], "brushes": [20, 20], "canvas": 560}

    at = opened("draw", drawing=CODE)
    # As the browser does in a callback, before the page is run again: see live/bars.js.
    monkeypatch.setattr(live, "begin", lambda classifiers: canvas.bring_back(own))
    run(at)
    assert strokes(at) == 1
    at.button(key="undo").click()
    assert strokes(run(at)) == 2
    assert "drawing" not in address(at)


def test_a_copied_link_holds_the_drawing_and_what_is_set_up():
    at = opened("why", network="first-conv-best", drawing=CODE)
    at.session_state["link-menu"] = True
    run(at)
    assert told(at, "query")["query"] == f"network=first-conv-best&drawing={CODE}"


# -- whose choice counts


def test_a_link_does_not_replace_the_network_that_was_chosen_before(monkeypatch):
    chosen_networks.keep(visitor.store(), visitor.name(), keys.NETWORK, -2)
    try:
        assert opened("draw", network="digit-lab").session_state[keys.NETWORK] == 0
        assert address(opened("draw"))["network"] == "first-conv-best"
    finally:
        chosen_networks.keep(visitor.store(), visitor.name(), keys.NETWORK, 0)


@pytest.fixture
def reads_with_another(monkeypatch, tmp_path):
    """Somebody whose drawings another network reads since an earlier visit."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    chosen_networks.keep(visitor.store(), visitor.name(), keys.NETWORK, -2)
    drawings.add_many(open_store(), [stored_drawings.some(digit, visitor.name()) for digit in (4, 5)])


@pytest.mark.parametrize(
    ("page", "shown", "filtered"),
    [("mistakes", keys.MISTAKES_NETWORK, {"true": "4"}), ("my_digits", keys.DIGITS_NETWORK, {"digit": "4"})],
)
def test_a_reload_shows_the_same_network(reads_with_another, page, shown, filtered):
    first = opened(page)
    assert first.session_state[shown] == -2
    again = opened(page, **address(first), **filtered)
    assert again.session_state[shown] == -2
    assert address(again) == {"network": "first-conv-best", **filtered}
    # And of somebody who has chosen none it is the one that comes with the app, whoever opens it.
    assert opened(page, **filtered).session_state[shown] == 0


@pytest.mark.parametrize(("page", "asked"), [("runs", {"board": "mnist"}), ("data", {"number": "12"})])
def test_a_link_that_says_nothing_of_networks_leaves_the_one_that_reads(reads_with_another, page, asked):
    at = opened(page, **asked)
    assert address(run(at.switch_page("pages/draw.py")))["network"] == "first-conv-best"


def test_going_back_brings_back_what_was_set_up_and_a_late_address_does_not(monkeypatch):
    at = opened("look_inside", **{"from": "test-digit", "digit": "7"})
    at.session_state[keys.INSIDE_NUMBER] = 9
    run(at)
    assert address(at)["digit"] == "9"
    at.query_params["digit"] = "7"  # a browser that has not heard of it yet
    run(at)
    assert (at.session_state[keys.INSIDE_NUMBER], address(at)["digit"]) == (9, "9")
    monkeypatch.setattr(links, "get_script_run_ctx", lambda: SimpleNamespace(is_history_navigation=True))
    at.query_params["digit"] = "7"
    run(at)
    assert (at.session_state[keys.INSIDE_NUMBER], address(at)["digit"]) == (7, "7")
    del at.query_params["digit"]
    run(at)
    assert at.session_state[keys.INSIDE_NUMBER] == 0


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        ("mistakes", "network", "first-conv-best"),
        ("mistakes", "number", "321"),
        ("break_it", "curve", "prune"),
        ("my_digits", "network", "first-conv-best"),
        ("my_digits", "digit", "4"),
    ],
)
def test_going_back_to_where_nothing_was_chosen_leaves_what_was_chosen_since(
    monkeypatch, tmp_path, page, name, value
):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    drawings.add_many(open_store(), [stored_drawings.some(digit, visitor.name()) for digit in (4, 5)])
    at = opened(page, **{name: value})
    assert address(at)[name] == value
    monkeypatch.setattr(links, "get_script_run_ctx", lambda: SimpleNamespace(is_history_navigation=True))
    del at.query_params[name]
    assert name not in address(run(at))
    assert name not in address(run(at))


def test_going_back_shows_the_run_that_was_shown_before(monkeypatch):
    at = opened("train", run="7")
    at.session_state[keys.RUN] = 8  # as 'Again with another seed' does
    assert address(run(at))["run"] == "8"
    monkeypatch.setattr(links, "get_script_run_ctx", lambda: SimpleNamespace(is_history_navigation=True))
    at.query_params["run"] = "7"
    assert address(run(at))["run"] == "7"
    assert at.session_state[keys.RUN] == 7


OF_ALL_PAGES = """
import streamlit as st
from ui.state import links
st.session_state["found"] = {page: links.of_page(page) for page in links.FIELDS}
"""


def test_other_pages_have_an_address_though_the_network_that_names_images_is_gone():
    at = AppTest.from_string(OF_ALL_PAGES)
    at.session_state[keys.SUBJECT], at.session_state[keys.IMAGES_NETWORK] = (
        "Images",
        99,
    )  # deleted in another tab
    at.session_state[keys.DECIDED_METHOD] = "Grad-CAM"
    at.session_state[keys.BREAK_PAST] = (("cifar-small", "0"), [damage.NONE, damage.Damage(prune=0.3)])
    found = run(at).session_state["found"]
    assert found["why"] == {"of": "images", "images-network": "99", "method": "grad-cam"}
    assert found["break_it"] == {"of": "images", "images-network": "99"}


def test_what_other_pages_and_secrets_have_put_there_is_left_alone_or_never_there():
    at = opened("train", run="7", key="secret")
    assert address(at)["run"] == "7"
    named = {field.key for fields in links.FIELDS.values() for field in fields}
    assert not named & {keys.VISITOR, keys.ROOM, keys.ROOM_SECRETS, keys.JOIN_ROOM, keys.OWN_SET}


def test_an_address_has_no_file_of_the_server_opened():
    given = {"data": "digit-lab", "layers": configs.to_json(RECIPES["digit-lab"].config)["layers"]}
    at = opened("train", changes=json.dumps({**given, "pen_digits": "/dev/zero"}))
    assert any("there is no setting 'pen_digits'" in problem for problem in problems(at))
    assert at.session_state[keys.CONFIG] == RECIPES["quick"].config
