"""Every page, with something on it: by axe-core, WCAG's rules and what else it knows; and by its terms."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from sqlalchemy import URL

from core.ink.preprocessing import from_strokes
from core.models import networks
from core.records import Imported, Metric, Snapshot
from core.storage import drawings, room_drawings, rooms, states, sweeps
from core.storage.store import Store
from core.training import recipes, search
from tests import shapes
from tests.browser.axe import AXE
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.inside import all_maps, flow_map
from tests.browser.pen import CANVAS, draw
from tests.browser.server import serve
from tests.browser.terms import unexplained
from tests.unit import training_states
from ui import visits

# Of Streamlit's own parts: the drop zone beside each upload button is marked as decoration and has a label.
THEIRS = {"presentation-role-conflict"}
TOKEN = "0123456789abcdef" * 2  # in the browser's cookie
ME = visits.name_of(TOKEN)

# address, what shows that the page is there
PAGES = {
    "map_of_digits": ".stAlert",  # before anything is drawn, which a tab keeps: the map would be made
    "why": ".dl-says",
    "fool": ".dl-threes",
    "break_it": ".dl-bears",
    "": ".dl-rows",
    "my_digits": "text=Choose all of this page",
    "look_inside": "canvas",
    "look_inside?of=images": ".flow-column",  # where layers are alike
    "own_classes": ".st-key-own-begin",
    "train?run=NUMBER": "text=training images seen",
    "train?": ".dl-diagram",  # before anything is trained in this visit
    "train?run=IMPORTED": "h2:has-text('brought')",
    "runs": "[data-testid=stDataFrame]",
    "mistakes?run=NUMBER": ".heatmaplayer",
    "data": ".grid",
    "pictures": "[data-testid=stFileUploader]",
    "convolution": ".walk",
    "pooling": ".walk",
    "tutorials": "h3",
    "lessons": ".st-key-lesson-cards",
    "lessons?lesson=neuron&step=2": ".neuron .play",
    "lessons?lesson=backpropagation&step=5": ".heat",
    "about": "h2",
    "class": ".dl-code",
    "join?code=CODE": ".st-key-next",
    "wall?code=CODE": ".dl-wall-grid button",
}


def _as_it_is(page):
    pass


def _read(page):
    draw(page, _strokes(page, 7))
    expect(page.locator(".st-key-prediction .dl-winner")).to_be_visible()
    seven = page.get_by_role("meter", name="digit 7")
    expect(seven).to_have_attribute("aria-valuetext", seven.inner_text().split()[-1])
    assert float(seven.get_attribute("aria-valuenow")) > 50


def _taken_back(page):
    """By keyboard, until there is nothing to take back: the focus keeps its place, and presses nothing else."""
    undo, redo = (page.locator(f".st-key-{key} button") for key in ("undo", "redo"))
    undo.press("Enter")
    expect(undo).to_be_disabled()
    expect(page.locator(".st-key-undo :focus")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(redo).to_be_focused()
    expect(redo).to_be_enabled()
    expect(page.get_by_role("meter", name="digit 7")).to_have_attribute("aria-valuenow", "0.0")


def _refused(page):
    draw(page, _strokes(page, "A"))
    expect(page.locator(".dl-rows.dl-dim")).to_be_visible()
    expect(page.locator(".dl-words")).not_to_be_empty()


def _numbered(page):
    page.keyboard.press("Delete")
    draw(
        page,
        [stroke * 0.45 + [110 * n, 60] for n, what in enumerate((4, 2)) for stroke in _strokes(page, what)],
    )
    expect(page.locator(".dl-boxes")).to_be_visible()


def _coloured(page):
    page.keyboard.press("Delete")
    draw(page, _strokes(page, 7))
    page.get_by_text("Show which ink decides").click()
    expect(page.locator(".dl-fact")).to_contain_text("square")


def _collected(page):
    """A digit is kept, and it is said which one to draw next."""
    page.get_by_text("Tell me what to draw next").click()
    page.locator(".st-key-teach-keep button").click()
    expect(page.get_by_text("(1 kept)")).to_be_visible()
    expect(page.locator(".st-key-teach-keep button")).to_be_disabled()


def _convolved(page):
    """The sum that made a number of a map, its numbers on colours."""
    draw(page, _strokes(page, 3))
    all_maps(page)
    page.locator(".net .frame").first.click(position={"x": 20, "y": 8})
    expect(page.locator(".inspector .cells span").first).to_be_visible()
    expect(page.locator(".inspector .sum")).to_have_css("opacity", "1")  # what fades in is paler meanwhile


def _flowing(page):
    """From left to right, with a map's lines lit, its panel open and its window run."""
    draw(page, _strokes(page, 3))
    flow_map(page, 1, 3).click()
    page.locator(".flow-run .flow-play").click()
    expect(page.locator(".flow-run-words")).to_be_visible()
    page.locator(".flow-run .flow-play").click()
    expect(page.locator(".inspector .sum")).to_have_css("opacity", "1")
    flow_map(page, 8, 3).focus()
    page.wait_for_timeout(300)  # what is dimmed fades


