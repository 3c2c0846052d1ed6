// A network as it learns: the latest state while it trains, any of them afterwards.
// data: what `data` of ui/components/learning/__init__.py returns. Arrays come as base64: a state's cloud is float32 [n, 2],
// the values of its kernels int8 [n, height, width].

import { drawCloud, drawConfusion, drawKernels, showWall, wallOf } from "./pictures.js";
import { drawLines } from "./lines.js";
import { showHealth } from "./health.js";
import { block, element } from "./elements.js";

const CLOUD =
  "The last hidden layer in two directions that were fixed before the first step: those in which its classes lie round a circle.";
const STEP = "What one step changes should be about a thousandth of a layer's weights.";
const CONFUSION = "Rows: the true class, columns: the class read. Errors are orange.";
const TWEEN = 300; // milliseconds in which the cloud moves on, while it trains

export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".learning");
  const own = (box.own ??= { decoded: new Map() });
  const before = own.data;
  own.data = data;
  if (!before || before.wall.src !== data.wall.src || before.winds !== data.winds) build(box, own);
  if (data.winds && before?.states.length !== data.states.length) own.place = data.states.length - 1;
  if (!data.winds) own.place = data.states.length - 1;
  show(own, !data.winds);
  own.sizes ??= new ResizeObserver(() => show(own, false));
  own.sizes.observe(box);
  const themes = matchMedia("(prefers-color-scheme: dark)");
  const again = () => show(own, false);
  themes.addEventListener("change", again);
  box.addEventListener("transitionend", again); // of the text's colour: the theme has changed
  return () => {
    own.sizes.disconnect();
    themes.removeEventListener("change", again);
    box.removeEventListener("transitionend", again);
  };
}

function build(box, own) {
  const { data } = own;
  Object.assign(own, { box, decoded: new Map(), shown: null, step: null });
  own.number = element("div", "number");
  own.said = element("div", "said");
  const head = element("div", "head");
  head.append(own.number, own.said);
  const parts = [head];
  if (data.winds) parts.push(slider(own));
  own.wall = wallOf(data);
  own.kernels = element("canvas", "kernels");
  own.cloud = element("canvas", "cloud");
  own.lines = element("canvas", "lines");
  own.health = element("table", "health");
  own.confusion = data.winds ? element("canvas", "confusion") : null;
  own.kernelsBlock = block("The first layer's kernels", own.kernels, "Orange takes away, blue adds.");
  own.linesBlock = block(`${data.whose}, as it learns`, own.lines, "");
  const grid = element("div", "grid");
  const [left, right] = [element("div", "column"), element("div", "column")];
  const digits = block(`${data.wall.labels.length} ${data.measured} ${data.noun}`, own.wall.box, "");
  left.append(digits, own.kernelsBlock, block("Layers", own.health, STEP));
  right.append(block(`The cloud of ${data.noun} separates`, own.cloud, CLOUD), own.linesBlock);
  if (own.confusion) right.append(block("What is read as what", own.confusion, CONFUSION));
  grid.append(left, right);
  box.replaceChildren(...parts, grid);
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
  const raw = data.states[own.place];
  if (!raw || !own.box.clientWidth) return;
  const state = decoded(own, raw);
  tell(own, state);
  showWall(own.wall, state, data);
  own.kernelsBlock.hidden = !state.kernels;
  if (state.kernels) drawKernels(own.kernels, state.kernels);
  cloud(own, state, moves);
  own.linesBlock.hidden = !data.drawing;
  if (data.drawing) drawLines(own.lines, own.linesBlock, data, state);
  showHealth(own.health, data.layers, state);
  if (own.confusion) drawConfusion(own.confusion, state, data.classes);
}

function tell(own, state) {
  const { data } = own;
  const now = data.winds || !data.now ? state : data.now;
  own.number.textContent = `${(100 * now.accuracy).toFixed(1)}%`;
  const which = data.winds ? `of ${data.sample.toLocaleString("en")} ${data.measured} ${data.noun}` : `of the ${data.measured} ${data.noun}`;
  const when = state.images ? `after ${now.images.toLocaleString("en")} images, epoch ${now.epoch.toFixed(2)}` : "before the first step";
  own.said.textContent = `${which}, ${when}`;
  own.range?.setAttribute("aria-valuetext", `${own.number.textContent} ${own.said.textContent}`);
}

// The arrays of a state, decoded once.
function decoded(own, raw) {
  const known = own.decoded.get(raw.step);
  if (known?.raw === raw || (known && own.data.winds && known.raw.cloud === raw.cloud)) return { ...known, said: raw.said };
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const kernels = raw.kernels && { ...raw.kernels, values: new Int8Array(bytes(raw.kernels.values).buffer) };
  const state = { ...raw, raw, kernels, cloud: new Float32Array(bytes(raw.cloud).buffer) };
  if (own.data.winds) own.decoded.set(raw.step, state);
  return state;
}

// Laid out as wide as there is room: what changes is who lies beside whom. While it trains it moves on, with its axes.
function cloud(own, state, moves) {
  const { data } = own;
  const to = { points: state.cloud, extent: reach(state.cloud) };
  const from = own.shown ?? to;
  cancelAnimationFrame(own.frame);
  const draw = (shown) => {
    own.shown = shown;
    drawCloud(own.cloud, shown.points, data, shown.extent);
  };
  const still = own.step === state.step || from.points.length !== to.points.length;
  own.step = state.step;
  if (!moves || still || matchMedia("(prefers-reduced-motion: reduce)").matches) {
    draw(to);
    return;
  }
  const began = performance.now();
  const frame = (now) => {
    const t = Math.min(1, Math.max(0, now - began) / TWEEN);
    const between = (a, b) => a + (b - a) * t * (2 - t);
    draw({ points: to.points.map((value, i) => between(from.points[i], value)), extent: between(from.extent, to.extent) });
    if (t < 1 && own.box.isConnected) own.frame = requestAnimationFrame(frame);
  };
  own.frame = requestAnimationFrame(frame);
}

// How far all but the farthest hundredth of the points lie from the middle.
function reach(points) {
  const sizes = points.map(Math.abs).sort();
  return sizes[Math.floor(0.99 * (sizes.length - 1))] * 1.08;
}
