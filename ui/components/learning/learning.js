// A network as it learns: the latest state while it trains, any of them afterwards.
// data: what `data` of ui/components/learning/__init__.py returns. Arrays come as base64: a state's cloud is float32 [n, 2],
// the values of its kernels int8 [n, height, width].

import { percent } from "../live/confidence.js";
import { markTerms } from "../term_notes/mark_terms.js";
import { confusionSaid, drawCloud, drawConfusion, drawKernels, showWall, wallOf } from "./painting.js";
import { drawLines, linesSaid } from "./lines.js";
import { showHealth } from "./health.js";
import { block, element, paperOf, write } from "./elements.js";

const CLOUD =
  "The last hidden layer in two directions that were fixed before the first step: those in which its classes lie round a circle.";
const STEP = "What one step changes should be about a thousandth of a layer's weights.";
const CONFUSION = "Rows: the true class, columns: the class read. Errors are orange.";
const TWEEN = 300; // milliseconds in which the cloud moves on, while it trains
const FRAME = 40; // milliseconds of one image of that
const NEAR = "300px"; // images that are farther out of sight wait

export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".learning");
  const own = (box.own ??= { box, decoded: new Map(), figures: [] });
  const before = own.data;
  own.data = data;
  own.sight ??= new IntersectionObserver((seen) => look(seen), { rootMargin: NEAR });
  if (!before || before.wall.src !== data.wall.src || before.winds !== data.winds) build(box, own);
  if (data.winds && before?.states.length !== data.states.length) own.place = data.states.length - 1;
  if (!data.winds) own.place = data.states.length - 1;
  show(own, !data.winds);
  own.ends ??= listen(own); // once: this function is called at each change, what it returns only at the end
  return own.ends;
}

// Draw all anew where its size or the theme changes. Returns how to end that.
function listen(own) {
  const { box } = own;
  const themes = matchMedia("(prefers-color-scheme: dark)");
  const again = () => {
    own.paper = null;
    for (const figure of own.figures) figure.drawn = null;
    for (const figure of own.figures) figure.canvas.room = 0;
    own.width = box.clientWidth;
    show(own, false);
  };
  const sizes = new ResizeObserver(() => box.clientWidth === own.width || again());
  // Of the text's colour: the theme has changed. What ends within the images is not ours.
  const ended = (event) => event.target === box && again();
  sizes.observe(box);
  themes.addEventListener("change", again);
  box.addEventListener("transitionend", ended);
  return () => {
    sizes.disconnect();
    own.sight.disconnect();
    clearTimeout(own.timer);
    themes.removeEventListener("change", again);
    box.removeEventListener("transitionend", ended);
  };
}

function build(box, own) {
  const { data } = own;
  own.sight.disconnect();
  clearTimeout(own.timer);
  Object.assign(own, { timer: 0, decoded: new Map(), shown: null, step: null });
  box.classList.toggle("winds", data.winds);
  own.number = element("div", "number");
  own.said = element("div", "said");
  own.words = element("span");
  own.epoch = element("span", "", "epoch"); // by itself: what is written anew is no place for a link
  own.count = element("span");
  const head = element("div", "head");
  head.append(own.number, own.said);
  const parts = [head];
  if (data.winds) parts.push(slider(own));
  own.wall = wallOf(data);
  own.health = element("table", "health");
  own.kernels = block("The first layer's kernels", element("canvas", "kernels"), "Orange takes away, blue adds.");
  own.lines = block(`${data.whose}, as it learns`, element("canvas", "lines"), "");
  own.cloud = block(`The cloud of ${data.noun} separates`, element("canvas", "cloud"), CLOUD);
  own.confusion = data.winds ? block("What is read as what", element("canvas", "confusion"), CONFUSION) : null;
  own.figures = [own.kernels, own.lines, own.cloud, own.confusion].filter(Boolean);
  const grid = element("div", "grid");
  const [left, right] = [element("div", "column"), element("div", "column")];
  const digits = block(`${data.wall.labels.length} ${data.measured} ${data.noun}`, own.wall.box, "");
  left.append(digits, own.kernels, block("Layers", own.health, STEP));
  right.append(own.cloud, own.lines);
  if (own.confusion) right.append(own.confusion);
  grid.append(left, right);
  box.replaceChildren(...parts, grid);
  const seen = new Set();
  for (const part of [own.epoch, grid]) markTerms(part, seen);
  for (const figure of own.figures) own.sight.observe(figure);
}

function slider(own) {
  const label = element("label", "wind");
  label.append(element("span", "", "Wind the training back and forth"));
  own.range = element("input");
  Object.assign(own.range, { type: "range", min: 0, max: own.data.states.length - 1, step: 1 });
  own.range.value = own.range.max;
  own.range.oninput = () => {
    const began = performance.now();
    own.place = Number(own.range.value);
    show(own, false);
    own.box.dataset.spent = (performance.now() - began).toFixed(1); // milliseconds, for the benchmark
  };
  label.append(own.range);
  return label;
}

