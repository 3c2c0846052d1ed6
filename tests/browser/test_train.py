"""What people do on the Train page, in a real browser, with real trainings."""

import re
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from core.models import keras_import, networks
from core.worker import export, models
from tests import shapes
from tests.browser import pen
from tests.browser.conftest import DESKTOP, PHONE, visit
from tests.browser.doors import go

SECOND = 1000
LONG = 180 * SECOND  # the worker may still be starting, and other tests are at work


def open_train(page: Page, url: str) -> None:
    pen.open_page(page, url)
    go(page, "Train")
    page.locator(".st-key-train button").wait_for()


def start(page: Page) -> str:
    """Click Train, wait for a point of the curves, and return the run's number."""
    before = page.url
    page.locator(".st-key-train button").click()
    expect(page).not_to_have_url(before)
    page.locator(".st-key-curves .scatterlayer .trace").first.wait_for(timeout=LONG)
    return re.search(r"run=(\d+)", page.url).group(1)


def choose(page: Page, recipe: str) -> None:
    page.get_by_role("combobox", name="Start from").click()
    page.get_by_role("option", name=recipe).click()
    expect(page.get_by_role("option")).to_have_count(0)  # a list that closes takes the next click


# How often a canvas is drawn when a transition ends: of a digit on the wall, and of the view's own colour.
DRAWN = """() => {
  const roots = [...document.querySelectorAll("*")].map((element) => element.shadowRoot);
  const box = roots.map((root) => root?.querySelector(".learning")).find(Boolean);
  const pens = CanvasRenderingContext2D.prototype, clear = pens.clearRect;
  let count = 0;
  pens.clearRect = function (...place) { count += 1; return clear.apply(this, place); };
  const after = (element) => {
    element.dispatchEvent(new TransitionEvent("transitionend", { bubbles: true }));
    return count;
  };
  const counts = [after(box.querySelector(".wall i")), after(box)];
  pens.clearRect = clear;
  return counts;
}"""


def wind_back(page: Page) -> None:
    """Move the slider to where the training began, and on to its end, with the keyboard."""
    slider, number = page.locator(".learning .wind input"), page.locator(".learning .number")
    slider.focus()
    end = float(number.inner_text().removesuffix("%"))
    assert end > 90
    page.keyboard.press("Home")
    expect(page.locator(".learning .said")).to_have_text(re.compile("before the first step$"))
    assert float(number.inner_text().removesuffix("%")) < 40
    assert page.locator(".learning .wall .wrong").count() > 20
    note = page.locator(".learning figure", has_text="Your drawing").locator(".note")
    expect(note).to_have_text(re.compile(r"^Then it was read as \d, \d\d?\.\d%"))
    page.keyboard.press("End")
    expect(note).to_have_text(re.compile(r"^Then it was read as 3, (\d\d|100)\.\d%"))
    assert page.locator(".learning .wall .right").count() > 30
    assert float(page.locator(".learning").get_attribute("data-spent")) < 100  # milliseconds, all images
    of_a_digit, of_the_theme = page.evaluate(DRAWN)
    assert of_a_digit == 0
    assert 0 < of_the_theme <= 4  # each image once, however often the view was told something new


def test_a_drawing_is_reread_while_a_network_learns_and_then_reads_drawings(page, app_url):
    pen.open_page(page, app_url)
    pen.draw(page, shapes.strokes(3, 190, 75, 70))
    page.locator(".dl-winner").wait_for()
    go(page, "Train")
    page.locator(".st-key-train button").wait_for()
    start(page)
    expect(page.get_by_text("Your drawing, as it learns")).to_be_visible()
    expect(page.locator(".learning .wall i")).to_have_count(40)
    expect(page.locator(".st-key-read button")).to_be_visible(timeout=LONG)  # it has ended
    wind_back(page)
    expect(page.locator(".dl-confusion")).to_be_visible()
    page.locator(".st-key-read button").click()
    expect(page.get_by_text("It reads what you draw")).to_be_visible()
    go(page, "Draw")
    expect(page.locator(".st-key-reading")).to_contain_text("Quick")
    expect(page.locator(".st-key-prediction b")).to_have_text("3")


