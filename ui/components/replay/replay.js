// A lesson once more: its drawings arrive on the wall as they did, in time-lapse, with 'play' and a slider.
// data: {order: [[id, label or -1, read or null, right?, when], ...] the first first; when: 0..1, clocks: a time of day for each,
// seconds: that all of it takes, images: {id: 784 bytes as base64}}
// Says: missing, ids whose images have not come.

import { arrange, bytesOf, canvasOf, fill, isDark, keep } from "../wall/drawings.js";

const MOST = 96; // on the wall at once
const images = new Map(); // id -> its 784 bytes
const places = new WeakMap(); // element -> {at: 0..1, plays}
let stop = () => {};

export default function ({ data, parentElement, setTriggerValue }) {
  stop();
  const root = parentElement.querySelector(".dl-replay");
  const find = (name) => root.querySelector(name);
  const [grid, button, slider, said] = [".dl-wall-grid", "button", "input", "output"].map(find);
  for (const [id, text] of Object.entries(data.images)) images.set(Number(id), bytesOf(text));
  keep(images, data.order);
  const me = places.get(root) ?? { at: 1, plays: false };
  places.set(root, me);
  const cells = new Map([...grid.children].map((cell) => [Number(cell.dataset.id), cell]));
  let [frame, then, shown] = [0, 0, -1];

  const cellOf = (one) => {
    const [id] = one;
    const cell = cells.get(id) ?? document.createElement("div");
    cells.set(id, cell);
    cell.setAttribute("role", "img");
    fill(cell, one, images.has(id) && !cell.querySelector("canvas") ? canvasOf(images.get(id)) : null, false);
    return cell;
  };
  const count = () => {
    const later = data.order.findIndex((one) => one[4] > me.at + 1e-9);
    return later < 0 ? data.order.length : later;
  };
  const paint = () => {
    const here = count();
    slider.value = `${me.at}`;
    button.textContent = me.plays ? "Pause" : "Play";
    if (here === shown) return;
    shown = here;
    const past = data.order.slice(0, here);
    const asked = past.filter(([, label]) => label >= 0);
    const right = asked.filter(([, , , is]) => is).length;
    const accuracy = asked.length ? `, ${Math.floor((100 * right) / asked.length)}% of them read rightly` : "";
    said.textContent = `${here} of ${data.order.length} drawings${here ? ` at ${data.clocks[here - 1]}` : ""}${accuracy}`;
    slider.setAttribute("aria-valuetext", said.textContent);
    const due = past.slice(-MOST).reverse();
    keep(cells, due);
    arrange(grid, due.map(cellOf));
  };
  const step = (now) => {
    me.at = Math.min(1, me.at + (now - then) / 1000 / data.seconds);
    then = now;
    if (me.at >= 1) me.plays = false;
    paint();
    if (me.plays) frame = requestAnimationFrame(step);
  };
  const go = () => {
    cancelAnimationFrame(frame);
    then = performance.now();
    if (me.plays) frame = requestAnimationFrame(step);
    paint();
  };
  button.onclick = () => {
    me.plays = !me.plays;
    if (me.plays && me.at >= 1) me.at = 0;
    go();
  };
  slider.oninput = () => {
    me.at = Number(slider.value);
    me.plays = false;
    go();
  };
  grid.classList.toggle("dark", isDark());
  go();
  const missing = data.order.map(([id]) => id).filter((id) => !images.has(id));
  if (missing.length) setTriggerValue("missing", missing.slice(0, 300));
  return (stop = () => cancelAnimationFrame(frame));
}