def _summed(page):
    """That of a dense layer, as a table."""
    page.locator(".net .frame:visible").last.click(position={"x": 20, "y": 8})
    expect(page.locator(".inspector table")).to_be_visible()
    expect(page.locator(".inspector .sum")).to_have_css("opacity", "1")


def _asked(page):
    draw(page, _strokes(page, 3))
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)  # what is below moves no more
    page.locator(".st-key-decided-all label").click()
    expect(page.locator(".dl-whys figure")).to_have_count(4)


def _emptied(page):
    page.locator(".st-key-clear button").click()
    expect(page.get_by_text("it looks at a test digit: a 7")).to_be_visible()


def _edited(page):
    """A layer of the network is focused, which says what it does; then the choice of another is open."""
    page.locator(".editor .name").first.focus()
    expect(page.locator(".editor .note").first).to_be_visible()
    page.locator(".editor .add").nth(2).click()
    expect(page.locator(".editor .menu")).to_be_visible()


def _mapped(page):
    page.get_by_role("radio", name="Star map").click()
    page.locator(".dl-class-map canvas[data-drawings='10']").wait_for()


def _replayed(page):
    page.get_by_role("radio", name="Replay").click()
    expect(page.locator(".dl-replay .dl-wall-grid canvas")).to_have_count(10)


def _learnt(page):
    """How it learnt is looked back on; then the button that is pointed at."""
    expect(page.locator(".learning .health th").first).to_have_text("layer")
    page.locator(".st-key-train button").hover()


STATES = {
    "wall?code=CODE": [_as_it_is, _mapped, _replayed],
    "train?run=NUMBER": [_learnt, _edited],
    "why": [_as_it_is, _asked, _emptied],
    "": [_read, _taken_back, _refused, _numbered, _coloured, _collected],
    "look_inside": [_flowing, _convolved, _summed],
}


def _strokes(page, what):
    scale = page.locator(CANVAS).bounding_box()["width"] / 328
    return [stroke * scale for stroke in shapes.strokes(what)]


def _faults(page):
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    expect(page.locator("[data-stale=true]")).to_have_count(0)  # paler, until they have been said anew
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return unexplained(page) + [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        if rule["id"] not in THEIRS
        for node in rule["nodes"]
    ]


def _another_run(store):
    """Of another rate, which has ended with an error."""
    config = replace(recipes.RECIPES["quick"].config, learning_rate=0.1)
    number = store.add(config, name="another", visitor=ME)
    token = store.claim(number, "test", "this computer's 2 cores")
    for n in range(1, 4):
        store.add_metric(
            number, Metric(n * 10_000, n / 5, n / 2, 0.2, 2.2, 0.2, 2.2, whole=True), 20_000, token=token
        )
    store.end(number, "failed", "It was a test.", token=token)


def _from_a_file(store, network):
    number = store.add(Imported(network.layers, "mnist"), name="brought", visitor=ME)
    token = store.claim(number, "test", "this computer's 2 cores")
    store.finish(number, network, b"", None, test_accuracy=0.985, test_loss=0.05, status="done", token=token)
    return number


def _stopped_sweep(store, config):
    axes = (search.parse("learning_rate", "0.001, 0.01"), search.parse("batch_size", "32, 64"))
    sweeps.stop(store, sweeps.add(store, config, search.Plan(axes), name="Rates", visitor=ME))