def test_a_training_survives_a_page_change_a_reload_and_a_second_visitor_and_is_stopped(page, app_url, browser):
    open_train(page, app_url)
    choose(page, "the best of the first tutorial")
    expect(page.get_by_text("around 99.4%")).to_be_visible()
    number = start(page)
    go(page, "Draw")
    page.locator(pen.CANVAS).wait_for()
    go(page, "Train")
    expect(page.get_by_text(f"run {number}, seed 0")).to_be_visible()
    with visit(browser, who="second", **DESKTOP) as second:
        open_train(second, app_url)
        expect(second.get_by_text("Click Train to watch")).to_be_visible()
        second.goto(f"{app_url}/train?run={number}")  # it is somebody else's, who alone sees and stops it
        second.locator(".st-key-train button").wait_for()
        expect(second.get_by_text(f"run {number}, seed 0")).to_have_count(0)
        expect(second.locator(".st-key-stop")).to_have_count(0)
        button = second.locator(".st-key-train button")
        place = button.bounding_box()
        choose(second, "Quick")
        second.mouse.move(place["x"] + 20, place["y"] + 10)  # at once, and for as long as a finger needs
        second.mouse.down()
        second.wait_for_timeout(80)
        second.mouse.up()
        quick = second.get_by_role("heading", name="Quick")
        expect(quick).to_be_visible()
        expect(second).not_to_have_url(re.compile(f"run={number}$"))
        assert button.bounding_box() == place
        second.locator(".st-key-stop button").click()
    expect(page).to_have_url(re.compile(f"run={number}"))
    page.reload()
    expect(page.get_by_text(f"run {number}, seed 0")).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text("the last weights until then are kept")).to_be_visible(timeout=LONG)
    expect(page.locator(".st-key-resume")).to_be_visible()


def test_fields_whose_script_comes_late_hold_what_the_recipe_says(page, app_url):
    held = []

    def hold(route):
        held.append(route)

    page.route("**/NumberInput*.js", hold)
    page.goto(f"{app_url}/train")
    page.locator(".st-key-layer-table summary").click()  # a second run, before a field is there
    page.locator(".st-key-layers").wait_for()
    page.locator(".st-key-source summary").click()
    program = page.locator(".st-key-source code")
    expect(program).to_contain_text("batch_size = 125")
    for route in held:
        route.continue_()
    page.locator(".st-key-training summary").click()
    expect(page.get_by_role("spinbutton", name="Batch size")).to_have_value("125")
    expect(page.get_by_role("spinbutton", name="Learning rate")).to_have_value("0.01")
    page.locator(".st-key-layer-table summary").click()  # now the fields say what they hold
    page.locator(".st-key-layers").wait_for(state="hidden")
    expect(program).to_contain_text("batch_size = 125")
    expect(program).to_contain_text("epochs = 1")


def test_a_zoom_outlives_the_next_points(page, app_url):
    open_train(page, app_url)
    choose(page, "the best of the first tutorial")
    start(page)
    plot = page.locator(".st-key-curves .js-plotly-plot")
    plot.evaluate("node => { node.kept = true }")
    ranges = "node => node._fullLayout.xaxis.range.map(x => +x.toFixed(6))"
    page.locator(".dl-confusion").wait_for(timeout=LONG)  # from now on nothing moves
    plot.scroll_into_view_if_needed()
    box = plot.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 90, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    zoomed = plot.evaluate(ranges)
    seen = plot.evaluate("node => node.data[0].x.length")
    page.wait_for_function(
        f"document.querySelector('.st-key-curves .js-plotly-plot').data[0].x.length > {seen} + 3", timeout=LONG
    )
    assert plot.evaluate(ranges) == zoomed
    assert plot.evaluate("node => node.kept")  # the same image, not a new one in its place
    plot.locator(".nsewdrag").first.dblclick()
    expect_whole = "document.querySelector('.st-key-curves .js-plotly-plot')._fullLayout.xaxis.range[1] > 1"
    page.wait_for_function(expect_whole)
    page.locator(".st-key-stop button").click()
    page.locator(".st-key-resume").wait_for(timeout=LONG)


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, app_url):
    with visit(browser, **PHONE) as phone:
        for path in ("train", "runs"):
            phone.goto(f"{app_url}/{path}")
            phone.locator("[data-testid=stMainBlockContainer] p:visible").first.wait_for()
            assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def test_on_a_phone_the_network_is_edited_on_its_picture(browser, app_url):
    """By finger and by keys: wider, one more, one less, and what was done is done as often as it was asked."""
    with visit(browser, **PHONE) as phone:
        phone.goto(f"{app_url}/train")
        editor = phone.locator(".editor")
        total = editor.get_by_role("status")
        expect(total).to_have_text("106,186 parameters in all")
        more = editor.get_by_label("Layer 1: more kernels")
        for _ in range(3):  # faster than the page answers: 16, 24, 32, 48
            more.tap()
        expect(editor.get_by_label("Layer 1: kernels", exact=True)).to_have_value("48")
        expect(editor.get_by_text("14x14x48").first).to_be_visible()
        expect(total).to_have_text("116,362 parameters in all")
        editor.get_by_label("Add a layer before Dense 10").tap()
        choice = editor.get_by_role("button", name="Dropout", exact=False)
        expect(choice).to_be_in_viewport()
        choice.tap()
        name = editor.get_by_role("group", name="Layer 7, Dropout 0.5").locator(".name")
        expect(name).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
        name.focus()
        phone.keyboard.press("-")
        expect(editor.get_by_label("Layer 7, Dropout 0.45").locator(".name")).to_be_focused()
        expect(editor.get_by_text("45% of the values")).to_be_visible()  # what it does, of what is focused
        phone.keyboard.press("Delete")
        expect(editor.get_by_role("group")).to_have_count(7)
        editor.get_by_label("Remove layer 5, Flatten").tap()
        editor.get_by_label("Insert Flatten before Dense 64").tap()
        expect(total).to_have_text("116,362 parameters in all")


