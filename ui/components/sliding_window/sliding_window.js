// A window that slides over an image: what lies in it, what becomes of it, and where that goes.
// data: {
//   name: string; the place of the window is remembered under it,
//   look: "numbers" | "ink" | "light", how values are shown,
//   input: {title, values: rows of numbers, with the padding, scale: the value of full colour},
//   pad: [top, right, bottom, left], cells of the input that are padding,
//   kernel: null | {title, texts: rows as people wrote them, values: rows of numbers | null, editable},
//   outputs: [{title, values, scale, how: "sum" | "max" | "mean"}], of equal size; none where nothing fits,
//   window, stride: whole numbers,
//   reveal: the output is empty until the window has come by,
// }
// The numbers are Python's; only the sentence that writes them out is put together here.

import { markTerms } from "../term_notes/mark_terms.js";
import { isPlain } from "../plain_key.js";
import { area, drawKernel, drawPlane, figureOf } from "./planes.js";
import { writeSum } from "./sums.js";
import { make } from "./words.js";

const MOST_FACTORS = 25; // columns of all grids together up to which the kernel is written into the window
const WHOLE_WAY = 20000; // milliseconds from the first window to the last, at most
const PACE = [40, 700]; // milliseconds from step to step
const places = new Map(); // name -> [row, column]; outlives the page that it is on

const clamp = (n, count) => Math.max(0, Math.min(count - 1, n));

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".walk");
  const { input, pad, kernel, outputs, window: side, stride } = data;
  root.dataset.look = data.look;
  const across = [input.values, kernel?.texts ?? [[]], ...outputs.map((output) => output.values)];
  const total = across.reduce((sum, grid) => sum + grid[0].length, 0);
  root.style.setProperty("--total", total);
  clearInterval(root.timer);

  const send = (plane) => {
    const texts = [...plane.children].map((cell) => cell.value.trim());
    const size = kernel.texts.length;
    setTriggerValue("kernel", Array.from({ length: size }, (_, i) => texts.slice(i * size, (i + 1) * size)));
  };

  const first = figureOf(root, "input", "input");
  drawPlane(first, input, data, pad);
  const frame = make("div", first.querySelector(".plane"), "window");
  const middle = kernel && figureOf(root, "kernel", "kernel");
  if (kernel) drawKernel(middle, kernel, send);
  const results = outputs.map((output, i) => {
    const figure = figureOf(root, `output-${i}`, "output");
    drawPlane(figure, output, data);
    make("div", figure.querySelector(".plane"), "cursor");
    return figure;
  });
  root.querySelectorAll(".output").forEach((figure) => (figure.hidden = !results.includes(figure)));
  const seen = new Set();
  for (const figure of [first, middle, ...results]) if (figure) markTerms(figure.querySelector("figcaption"), seen);

  const controls = root.querySelector(".controls");
  const sums = root.querySelector(".sums");
  controls.hidden = !outputs.length;
  frame.hidden = !outputs.length;
  if (!outputs.length) {
    sums.replaceChildren();
    return undefined;
  }

  const [rows, columns] = [outputs[0].values.length, outputs[0].values[0].length];
  const count = rows * columns;
  const [back, play, forth] = controls.querySelectorAll("button");
  const slider = controls.querySelector("input");
  const where = controls.querySelector("output");
  const small = data.look === "numbers" && kernel?.values && total <= MOST_FACTORS;
  frame.style.setProperty("--columns", side);
  frame.style.setProperty("--rows", side);
  if (small) kernel.texts.flat().forEach((text) => (make("span", frame, "").textContent = `×${text.replace("-", "−")}`));
  slider.max = count - 1;
  sums.style.minHeight = "";

  let at = places.get(data.name) ?? (data.reveal ? [0, 0] : [rows >> 1, columns >> 1]);
  const show = () => {
    const [row, column] = at;
    const [top, left] = [row * stride, column * stride];
    area(frame, first.querySelector(".plane"), top, left, side, side);
    results.forEach((figure) => {
      const plane = figure.querySelector(".plane");
      area(plane.querySelector(".cursor"), plane, row, column, 1, 1);
      const [x, y, below] = [(100 * (column + 1)) / columns, (100 * row) / rows, (100 * (row + 1)) / rows];
      plane.querySelector(".values").style.clipPath = data.reveal
        ? `polygon(0 0, 100% 0, 100% ${y}%, ${x}% ${y}%, ${x}% ${below}%, 0 ${below}%)`
        : "";
    });
    slider.value = row * columns + column;
    slider.ariaValueText = `row ${row + 1}, column ${column + 1}`;
    where.textContent = `row ${row + 1}, column ${column + 1}`;
    const numbers = input.values.slice(top, top + side).map((line) => line.slice(left, left + side));
    sums.replaceChildren();
    outputs.forEach((output) =>
      writeSum(sums, output, numbers, output.values[row][column], kernel?.texts, outputs.length > 1)
    );
    sums.style.minHeight = `${Math.max(parseFloat(sums.style.minHeight) || 0, sums.offsetHeight)}px`;
  };
  const go = (row, column) => {
    at = [clamp(row, rows), clamp(column, columns)];
    places.set(data.name, at);
    show();
  };
  const step = (by) => {
    const next = clamp(at[0] * columns + at[1] + by, count);
    go(Math.floor(next / columns), next % columns);
  };

  const run = (on) => {
    root.plays = on;
    clearInterval(root.timer);
    play.classList.toggle("on", on);
    play.ariaLabel = on ? "Pause" : "Play";
    sums.ariaLive = on ? "off" : "polite";
    if (!on) return;
    const pace = Math.min(PACE[1], Math.max(PACE[0], WHOLE_WAY / count));
    const by = Math.ceil((count * pace) / WHOLE_WAY); // of many windows, some are left out
    root.timer = setInterval(() => (+slider.value < count - 1 ? step(by) : run(false)), pace);
  };
  const pausing = (action) => () => {
    run(false);
    action();
  };
  back.onclick = pausing(() => step(-1));
  forth.onclick = pausing(() => step(1));
  play.onclick = () => {
    if (!root.plays && +slider.value === count - 1) go(0, 0);
    run(!root.plays);
  };
  slider.oninput = () => {
    const value = +slider.value;
    run(false);
    go(Math.floor(value / columns), value % columns);
  };

  results.forEach((figure, i) => {
    const plane = figure.querySelector(".plane");
    plane.tabIndex = 0;
    plane.role = "application";
    plane.ariaLabel = `${outputs[i].title}. The arrow keys choose a cell.`;
    plane.onpointerdown = plane.onpointermove = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const box = plane.getBoundingClientRect();
      run(false);
      go(
        Math.floor(((event.clientY - box.top) / box.height) * rows),
        Math.floor(((event.clientX - box.left) / box.width) * columns)
      );
    };
    plane.onkeydown = (event) => {
      if (!isPlain(event)) return;
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.key === "Home") go(0, 0);
      else if (event.key === "End") go(rows, columns);
      else if (move) go(at[0] + move[0], at[1] + move[1]);
      else return;
      event.preventDefault();
      run(false);
    };
  });
  go(...at);
  run(Boolean(root.plays));
  return () => clearInterval(root.timer);
}
