"""The pages Lessons and Tutorials in a real browser: move, answer, come back later, open a recipe."""

import re

from playwright.sync_api import Page, expect

from core.training.recipes import RECIPES
from ui.content.glossary import TERMS
from ui.content.tutorials import TUTORIALS

QUESTION = TUTORIALS["first"].sections[0].exercises[0]


def open_tutorials(page: Page, url: str) -> None:
    page.goto(f"{url}/tutorials")
    page.locator(".st-key-lesson-progress").get_by_text("questions answered").wait_for()


def answer(page: Page, typed: str) -> None:
    field = page.locator(".st-key-answer-first-0-0 input")
    field.fill(typed)
    field.press("Enter")


def test_an_answer_gets_a_hint_then_counts_and_is_there_after_a_reload(page, app_url):
    open_tutorials(page, app_url)
    progress = page.locator(".st-key-lesson-progress")
    expect(progress).to_contain_text("0 of")
    answer(page, "28")
    expect(page.get_by_text(QUESTION.hint)).to_be_visible()
    expect(progress).to_contain_text("0 of")
    answer(page, "784")
    expect(page.get_by_text(QUESTION.why)).to_be_visible()
    expect(page.get_by_text(QUESTION.hint)).to_have_count(0)
    expect(progress).to_contain_text("1 of")
    page.reload()
    expect(progress).to_contain_text("1 of")
    expect(page.locator(".st-key-answer-first-0-0 input")).to_have_value("784")
    expect(page.get_by_text(QUESTION.why)).to_be_visible()


def test_a_term_explains_itself_on_hover_and_on_focus(page, app_url):
    open_tutorials(page, app_url)
    term, note = page.locator('a[href="#term-one-hot"]').first, page.get_by_role("tooltip")
    term.hover()
    expect(note).to_have_text(TERMS["one-hot"].note)
    expect(term).to_have_attribute("aria-describedby", note.get_attribute("id"))
    note.hover()  # it may be gone to, as WCAG 1.4.13 asks
    page.wait_for_timeout(500)
    expect(note).to_be_visible()
    page.mouse.move(0, 0)
    expect(note).to_be_hidden()
    term.focus()
    expect(note).to_be_visible()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    page.keyboard.press("Enter")  # it leads nowhere, and says it once more
    expect(note).to_be_visible()
    assert "#term" not in page.url
    box = note.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]


def test_a_recipe_is_opened_for_training_on_a_phone(phone, app_url):
    open_tutorials(phone, app_url)
    phone.get_by_role("radio", name=TUTORIALS["lenet"].short).click()
    phone.get_by_role("heading", name=TUTORIALS["lenet"].title).wait_for()
    term, note = phone.locator('a[href^="#term-"]').first, phone.get_by_role("tooltip")
    term.tap()
    expect(note).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    term.tap()
    expect(note).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.locator(".st-key-train-simplified-lenet button").click()
    phone.locator(".st-key-train button").wait_for()
    recipe = RECIPES["simplified-lenet"]
    expect(phone.get_by_role("combobox", name="Start from")).to_have_value(recipe.title)
    expect(phone.get_by_text(recipe.claim)).to_be_visible()
    expect(phone.locator(".st-key-reset")).to_have_count(0)  # 'Back to the recipe': nothing differs from it
    phone.locator(".st-key-training summary").click()
    for name, value in (("Epochs", recipe.config.epochs), ("Batch size", recipe.config.batch_size)):
        expect(phone.get_by_role("spinbutton", name=name)).to_have_value(str(value))
    expect(phone.get_by_role("combobox", name="Optimizer")).to_have_value(recipe.config.optimizer)


def test_a_neuron_learns_when_it_is_told_to(page, app_url):
    """One image a click, then many a second, until it tells 0 and 1 apart; then it knows nothing again."""
    page.goto(f"{app_url}/lessons?lesson=neuron&step=2")
    neuron = page.locator(".neuron")
    neuron.get_by_role("button", name="One picture").click()
    expect(neuron).to_have_attribute("data-seen", "1")
    expect(neuron.locator(".sums")).to_contain_text("so the loss is")
    neuron.get_by_role("button", name="Play").click()
    expect(neuron).to_have_attribute("data-seen", re.compile(r"^([3-9]\d\d|\d{4,})$"), timeout=30_000)
    neuron.get_by_role("button", name="Pause").click()
    assert float(neuron.get_attribute("data-accuracy")) > 0.95
    neuron.get_by_role("button", name="Forget all").click()
    expect(neuron).to_have_attribute("data-seen", "0")


def test_a_gradient_is_clicked_and_the_sum_that_makes_it_is_shown(page, app_url):
    page.goto(f"{app_url}/lessons?lesson=backpropagation&step=5")
    heat = page.locator(".heat")
    expect(heat).to_have_attribute(
        "aria-label", re.compile("Enter chooses one")
    )  # it is drawn, and as high as it stays
    box = heat.bounding_box()
    heat.click(position={"x": box["width"] * 14.5 / 28, "y": box["height"] * 9.5 / 28})
    expect(page.get_by_text("Pixel in row 10, column 15")).to_be_visible()
    heat.press("ArrowDown")
    heat.press("Enter")
    expect(page.get_by_text("Pixel in row 11, column 15")).to_be_visible()
    page.get_by_role("button", name="Next step").click()
    expect(page).to_have_url(re.compile("lesson=backpropagation&step=6"))
    expect(page.get_by_text("after one step")).to_be_visible()
    page.locator(".st-key-lesson-further-0 button").click()
    expect(page.locator("h1")).to_have_text("Train a network")
    page.get_by_role("button", name="Back to lesson 5, step 6").click()
    expect(page.get_by_text("after one step")).to_be_visible()
    expect(page.locator(".st-key-way-back-row")).to_have_count(0)


def test_a_lesson_is_read_on_a_phone(phone, app_url):
    """What is moved, then the text, then the question; grids and tables side by side are below each other."""
    for lesson, step in (("backpropagation", 7), ("windows", 3), ("hand", 5)):
        phone.goto(f"{app_url}/lessons?lesson={lesson}&step={step}")
        live = phone.locator(f".st-key-lesson-live-{lesson}-{step - 1}")
        question = phone.locator(".st-key-lesson-question")
        phone.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        question.scroll_into_view_if_needed()
        expect(question).to_be_in_viewport()
        assert live.bounding_box()["y"] < question.bounding_box()["y"]
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_chart_of_a_later_step_is_loaded_while_the_first_is_read(page, app_url):
    with page.expect_request("**/PlotlyChart.*.js"):
        page.goto(f"{app_url}/lessons?lesson=pictures&step=1")
    expect(page.locator(".js-plotly-plot")).to_have_count(0)


def test_the_way_back_leads_to_the_place_that_was_left(page, app_url):
    open_tutorials(page, app_url)
    page.locator(".st-key-example-first-3-0 button").click()
    page.get_by_role("button", name="Back to tutorial 1, part 4").click()
    heading = page.locator(".st-key-section-first-3 h3")
    expect(heading).to_be_in_viewport(timeout=15_000)
    page.wait_for_function(
        "document.querySelector('.st-key-section-first-3 h3').getBoundingClientRect().y < 300"
    )