def test_on_a_small_phone_a_tap_on_train_shows_the_run(browser, app_url):
    with visit(browser, **PHONE | {"viewport": {"width": 360, "height": 640}}) as phone:
        phone.goto(f"{app_url}/train")
        phone.locator(".st-key-train button").tap()
        expect(phone).to_have_url(re.compile(r"run=\d+"))
        for part in (phone.locator(".st-key-run-panel h2"), phone.locator(".st-key-again")):
            expect(part).to_be_in_viewport()
        expect(phone.locator(".st-key-read button")).to_be_visible(timeout=LONG)


def test_a_run_is_deleted_and_brought_back(page, app_url, browser):
    open_train(page, app_url)
    number = start(page)
    expect(page.locator(".st-key-read button")).to_be_visible(timeout=LONG)  # it has ended
    go(page, "Runs")
    table = page.locator(".st-key-runs canvas").first
    table.wait_for()
    page.wait_for_timeout(1000)
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 52)  # the first row's tick
    expect(page.locator(".st-key-look")).to_be_visible()
    expect(page.locator(".st-key-compare .js-plotly-plot")).to_be_visible()
    points = "document.querySelector('.st-key-compare .js-plotly-plot').data[0].x.length"
    assert page.evaluate(points) > 1  # of one epoch: a curve and no dot, however slow the computer
    with visit(browser, who="second", **DESKTOP) as second:
        open_train(second, app_url)
        start(second)
        expect(second.locator(".st-key-read button")).to_be_visible(timeout=LONG)
    expect(page.locator(".st-key-compare .legendtext")).to_have_text(re.compile(f"^{number}: "))  # still ticked
    page.locator(".st-key-delete button").click()
    expect(page.get_by_text(f"Deleted run {number}.")).to_be_visible()
    expect(page.locator(".st-key-delete")).to_have_count(0)
    expect(page.locator(".st-key-compare")).to_have_count(0)
    page.locator(".st-key-undelete button").click()
    expect(page.get_by_text(re.compile("Deleted run"))).not_to_be_visible()


def test_a_keras_file_is_opened_and_a_bad_one_is_refused(page, app_url, tmp_path):
    network = networks.shipped()
    model = models.build(network.layers)
    models.set_weights(model, network.weights)
    good, bad = tmp_path / "mine.keras", tmp_path / "bad.keras"
    good.write_bytes(export.to_keras(model))
    bad.write_bytes(b"PK, but no archive")
    open_train(page, app_url)
    page.locator(".st-key-upload summary").click()
    page.locator(".st-key-keras-file input[type=file]").set_input_files(bad)
    expect(page.get_by_text("The archive is damaged or incomplete")).to_be_visible()
    page.locator(".st-key-keras-file input[type=file]").set_input_files(good)
    expect(page.get_by_text("It was opened from a file.")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("It is opened, at the top of this page.")).to_be_visible()  # where it was asked for
    accuracy = f"{network.about['test_accuracy']:.2%} of the test digits"
    expect(page.get_by_text(accuracy)).to_be_visible()
    page.get_by_test_id("stPopoverButton").filter(has_text="Save").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Keras model").click()
    layers, weights, _ = keras_import.read(Path(download.value.path()).read_bytes())
    assert layers == network.layers
    assert all(np.array_equal(weights[name], array) for name, array in network.weights.items())