@pytest.fixture(scope="module")
def filled_url(tmp_path_factory, classifier):
    """The app with a finished training, a failed one, one from a file, a sweep, labelled digits, a class."""
    home = tmp_path_factory.mktemp("home")
    store = Store(URL.create("sqlite", database=str(home / "digit-lab.db")).render_as_string())
    recipe, network = recipes.RECIPES["quick"], networks.shipped("first-conv-best")
    imported = _from_a_file(store, network)
    number = store.add(recipe.config, name=recipe.title, visitor=ME, recipe="quick")
    token = store.claim(number, "test", "this computer's 2 cores")
    for n in range(1, 6):
        metric = Metric(n * 10_000, n / 5, n / 2, 0.8, 0.6, 0.85, 0.5, whole=n == 5)
        store.add_metric(number, metric, 20_000, token=token)
    confusion = tuple(tuple(900 if row == column else 3 for column in range(10)) for row in range(10))
    store.set_snapshot(number, Snapshot(1, confusion, ((5, 2, 7, 0.9),)), token=token)
    states.set_probe(store, number, training_states.PROBE, token=token)
    for step in range(3):
        states.add(store, number, training_states.state(step), token=token)
    _another_run(store)
    _stopped_sweep(store, recipe.config)
    store.finish(number, network, b"", None, test_accuracy=0.985, status="done", token=token)
    for label in range(10):
        image = from_strokes(shapes.strokes(label))
        drawings.add(store, drawings.labelled(label, image, None, ME))
    room, _ = rooms.start(store.of(ME))
    rooms.join(store.of(ME), room.code)
    for label in range(10):
        pixels = drawings.as_bytes(from_strokes(shapes.strokes(label)).pixels)
        room_drawings.add(store.of(ME), room.id, label=label, pixels=pixels, strokes="")
    with serve(variables={"DIGIT_LAB_HOME": str(home)}) as (url, _):
        yield url, {"NUMBER": number, "IMPORTED": imported, "CODE": room.code}


@pytest.mark.timeout(300)  # fourteen pages, some in several states
@pytest.mark.parametrize(("screen", "scheme"), [(DESKTOP, "dark"), (PHONE, "light")], ids=["desktop", "phone"])
def test_every_page_by_axe(browser, filled_url, screen, scheme):
    url, numbers = filled_url
    faults, titles = [], set()
    with browser.new_context(**screen, color_scheme=scheme) as context:
        context.add_cookies([{"name": "digit_lab_guest", "value": TOKEN, "url": url}])
        page = context.new_page()
        for address, shows in PAGES.items():
            named = re.sub("[A-Z]{4,}", lambda name: str(numbers[name[0]]), address)
            page.goto(f"{url}/{named}")
            page.locator(shows).first.wait_for(timeout=60_000)
            page.evaluate(AXE)
            for state in STATES.get(address, [_as_it_is]):
                state(page)
                faults += [f"{address or 'draw'}, {state.__name__}: {fault}" for fault in _faults(page)]
            titles.add(page.title())
            assert page.locator("h1").count() == 1, address
    assert not faults, "\n".join(faults)
    # Each page has its own title; /pictures is Draw's other side, and three pages have several addresses.
    assert len(titles) == len(PAGES) - 6


LIT = """[...document.querySelectorAll(".st-key-KEY .scatterlayer .trace")]
    .filter((trace) => trace.style.opacity !== "0.13").map((trace) => trace.__data__[0].trace.meta)"""


def test_the_run_of_a_row_or_line_is_lit_up_in_both_charts(browser, filled_url):
    """By pointing at its row or its line, and by keyboard; then all are as before."""
    url, numbers = filled_url
    number = numbers["NUMBER"]

    def lit(*numbers):
        for key in ("compare", "settings"):
            page.wait_for_function(f"({LIT.replace('KEY', key)}).join() === '{','.join(map(str, numbers))}'")

    with browser.new_context(**DESKTOP) as context:
        context.add_cookies([{"name": "digit_lab_guest", "value": TOKEN, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/runs")
        table = page.locator(".st-key-runs canvas").first
        table.wait_for()
        page.wait_for_timeout(1000)
        table.scroll_into_view_if_needed()
        x, y = (table.bounding_box()[axis] for axis in "xy")
        for row in (1, 2):  # the header is 35 pixels high, as each row
            page.mouse.click(x + 16, y + 35 * row + 17)
            expect(page.locator(".st-key-compare .scatterlayer .trace")).to_have_count(row)
        other = number + 1
        page.locator(".st-key-settings .trace").nth(1).wait_for()
        page.mouse.move(x + 200, y + 35 + 17)
        lit(other)
        page.mouse.move(5, 5)
        lit(other, number)
        page.mouse.click(x + 200, y + 35 + 17)
        page.mouse.move(5, 5)
        page.keyboard.press("ArrowDown")
        lit(number)
        page.locator(".st-key-settings .trace .point").first.hover(force=True)  # its surface lies on it
        lit(other)
