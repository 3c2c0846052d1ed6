"""A word of the field explains itself outside of plain text, too: in headings, in components, by a field."""

import pytest
from playwright.sync_api import TimeoutError, expect

from ui.content.glossary import TERMS


def point_at(word, note) -> None:
    """Point at *word* as a hand does: once more where the page, still growing above it, moved it away."""
    for _ in range(10):
        word.hover()
        try:
            note.wait_for(timeout=2000)
            return
        except TimeoutError:
            word.page.mouse.move(0, 0)


@pytest.mark.parametrize(
    ("address", "place", "term"),
    [
        ("convolution", "h1", "kernel"),
        ("pooling", "h2", "pooling"),
        ("mistakes", ".dl-facts", "calibration"),
        ("lessons?lesson=heart&step=5", ".dl-step-title", "batch-normalisation"),
        ("lessons?lesson=neuron&step=2", ".neuron .sums", "bias"),
        ("train", ".editor .settings", "stride"),
    ],
)
def test_a_term_explains_itself_by_mouse_and_by_keyboard(page, app_url, address, place, term):
    page.goto(f"{app_url}/{address}")
    word, note = page.locator(f'{place} a[href="#term-{term}"]').first, page.get_by_role("tooltip")
    point_at(word, note)
    expect(note).to_have_text(TERMS[term].note)
    page.mouse.move(0, 0)
    expect(note).to_be_hidden()
    word.focus()
    expect(note).to_have_text(TERMS[term].note)


def test_terms_of_one_component_explain_themselves_in_turn(page, app_url):
    """From one to the next, the pointer and the focus stay within its shadow root, and no event leaves that."""
    page.goto(f"{app_url}/look_inside")
    note = page.get_by_role("tooltip")
    convolution, pooling = (
        page.locator(f'.flow-head a[href="#term-{key}"]') for key in ("convolution", "pooling")
    )
    point_at(convolution, note)
    expect(note).to_have_text(TERMS["convolution"].note)
    pooling.hover()
    expect(note).to_have_text(TERMS["pooling"].note)
    page.locator(".flow-head small").first.hover()
    expect(note).to_be_hidden()
    for word, key in ((convolution, "convolution"), (pooling, "pooling")):
        word.focus()
        expect(note).to_have_text(TERMS[key].note)
        expect(word).to_have_attribute("aria-description", TERMS[key].note)
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    expect(pooling).to_be_focused()


def test_a_term_of_a_component_explains_itself_on_a_tap(phone, app_url):
    phone.goto(f"{app_url}/convolution")
    note, word = phone.get_by_role("tooltip"), phone.locator('.walk a[href="#term-kernel"]').first
    word.tap()
    expect(note).to_have_text(TERMS["kernel"].note)
    word.tap()
    expect(note).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_note_beside_a_field_opens_on_a_tap(phone, app_url):
    phone.goto(f"{app_url}/lessons?lesson=batches&step=1")
    field = phone.locator(".st-key-lesson-batches-size")
    expect(field.get_by_role("slider", name="Batch size")).to_be_visible()  # without the note
    field.locator("[data-testid=stTooltipIcon] button").tap()
    expect(phone.get_by_role("tooltip")).to_have_text(TERMS["batch"].note)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
