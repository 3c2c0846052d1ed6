"""Our scripts as Streamlit calls them: anew at each change of what they show, their end but once, at the end.

On an empty page: what is left over there by many calls is theirs.
"""

import base64
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.ink.preprocessing import from_strokes
from core.io.bundle import bundle
from core.models import networks
from tests import shapes
from ui.components import network_editor, signal_flow, term_notes
from ui.components.feature_maps.views import View

COMPONENTS = Path(__file__).parents[2] / "ui" / "components"
COUNT = """
    window.listening = 0;
    for (const target of [window, document, window.matchMedia("(prefers-color-scheme: dark)")]) {
        const kind = target instanceof MediaQueryList ? MediaQueryList.prototype : target;
        const [add, remove] = [kind.addEventListener, kind.removeEventListener];
        kind.addEventListener = function (name, handler, options) {
            window.listening++;
            options?.signal?.addEventListener("abort", () => window.listening--);
            return add.call(this, name, handler, options);
        };
        kind.removeEventListener = function (...rest) {
            window.listening--;
            return remove.apply(this, rest);
        };
    }
    const made = [];
    const create = document.createElement.bind(document);
    document.createElement = (name, ...rest) => {
        const element = create(name, ...rest);
        if (name === "canvas") made.push(new WeakRef(element));
        return element;
    };
    window.canvases = () => made.filter((one) => one.deref()).length;
    window.take = (text) => import(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
"""