function show(own, moves) {
  const { data } = own;
  if (own.range) {
    own.range.max = data.states.length - 1;
    own.range.value = own.place;
  }
  own.width ||= own.box.clientWidth;
  const raw = data.states[own.place];
  if (!raw || !own.width) return;
  const state = decoded(own, raw);
  own.paper ??= paperOf(own.box);
  tell(own, state);
  showWall(own.wall, state, data);
  showHealth(own.health, data.layers, state);
  own.kernels.hidden = !state.kernels;
  own.lines.hidden = !data.drawing;
  if (state.kernels) drawInto(own.kernels, [state.kernels], (canvas) => drawKernels(canvas, state.kernels, own.paper));
  cloud(own, state, moves);
  if (data.drawing) {
    linesSaid(own.lines, data, state);
    drawInto(own.lines, [data.winds ? raw : data.lines.images.at(-1), data.drawing], (canvas) => drawLines(canvas, data, state, own.paper));
  }
  if (own.confusion) {
    own.confusion.canvas.setAttribute("aria-label", confusionSaid(state, data.classes));
    drawInto(own.confusion, [raw.confusion], (canvas) => drawConfusion(canvas, state, data.classes, own.paper));
  }
}

// Draw an image where something of what it shows has changed; one out of sight as soon as it comes into sight.
function drawInto(figure, shows, draw) {
  if (figure.drawn?.every((one, i) => one === shows[i])) {
    figure.waits = null;
    return;
  }
  figure.waits = () => {
    draw(figure.canvas);
    Object.assign(figure, { drawn: shows, waits: null });
  };
  if (figure.inSight !== false) figure.waits();
}

function look(seen) {
  for (const { target, isIntersecting } of seen) {
    target.inSight = isIntersecting;
    if (isIntersecting) target.waits?.();
  }
}

function tell(own, state) {
  const { data } = own;
  const now = data.winds || !data.now ? state : data.now;
  const number = percent(now.accuracy);
  const which = data.winds ? `of ${data.sample.toLocaleString("en")} ${data.measured} ${data.noun}` : `of the ${data.measured} ${data.noun}`;
  const when = state.images ? `after ${now.images.toLocaleString("en")} images, ` : "before the first step";
  const count = ` ${now.epoch.toFixed(2)}`;
  const parts = state.images ? [own.words, own.epoch, own.count] : [own.words];
  write(own.number, number);
  write(own.words, `${which}, ${when}`);
  write(own.count, count);
  if (own.said.childElementCount !== parts.length) own.said.replaceChildren(...parts);
  own.range?.setAttribute("aria-valuetext", `${number} ${which}, ${when}${state.images ? `epoch${count}` : ""}`);
}

// The arrays of a state, decoded once.
function decoded(own, raw) {
  const known = own.decoded.get(raw.step);
  if (known?.raw === raw) return known;
  const isSame = known?.raw.cloud === raw.cloud && known.raw.kernels?.values === raw.kernels?.values;
  const arrays = isSame ? known : arraysOf(raw);
  const state = { ...raw, raw, kernels: arrays.kernels, cloud: arrays.cloud };
  if (!own.data.winds) own.decoded.clear();
  own.decoded.set(raw.step, state);
  return state;
}

function arraysOf(raw) {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  return {
    kernels: raw.kernels && { ...raw.kernels, values: new Int8Array(bytes(raw.kernels.values)) },
    cloud: new Float32Array(bytes(raw.cloud)),
  };
}

// Laid out as wide as there is room: what changes is who lies beside whom. While it trains it moves on, with its axes.
function cloud(own, state, moves) {
  const to = { points: state.cloud, extent: reach(state.cloud) };
  const from = own.shown ?? to;
  const still = own.step === state.step || from.points.length !== to.points.length;
  if (moves && still && own.timer) return; // it is on its way there
  own.step = state.step;
  clearTimeout(own.timer);
  own.timer = 0;
  const began = performance.now();
  const isStill = !moves || still || document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches;
  const frame = () => {
    const t = isStill || own.cloud.inSight === false ? 1 : Math.min(1, (performance.now() - began) / TWEEN);
    own.shown = t < 1 ? between(from, to, t * (2 - t)) : to;
    const { points, extent } = own.shown;
    drawInto(own.cloud, [points, own.paper], (canvas) => drawCloud(canvas, points, own.data, extent, own.paper));
    own.timer = t < 1 && own.box.isConnected ? setTimeout(frame, FRAME) : 0;
  };
  frame();
}

function between(from, to, t) {
  const mid = (a, b) => a + (b - a) * t;
  return { points: to.points.map((value, i) => mid(from.points[i], value)), extent: mid(from.extent, to.extent) };
}

// How far all but the farthest hundredth of the points lie from the middle.
function reach(points) {
  const sizes = points.map(Math.abs).sort();
  return sizes[Math.floor(0.99 * (sizes.length - 1))] * 1.08;
}
