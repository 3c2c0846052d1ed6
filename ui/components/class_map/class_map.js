// A class's drawings among MNIST's test digits: each is placed here, as the star of the map of digits is.
// data: {map: its address (star_map/map_data.js), network: the key of the network whose map it is, colours: of the ten classes,
// order: [[id, label or -1, read or null, right?], ...] the first first, images: {id: 784 bytes as base64}}
// Says: picked, the id of a drawing that was tapped; missing, ids whose images have not come.

import { messages } from "../live/messages.js";
import { unpack } from "../live/network.js";
import { islands } from "../star_map/islands.js";
import { drawStar } from "../star_map/live_star.js";
import { mapOf } from "../star_map/map_data.js";
import { place } from "../star_map/placement.js";
import { bytesOf, canvasOf, isDark, keep } from "../wall/drawings.js";
import { FEW, frameOf, paintDigits, paintDrawings, paintNames } from "./paint.js";

const BUSY = 40; // milliseconds of placing in one frame
const CORNER = 15; // pixels from the latest drawing to its star, which leaves it to be seen
const REACH = 20; // pixels from a drawing within which a tap is meant for it

const images = new Map(); // id -> its 784 bytes
const canvases = new Map(); // id -> a canvas, while they are shown as they were drawn
const placed = new Map(); // id -> [x, y] on the map
let network = null; // the one that places them
let stop = () => {};

export default function ({ data, parentElement, setTriggerValue }) {
  stop();
  const controller = new AbortController();
  stop = () => controller.abort();
  for (const [id, text] of Object.entries(data.images)) images.set(Number(id), bytesOf(text));
  [images, placed].forEach((map) => keep(map, data.order));
  const missing = data.order.map(([id]) => id).filter((id) => !images.has(id));
  if (missing.length) setTriggerValue("missing", missing.slice(0, 300));
  const said = parentElement.querySelector("p");
  said.textContent = "The map is coming.";
  mapOf(data.map).then(
    (map) => controller.signal.aborted || show(map, data, parentElement, controller.signal, setTriggerValue),
    () => (said.textContent = "The map of digits is not there."),
  );
  return stop;
}

function networkOf(key) {
  if (network?.header.key === key) return network;
  const all = [...messages().values()].filter((one) => one instanceof Uint8Array).map(unpack);
  network = all.find(({ header }) => header.key === key) ?? null;
  return network;
}

const inkOf = (id) => Float32Array.from(images.get(id), (value) => value / 255);

function canvasOfDrawing(id) {
  if (!canvases.has(id)) canvases.set(id, canvasOf(images.get(id)));
  return canvases.get(id);
}

function show(map, data, element, signal, setTriggerValue) {
  const [canvas, said] = ["canvas", "p"].map((name) => element.querySelector(name));
  const names = islands(map);
  const here = () => data.order.filter(([id]) => placed.has(id) && images.has(id));
  let [frame, digits, view] = [0, null, null];

  const paint = () => {
    const box = canvas.getBoundingClientRect();
    if (!box.width) return;
    if (!view || view.width !== box.width || view.height !== box.height || view.dark !== isDark()) {
      view = frameOf(map.size, box, isDark());
      [canvas.width, canvas.height] = [view.width * view.sharp, view.height * view.sharp];
      digits = paintDigits(map, view, data.colours);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(digits, 0, 0);
    pen.setTransform(view.sharp, 0, 0, view.sharp, 0, 0);
    const known = here();
    keep(canvases, known.length <= FEW ? known : []);
    const shown = known.map((one) => ({ one, image: known.length <= FEW ? canvasOfDrawing(one[0]) : null, at: view.toScreen(placed.get(one[0])) }));
    if (shown.length <= FEW) paintNames(pen, names, view);
    paintDrawings(pen, shown, view, data.colours);
    if (shown.length > FEW) paintNames(pen, names, view);
    const latest = shown.at(-1);
    if (latest) drawStar(pen, latest.at[0] + CORNER, latest.at[1] - CORNER, 13);
    const wrong = shown.filter(({ one: [, , , right] }) => right === false).length;
    canvas.setAttribute("aria-label", `Map of MNIST's test digits with ${shown.length} drawings of this class, ${wrong} of them misread`);
    canvas.dataset.drawings = `${shown.length}`; // tests read it
  };
  const step = () => {
    frame = 0;
    if (signal.aborted) return;
    const classifier = networkOf(data.network);
    const due = data.order.filter(([id]) => images.has(id) && !placed.has(id));
    const until = performance.now() + BUSY;
    while (classifier && due.length && performance.now() < until) {
      const [id] = due.shift();
      placed.set(id, place(map, classifier.activations(inkOf(id)).at(-2)).at);
    }
    said.textContent = due.length ? `${due.length} more to be placed.` : "";
    paint();
    if (due.length) frame = requestAnimationFrame(step);
  };
  const again = () => (frame ||= requestAnimationFrame(step));
  const sized = new ResizeObserver(again);
  sized.observe(canvas);
  window.addEventListener("digit-lab-messages", again, { signal }); // the network has come
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(frame);
    sized.disconnect();
  });
  canvas.onclick = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    const far = ([x, y]) => Math.hypot(x - clientX + box.left, y - clientY + box.top);
    const near = here().map(([id]) => [id, far(view.toScreen(placed.get(id)))]).sort((a, b) => a[1] - b[1])[0];
    if (near && near[1] < REACH) setTriggerValue("picked", near[0]);
  };
  step();
}