@pytest.fixture
def empty(browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto("about:blank")
    page.evaluate(f"() => {{{COUNT}}}")
    yield page
    context.close()


def test_a_neuron_learns_as_numpy_says(empty):
    """Three steps of plain descent on the cross-entropy, and the losses before them."""
    rng = np.random.default_rng(1)
    inks, truths, rate = rng.uniform(size=(3, 784)), (1, 0, 1), 0.05
    lesson = """async ([text, inks, truths, rate]) => {
        const {newNeuron, learnFrom} = await take(text);
        const neuron = newNeuron();
        const losses = inks.map((ink, n) => learnFrom(neuron, {ink, truth: truths[n]}, rate));
        return {losses, weights: [...neuron.weights], bias: neuron.bias};
    }"""
    script = (COMPONENTS / "neuron/learning.js").read_text()
    found = empty.evaluate(lesson, [script, inks.tolist(), truths, rate])
    weights, bias, losses = np.zeros(784), 0.0, []
    for ink, truth in zip(inks, truths, strict=True):
        p = 1 / (1 + np.exp(-(weights @ ink + bias)))
        losses.append(-np.log(p if truth else 1 - p))
        weights, bias = weights - rate * (p - truth) * ink, bias - rate * (p - truth)
    assert found["losses"] == pytest.approx(losses, rel=1e-5)
    assert found["weights"] == pytest.approx(weights, abs=1e-6)
    assert found["bias"] == pytest.approx(bias, rel=1e-5)


@pytest.mark.parametrize(
    ("script", "html", "data"),
    [
        ("plotly_chart/table_light.js", "", {"table": "a"}),
        (
            "own_bars/own_bars.js",
            '<div class="dl-own"><p class="dl-says"></p><div class="dl-rows"></div></div>',
            {"names": ["a"], "base": "b", "probabilities": [1], "says": "A.", "empty": ""},
        ),
    ],
)
def test_however_often_it_is_called_it_listens_once(empty, script, html, data):
    often = """async ([text, html, data]) => {
        const {default: show} = await take(text);
        const parentElement = document.createElement("div");
        parentElement.innerHTML = html;
        const counts = [];
        let end;
        for (let n = 0; n < 5; n++) {
            end = show({data: {...data}, parentElement, setTriggerValue() {}, setStateValue() {}});
            counts.push(listening);
        }
        end();
        return [...counts, listening];
    }"""
    counts = empty.evaluate(often, [bundle(COMPONENTS / script), html, data])
    assert counts[0] > 0
    assert counts == [counts[0]] * 5 + [0]


def test_a_view_of_a_network_attends_once_and_asks_once(empty):
    often = """async (text) => {
        const {attend} = await take(text + "\\nexport { attend };");
        const own = {data: {chosen: {topActivations: {total: 9}}}, setTriggerValue() {}};
        const [set, clear] = [setInterval, clearInterval];
        let asking = 0;
        window.setInterval = (...rest) => (asking++, set(...rest));
        window.clearInterval = (timer) => (timer && asking--, clear(timer));
        for (let n = 0; n < 4; n++) attend(document.body, own, {layOut() {}, refresh() {}});
        const during = [listening, asking];
        own.ends();
        return [during, [listening, asking]];
    }"""
    assert empty.evaluate(
        often, bundle(COMPONENTS / "feature_maps/attend.js").replace("export function", "function")
    ) == [
        [4, 1],
        [0, 0],
    ]


def test_the_wall_keeps_the_pictures_that_it_shows(empty):
    """A canvas takes 140 kB of a browser's memory: those of 13,000 drawings were all kept."""
    shown, all_ = 96, 400
    lesson = """async ([text, image, shown, all]) => {
        const {default: show} = await take(text);
        const parentElement = document.createElement("div");
        parentElement.innerHTML = '<div class="dl-wall-grid"></div>';
        document.body.append(parentElement);
        const missing = [];
        for (let last = 1; last <= all; last++) {
            const ids = Array.from({length: Math.min(shown, last)}, (_, n) => last - n);
            const order = ids.map((id) => [id, 7, 7, true]);
            const setTriggerValue = (name, ids) => missing.push(ids);
            show({data: {order, images: {[last]: image}, hidden: false}, parentElement, setTriggerValue});
        }
        return [missing.length, parentElement.querySelectorAll("canvas").length];
    }"""
    image = base64.b64encode(np.full(784, 9, np.uint8).tobytes()).decode()
    said = empty.evaluate(lesson, [bundle(COMPONENTS / "wall/wall.js"), image, shown, all_])
    assert said == [0, shown]
    empty.context.new_cdp_session(empty).send("HeapProfiler.collectGarbage")
    assert empty.evaluate("canvases()") == shown


def test_an_answer_takes_nothing_from_who_edits_a_network(empty):
    """What is typed and selected stays, an open menu stays open, and a press that has begun is a click."""
    first, *rest = networks.shipped().layers
    field = next(n for n, layer in enumerate(rest, 1) if layer.kind == first.kind)
    empty.evaluate(
        """async (text) => {
            const {default: show} = await take(text);
            const parentElement = document.createElement("div");
            parentElement.innerHTML = '<div class="editor"></div>';
            document.body.append(parentElement);
            window.sent = [];
            const setTriggerValue = (name, what) => sent.push(what);
            window.tell = (data) => show({data, parentElement, setTriggerValue});
        }""",
        bundle(COMPONENTS / "network_editor/network_editor.js"),
    )

    def answer(heard: int, filters: int) -> None:
        layers = [replace(first, filters=filters), *rest]
        empty.evaluate(
            "data => tell(data)", network_editor.data(layers, (28, 28, 1), {"Flatten": rest[-1]}, heard=heard)
        )

    size = lambda place: empty.locator(f"[data-name=size-{place}]")  # noqa: E731
    answer(0, first.filters)
    size(0).click()
    empty.keyboard.press("Control+a")
    empty.keyboard.type("24")
    size(field).click()
    empty.keyboard.press("Control+a")
    answer(1, 24)
    empty.keyboard.type("12")
    answer(1, 24)
    empty.keyboard.type("3")
    assert size(field).input_value() == "123"
    assert "x24" in empty.locator(".row").nth(1).inner_text()
    empty.keyboard.press("Tab")
    assert [one["layers"][field]["filters"] for one in empty.evaluate("sent")] == [rest[field - 1].filters, 123]
    more = empty.locator("[data-name=more-0]")
    answer(2, 24)
    more.click()
    empty.locator(".add").nth(1).click()
    answer(3, 32)
    assert empty.locator(".menu").evaluate("menu => menu.matches(':popover-open')")
    empty.keyboard.press("Escape")
    more.hover()
    empty.mouse.down()
    answer(3, 32)
    empty.mouse.up()
    assert empty.evaluate("sent.length") == 4


def test_another_pair_of_digits_ends_the_run_of_the_one_before(empty):
    data = lambda pair: [*pair, 1, 0, *[128] * 784, 0, *[255] * 784, 1]  # noqa: E731
    lesson = """async ([text, html, first, second]) => {
        const {default: show} = await take(text);
        const parentElement = document.createElement("div");
        parentElement.innerHTML = html;
        document.body.append(parentElement);
        const part = (name) => parentElement.querySelector(name);
        show({parentElement, data: Uint8Array.from(first)});
        part(".play").click();
        const begun = part(".play").textContent;
        show({parentElement, data: Uint8Array.from(second)});
        for (let n = 0; n < 4; n++) await new Promise(requestAnimationFrame);
        return [begun, part(".play").textContent, part(".neuron").dataset.seen];
    }"""
    script, html = bundle(COMPONENTS / "neuron/neuron.js"), (COMPONENTS / "neuron/neuron.html").read_text()
    assert empty.evaluate(lesson, [script, html, data((4, 9)), data((3, 5))]) == ["Pause", "Play", "0"]


def test_plotly_lets_a_chart_go_at_its_end_and_not_before(empty):
    lesson = """async (text) => {
        const {default: show} = await take(text);
        const parentElement = document.createElement("div");
        parentElement.innerHTML = '<div class="live-chart"></div>';
        document.body.append(parentElement);
        const said = [];
        parentElement.firstChild.on = () => {};
        window.moduleName = {react: () => said.push("react"), purge: () => said.push("purge")};
        let end;
        for (const title of "ab") {
            const figure = JSON.stringify({data: [], layout: {title}});
            end = show({data: {figure, config: {}}, parentElement});
        }
        end();
        return said;
    }"""
    said = empty.evaluate(lesson, bundle(COMPONENTS / "plotly_chart/live_chart.js"))
    assert said == ["react", "react", "purge"]


def test_a_map_that_is_fetched_anew_is_missing_no_more(empty):
    lesson = """async ([text, html]) => {
        const {default: show} = await take(text);
        const parentElement = document.createElement("div");
        parentElement.innerHTML = html;
        document.body.append(parentElement);
        const root = parentElement.querySelector(".star-map");
        Object.defineProperty(document, "baseURI", {value: "http://localhost:9"}); // where no server is
        show({parentElement, data: {map: "a", network: "n"}});
        while (!root.classList.contains("missing")) await new Promise(requestAnimationFrame);
        show({parentElement, data: {map: "b", network: "n"}});
        return [...root.classList];
    }"""
    script, html = (
        bundle(COMPONENTS / "star_map/star_map.js"),
        (COMPONENTS / "star_map/star_map.html").read_text(),
    )
    assert empty.evaluate(lesson, [script, html]) == ["star-map", "waiting"]


def test_a_network_at_another_moment_is_shown_also_where_its_maps_are_the_same(empty, classifier):
    """A layer of ten outputs has the same ten maps at each state of its training, and the same name."""
    image = from_strokes(shapes.strokes(3))
    at_end = signal_flow.data(classifier, image, View())
    flow = at_end["flow"]
    before = {**at_end, "flow": {**flow, "answers": [[name, 0.5] for name, _ in flow["answers"]]}}
    lesson = """async ([text, states]) => {
        const {default: show} = await take(text);
        const parentElement = document.createElement("div");
        parentElement.innerHTML = '<div class="net flow"></div>';
        document.body.append(parentElement);
        const said = [];
        for (const data of states) {
            show({data: {...data, begin: null}, parentElement, setStateValue() {}, setTriggerValue() {}});
            for (let n = 0; n < 30; n++) await new Promise(requestAnimationFrame);
            said.push(parentElement.querySelector(".flow-answers .flow-node").getAttribute("aria-label"));
        }
        return said;
    }"""
    script = term_notes.bundled(COMPONENTS / "signal_flow/signal_flow.js")
    assert empty.evaluate(lesson, [script, [before, at_end]])[1] != "0: 50.0%"
