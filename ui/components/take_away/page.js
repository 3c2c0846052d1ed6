// The page that one takes away (core/models/exports/html_file.py): draw or photograph, and its network answers. It is opened
// from a disk, so all that it needs lies in it: this script, and the network as base64.

import { CLOSE, confidence, percent } from "../live/confidence.js";
import { imageOf, strokeOf } from "../live/ink.js";
import { predict, unpack } from "../live/network.js";
import { softmax } from "../live/probabilities.js";

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);
const started = performance.now();
const network = unpack(bytesOf(element("network").textContent));
const names = network.header.names;
const shape = network.header.shape;
const SIDE = 340; // of the canvas, in the unit of the strokes
const BRUSH = 18;
const drawn = []; // strokes, as the canvas of the app makes them
let current = null; // the points of the one in progress

function bytesOf(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i); // Uint8Array.from takes ten times as long
  return bytes;
}

// ---- The answer

// pixels: Float32Array, rows first, then columns, then channels, 0..1. Returns {probabilities, best, words}.
function read(pixels) {
  const outputs = network.outputs(pixels);
  const told = network.header.isOfDigits
    ? predict(outputs, pixels, network.header)
    : { probabilities: softmax(Array.from(outputs)), abstention: "" };
  if (!told?.probabilities.every(Number.isFinite)) return { probabilities: null, best: -1, words: "Its answer is not a number (NaN)." };
  const { probabilities, abstention } = told;
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const [first, second] = order;
  const also = probabilities[second] >= CLOSE ? ` It could also be ${names[second]}.` : "";
  return { probabilities, best: abstention ? -1 : first, words: abstention || `${confidence(probabilities[first])} sure.${also}` };
}

const bars = names.map((name) => {
  const row = document.createElement("div");
  const [label, track, share] = ["span", "div", "span"].map((tag) => row.appendChild(document.createElement(tag)));
  const fill = track.appendChild(document.createElement("i"));
  row.setAttribute("role", "meter");
  row.setAttribute("aria-label", name);
  row.setAttribute("aria-valuemin", "0");
  row.setAttribute("aria-valuemax", "100");
  label.textContent = name;
  element("rows").appendChild(row);
  return { row, fill, share };
});

function show(pixels) {
  const { probabilities, best, words } = pixels ? read(pixels) : { probabilities: null, best: -1, words: element("words").dataset.first };
  element("best").textContent = best < 0 ? "–" : names[best];
  element("words").textContent = words;
  bars.forEach(({ row, fill, share }, i) => {
    const p = probabilities?.[i] ?? 0;
    fill.style.transform = `scaleX(${p})`;
    share.textContent = probabilities ? percent(p) : "";
    row.setAttribute("aria-valuenow", (100 * p).toFixed(1));
    row.className = i === best ? "best" : "";
  });
  paint(pixels);
}

// What the network is given, in the colours of the page.
function paint(pixels) {
  const context = element("given").getContext("2d");
  const image = context.createImageData(shape[1], shape[0]);
  const [r, g, b] = getComputedStyle(document.body).color.match(/\d+/g).map(Number);
  for (let i = 0; pixels && i < shape[0] * shape[1]; i++) {
    const colour = shape[2] === 3 ? [0, 1, 2].map((n) => 255 * pixels[3 * i + n]) : [r, g, b];
    image.data.set([...colour, shape[2] === 3 ? 255 : 255 * pixels[i]], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

// ---- The pen

const strokes = () => (current ? [...drawn, strokeOf(current, BRUSH)] : drawn);
const seen = () => (strokes().length ? imageOf(strokes(), strokes().map(() => BRUSH), network.header.ink) : null);

function redraw() {
  const canvas = element("canvas");
  const context = canvas.getContext("2d");
  const scale = canvas.width / SIDE;
  context.clearRect(0, 0, canvas.width, canvas.height);
  Object.assign(context, { lineWidth: BRUSH * scale, lineCap: "round", lineJoin: "round" });
  context.strokeStyle = getComputedStyle(document.body).color;
  for (const stroke of strokes()) {
    context.beginPath();
    context.moveTo(stroke[0] * scale, stroke[1] * scale);
    for (let i = 0; i < stroke.length; i += 2) context.lineTo(stroke[i] * scale, stroke[i + 1] * scale);
    context.stroke();
  }
  show(seen());
}

function followPen(canvas) {
  let asked = 0;
  const soon = () => (asked ||= requestAnimationFrame(() => ((asked = 0), redraw())));
  const place = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((clientX - box.left) * SIDE) / box.width, y: ((clientY - box.top) * SIDE) / box.height };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    canvas.setPointerCapture(event.pointerId);
    current = [place(event)];
    soon();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current || !event.isPrimary) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) current.push(place(one));
    soon();
  });
  const end = () => {
    if (current) drawn.push(strokeOf(current, BRUSH));
    current = null;
    soon();
  };
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, end);
  element("undo").addEventListener("click", () => (drawn.pop(), redraw()));
  element("clear").addEventListener("click", () => ((drawn.length = 0), redraw()));
}

// ---- Images, for a network that names these: their middle, as large as the network reads

function followFiles(input) {
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (!bitmap) {
      element("words").textContent = "This is no picture that the browser can read; JPEG, PNG and WebP are accepted.";
      return;
    }
    show(middleOf(bitmap));
  });
}

function middleOf(bitmap) {
  const [height, width] = shape;
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return Float32Array.from({ length: width * height * 3 }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)] / 255);
}

Object.assign(element("given"), { width: shape[1], height: shape[0] });
if (network.header.paper) followPen(element("canvas"));
else followFiles(element("file"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (network.header.paper ? redraw() : null));
show(null);
read(new Float32Array(shape[0] * shape[1] * shape[2])); // the first stroke finds the network warm
// For whoever wants to ask it from the browser's console: digitLab.read(pixels), digitLab.seen().
Object.assign(globalThis, { digitLab: { read, seen, strokes, names, ready: performance.now() - started } });
