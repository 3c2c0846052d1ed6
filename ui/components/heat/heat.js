// 'Why a 7? Why not a 1?': asks the network in a thread of its own (live/cover_worker.js), colours the ink of the image
// that the network sees, and says what decided. It follows `pixel_grid`, whatever is shown there: a stroke in progress, a
// digit of a number, a photograph.
// data of the script: {worker: its text}. Of the place (heat/__init__.py): {asks, on, grid, names, classes, what, found}; found: what Python
// has found, where the browser is not to ask.
// seen: {outputs: the network's, of the image, places: that were covered, found: the outputs with each covered, step: of
// how many pixels each, least: from which probability on it is a digit, maps, ink, classes: their names}; the first of an image is coarse.

import { answer, gridOf, isAhead, messages, networkBytes } from "../live/messages.js";
import { COARSE, fallsOf, spread } from "../live/cover.js";
import { inTurn } from "../live/turns.js";
import { colour } from "./colours.js";
import { sayWhy } from "./panel.js";
import { forgetColour, hasThumbnails, paintThumbnails } from "./thumbnails.js";
import { readingOf } from "./words.js";

const SAME = 0.004; // between two numbers of an image: Python's are thousandths
const LATE = 120; // milliseconds after which what comes with an answer is on the page
const SIDE = 28;
const KEPT = 4; // networks, as in cover_worker.js
const PAUSE = { colours: 60, thumbnails: 250 }; // milliseconds between two images that are asked about while the pen is down

// worker: null until it is wanted; sent: the networks it has; asked: what was asked last, {id, key, ink, at: when, finest:
// of how many pixels each in the end}; count: how much was asked, past: how much of that was of other drawings; isBusy:
// does it owe an answer?; isThreadless: there is no worker; chosen: the digit that was asked about by hand, or "read" or
// "rival"; names: of the classes it was chosen from.
const ours = {
  script: "", worker: null, sent: new Set(), asked: null, count: 0, past: 0, isBusy: false, isThreadless: false, seen: null,
  chosen: "read", names: "",
}; // prettier-ignore
let halt = () => {};
/** @type {() => void} */
let giveUp = () => {};
let turns = { changed: () => {}, isPenDown: () => false }; // `changed` sends what was asked when it is its turn

// Called anew, without a word, when the theme changes.
export default function ({ data, setStateValue }) {
  halt();
  forgetColour();
  ours.script = data.worker;
  giveUp = () => setStateValue("threadless", true);
  const controller = new AbortController();
  const listen = (name, handler) => window.addEventListener(name, handler, { signal: controller.signal });
  listen("digit-lab-pixels", (event) => {
    if (turns.isPenDown() && pause() === Infinity) return; // when the pen is lifted
    if (event.composedPath().includes(gridOf(thePlace()?.data.grid ?? "none"))) look(false);
  });
  listen("digit-lab-messages", () => setTimeout(look)); // the network has come, or Python's answer
  listen("digit-lab-messages", () => setTimeout(look, LATE));
  turns = inTurn(send, pause, controller.signal, look);
  if (ours.isThreadless) giveUp(); // another page of Python's has not heard of it
  look();
  return (halt = () => {
    controller.abort();
    forget(); // the next page shows another image
  });
}

function forget(seen = null) {
  Object.assign(ours, { asked: null, past: ours.count, seen });
}

/** @returns {{element: any, data: any} | undefined} */
function thePlace() {
  for (const [element, data] of messages()) if (data?.asks) return { element, data };
}

// What is not shown need not be asked about before the pen is lifted.
function pause() {
  if (thePlace()?.data.on) return PAUSE.colours;
  return hasThumbnails() ? PAUSE.thumbnails : Infinity;
}

// isNew: is there more that may have changed than the image that the colours lie on?
function look(isNew = true) {
  const data = thePlace()?.data;
  const ink = data && gridOf(data.grid)?.values;
  if (!ink) return;
  const key = ours.isThreadless ? null : answer()?.networks[0];
  const found = isAhead() ? null : data.found; // of what Python has not seen it has found nothing
  if (!ink.some(Boolean)) forget();
  else if (found || !key) forget(found && { ...found, ink, maps: null });
  else if (!isSame(key, ink) || ours.asked.finest > finest(data)) ask(key, ink, finest(data));
  else if (ours.seen?.id === ours.asked.id) ours.seen.at = performance.now(); // it is what was found, still
  if (isNew || data.on) render(isNew);
}

const isSame = (key, ink) => ours.asked?.key === key && ours.asked.ink.every((n, i) => Math.abs(n - ink[i]) < SAME);

// The small image on a button wants no more than every second, and while it moves less.
const finest = ({ on }) => (on ? 1 : turns.isPenDown() ? COARSE : 2);

function ask(key, ink, step) {
  if (!ours.sent.has(key) && !networkBytes(key)) return;
  ours.asked = { id: ++ours.count, key, ink: ink.slice(), at: performance.now(), finest: step };
  turns.changed();
}

function send() {
  const worker = ours.asked && !ours.isBusy && theWorker();
  if (!worker) return;
  const { key } = ours.asked;
  if (!ours.sent.has(key)) {
    ours.sent.add(key);
    if (ours.sent.size > KEPT) ours.sent.delete(ours.sent.values().next().value); // as the worker does
    worker.postMessage({ network: networkBytes(key) });
  }
  ours.isBusy = true;
  worker.postMessage(ours.asked);
}

function theWorker() {
  if (ours.worker) return ours.worker;
  try {
    const text = `${ours.script}\nbegin(self);`;
    ours.worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), { type: "module" });
    ours.worker.onmessage = ({ data }) => onSeen(data);
    ours.worker.onerror = leaveIt;
  } catch {
    leaveIt();
  }
  return ours.worker;
}

// Python is told once, and asks from then on.
function leaveIt() {
  if (!ours.isThreadless) giveUp();
  [ours.worker, ours.isThreadless] = [null, true];
}

function onSeen(seen) {
  const isLast = seen.id === ours.asked?.id;
  const isFirst = seen.step === COARSE;
  if (isFirst) ours.isBusy = false;
  if (ours.asked && !isLast && !ours.isBusy) turns.changed();
  if (seen.id <= ours.past || (!isFirst && !isLast)) return; // it is too late
  ours.seen = seen.outputs.every(Number.isFinite) ? seen : null; // of no number nothing decides
  render();
}

function render(isNew = true) {
  const place = thePlace();
  if (!place) return;
  const { element, data } = place;
  const { seen } = ours;
  if (seen) seen.classes = data.classes;
  const names = String(data.classes);
  if (names !== ours.names) Object.assign(ours, { names, chosen: "read" }); // another network's classes
  const reading = seen && readingOf(seen, turns.isPenDown());
  const target = reading && targetOf(reading, seen.outputs.length);
  const why = reading && heatOf(seen, reading.read);
  const square = sayWhy(element, data, { seen, reading, target, isDown: turns.isPenDown() }, choose);
  const map = data.on && seen ? (target === reading.read ? why : heatOf(seen, target)) : null;
  const grid = gridOf(data.grid);
  if (grid) colour(grid, map, square, SIDE);
  if (isNew) paintThumbnails(seen, why);
  if (seen) window.dispatchEvent(new CustomEvent("digit-lab-heat", { detail: seen })); // tests and benchmarks listen
}

const heatOf = (seen, target) => spread(seen.places, fallsOf(seen, target), SIDE, seen.step);

// A digit that was chosen by hand is asked about until it is the one that is read.
function targetOf({ read, rival }, count) {
  if (ours.chosen === "read" || ours.chosen >= count) return read;
  return ours.chosen === "rival" ? rival : ours.chosen;
}

function choose(chosen) {
  ours.chosen = chosen;
  render();
}
