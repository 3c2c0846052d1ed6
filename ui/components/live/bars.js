// The digit and its bars. Python's answer is drawn here; while the pen moves, so is the browser's own, from the
// same drawing and the same network. PROTOCOL.md says what the browser and Python say to each other. Python
// stays the authority: its answer is drawn over ours as soon as there is no ink that it has not seen. What Python
// cannot know, the drawing of before a reload, is kept here.
// The message store (message_store.js) holds networks as bytes, and one answer.

import { keepsNumber, show } from "./answer_view.js";
import { showing, tellAgain, warmUp } from "./idle.js";
import { imageOf, strokeOf } from "./ink.js";
import { keepInTab, keptInTab } from "./kept_drawing.js";
import { gridOf, messages } from "./messages.js";
import { predict, unpack } from "./network.js";
import { numberPredictor, numberTold } from "./number_prediction.js";
import { isOnline, isQuiet } from "./server_state.js";

const FORGET = 10_000; // milliseconds after which a stroke that Python does not know of was none
const CALM = 250; // milliseconds between two changes where motion is to be reduced
const PATIENCE = 1500; // milliseconds after which a network that has not come is asked for
const WARM_UPS = 12;

const unpacked = new Map(); // by key
const arrived = new WeakSet(); // the bytes of networks that were unpacked

// place: where the answer is drawn; told: what Python said last; confirmed: the strokes that it knows, unseen: those
// that it does not know yet, current: the one in progress; live: is our own answer shown?; answers: the last of ours,
// null where ink has come since; frame: the one that is asked for; rested: when the next may be.
const atFirst = () => ({
  place: null, told: null, confirmed: [], unseen: [], current: null, live: false, answers: null, frame: 0, rested: 0,
}); // prettier-ignore
const state = atFirst();
const numbers = numberPredictor(() => state.live && schedule(false));
let controller = new AbortController();
let kept = 0; // networks, at most
/** @type {(keys: string[]) => void} */
let ask = () => {};
let asking = 0;
/** @type {(drawing: object) => void} */
let bringBack = () => {};
let lastSession = null; // of Python's

// data: {kept}. Called anew, without a word, when the theme changes: what listened before must not listen twice.
export default function ({ data, setTriggerValue }) {
  controller.abort();
  const mine = (controller = new AbortController());
  kept = data.kept;
  ask = (keys) => setTriggerValue("wants", keys); // ui/components/live/__init__.py sends those again
  bringBack = (drawing) => setTriggerValue("drawing", drawing);
  const listen = (name, handler) => window.addEventListener(name, handler, { signal: mine.signal });
  listen("digit-lab-messages", read);
  listen("digit-lab-ahead", ({ detail }) => (detail.isAhead = state.live && Boolean(state.place?.isConnected)));
  listen("digit-lab-show-again", tellAgain);
  listen("digit-lab-drawn", ({ detail }) => Object.assign(detail, drawnWith(null), { unseen: state.unseen.map(({ ended }) => ended) }));
  listen("digit-lab-network", ({ detail }) => (detail.bytes = unpacked.get(detail.key)?.bytes ?? null));
  listen("digit-lab-pen", ({ detail }) => STEPS[detail.what](detail.stroke)); // canvas/pen.js
  read();
  return () => {
    mine.abort();
    if (controller !== mine) return; // the next page has begun
    cancelAnimationFrame(state.frame);
    clearTimeout(asking);
    Object.assign(state, atFirst());
  };
}

// ---- What Python says

function read() {
  let told = null;
  const before = unpacked.size;
  for (const [place, data] of messages()) {
    if (data instanceof Uint8Array) keep(data);
    else if (data?.answers) [state.place, told] = [place, data];
  }
  clearTimeout(asking);
  if (!told) {
    state.place = null; // for a moment, where Streamlit puts the answer up anew: what was told is still true
    return;
  }
  if (told !== state.told) onAnswer(told);
  else if (unpacked.size > before && !state.live) renderAnswer(told); // others can be told of its image now
  state.told = told;
  state.place.dataset.live = chosen(told) ? "yes" : "no";
  askLater(PATIENCE);
}

// Most often it is on its way, and a slow link takes its time. What was sent while the page was being left never came.
const missing = () => (state.told?.networks ?? []).filter((key) => !unpacked.has(key));

function askLater(patience, wasQuiet = false) {
  if (!missing().length) return;
  asking = setTimeout(() => {
    const now = isQuiet();
    if (!now || !wasQuiet) return askLater(patience, now);
    if (missing().length) ask(missing());
    askLater(2 * patience);
  }, patience / 2);
}

function keep(bytes) {
  if (arrived.has(bytes)) return;
  arrived.add(bytes);
  const network = unpack(bytes);
  unpacked.delete(network.header.key);
  unpacked.set(network.header.key, { ...network, bytes });
  if (unpacked.size > kept) unpacked.delete(unpacked.keys().next().value);
  warmUp(network, WARM_UPS);
}

const fromHundredths = (flat) => Float64Array.from(flat, (n) => n / 100);

function onAnswer(told) {
  const before = state.told?.canvas;
  state.confirmed = (told.canvas?.strokes ?? []).map(fromHundredths);
  if (!before || before.loaded !== told.canvas?.loaded) {
    state.unseen = state.unseen.filter(({ ended }) => !ended.isOnCanvas); // those wait for it: canvas/pen.js
  } else {
    state.unseen = state.unseen.slice(Math.max(0, told.canvas.strokes.length - before.strokes.length));
  }
  state.told = told;
  numbers.forget();
  if (told.canvas) outlive(told.canvas);
  if (chosen(told) && (state.unseen.length || state.current)) schedule();
  else renderAnswer(told);
}

// Python's answer, since there is no ink that it has not seen.
function renderAnswer(told) {
  cancelAnimationFrame(state.frame);
  state.frame = 0;
  const networks = chosen(told);
  // The image of the page comes after us, and not at all where Python has sent the same once before.
  const { strokes, brushes } = told.number
    ? { strokes: told.number.strokes.map(fromHundredths), brushes: told.number.brushes }
    : { strokes: state.confirmed, brushes: told.canvas?.brushes };
  const ink = networks && told.canvas ? imageOf(strokes, brushes, networks[0].header.ink) : null;
  if (networks && told.canvas) paint(told, ink);
  render(told.answers, false);
  showing(ink, networks?.[0] ?? null, false);
}

function render(answers, live, number = null) {
  state.live = live;
  // What is no digit may be a number: Python, which is about to answer, says so, or refuses it.
  const isOpen = live && state.told.numbers && isOnline() && (answers[0]?.digit ?? null) === null;
  show(state.place, state.told, answers, live, Boolean(state.current) || isOpen, number);
}

// A phone lets go of a tab in the background, and loads it again; a server begins anew. An untouched canvas gets the
// drawing from before, with the strokes that no server has heard of.
function outlive({ session, untouched }) {
  if (!untouched) keepDrawing();
  if (session === lastSession) return;
  lastSession = session;
  if (untouched) giveBack();
}

function keepDrawing() {
  const { side, asked } = state.told.canvas;
  keepInTab(drawnWith(null), side, asked ?? null);
}

function giveBack() {
  const before = keptInTab();
  if (before) insist(before);
}

// What is said while the server begins the page anew is not heard.
function insist(before, times = 5) {
  bringBack(before);
  const session = lastSession;
  const check = () => {
    if (session !== lastSession || !state.told?.canvas?.untouched) return;
    if (!isQuiet()) setTimeout(check, PATIENCE);
    else if (times > 1) insist(before, times - 1);
  };
  setTimeout(check, PATIENCE);
}

function chosen(told) {
  const networks = told.networks.map((key) => unpacked.get(key));
  return networks.length && networks.every(Boolean) ? networks : null;
}

// ---- What the pen does

const STEPS = { begin, go: () => schedule(), end, drop };

function begin(stroke) {
  if (!state.told?.canvas || !state.place) return;
  state.current = stroke;
  render(state.told.answers, Boolean(chosen(state.told)));
  schedule();
}

function end(ended) {
  if (!state.current) return;
  state.current = null;
  const { brush, wiped } = ended;
  const last = { stroke: wiped ? null : strokeOf(ended.points, brush), brush, wiped, ended };
  state.unseen.push(last);
  state.answers = null;
  state.rested = 0; // the whole drawing is read at once, whatever the server's answer takes
  frame();
  forget(last);
  setTimeout(() => state.told?.canvas && keepDrawing());
}

// While the connection is gone nobody can know of it.
function forget(last, quarters = 4) {
  setTimeout(() => {
    if (!state.unseen.includes(last)) return;
    if (!isOnline()) return forget(last);
    if (quarters > 1) return forget(last, quarters - 1);
    state.unseen = state.unseen.filter((other) => other !== last);
    if (!state.unseen.length && !state.current && state.place) renderAnswer(state.told);
  }, FORGET / 4);
}

function drop() {
  if (!state.current) return;
  state.current = null;
  if (chosen(state.told) && state.unseen.length) schedule();
  else if (state.place) renderAnswer(state.told);
}

// All that is drawn: what an eraser leaves takes the place of what was there before.
function drawnWith(current) {
  let all = { strokes: state.confirmed, brushes: state.told?.canvas?.brushes ?? [] };
  for (const one of current ? [...state.unseen, current] : state.unseen) {
    if (one.wiped) all = one.wiped;
    else {
      const stroke = one.stroke ?? strokeOf(one.points, one.brush);
      all = { strokes: [...all.strokes, stroke], brushes: [...all.brushes, one.brush] };
    }
  }
  return all;
}

// ---- Our own answer, once per frame at most; a hidden page has no frames

// isNew: has ink come, or gone?
function schedule(isNew = true) {
  if (isNew) state.answers = null;
  if (!state.frame && state.place && chosen(state.told)) {
    state.frame = requestAnimationFrame(() => frame());
  }
}

function frame() {
  cancelAnimationFrame(state.frame);
  state.frame = 0;
  const { told } = state;
  const networks = told && chosen(told);
  if (!networks || !told.canvas || !state.place?.isConnected) return;
  const started = performance.now();
  if (started < state.rested) return schedule(false);
  const { strokes, brushes } = drawnWith(state.current);
  const ink = imageOf(strokes, brushes, networks[0].header.ink);
  const answers = (state.answers ??= networks.map(({ outputs, header }) => ink && predict(outputs(ink), ink, header)));
  if (ink && answers.includes(null)) return; // no number: Python says so
  const number = numberNow(told, answers, strokes, networks[0]);
  const seen = number ? imageOf(number.shown.strokes, number.shown.sources.map((n) => brushes[n]), networks[0].header.ink) : ink;
  if (number || !keepsNumber(told, answers)) paint(told, seen);
  render(answers, true, number);
  showing(seen, networks[0], Boolean(state.current));
  // At most half of the time is ours: where a network takes longer than a frame, frames are left out.
  const now = performance.now();
  const spent = now - started;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM : 0;
  state.rested = spent > 8 || calm ? now + Math.max(spent, calm) : 0;
  const detail = { spent, ink, answers, number };
  state.place.dispatchEvent(new CustomEvent("digit-lab-live", { bubbles: true, detail }));
}

// What is no digit may be several. Until all their pieces are known, this is asked again.
function numberNow(told, answers, strokes, network) {
  const isOne = (answers[0]?.digit ?? null) !== null;
  if (isOne || !answers[0]) numbers.forget();
  if (isOne || !answers[0] || !told.numbers) return null;
  const grows = state.current && !state.current.wiped;
  const { digits, point } = numbers.read(strokes, grows ? strokes.length - 1 : -1, network);
  return digits && numberTold(digits, point, told.number?.place ?? 0);
}

function paint(told, ink) {
  const grid = told.grid ? gridOf(told.grid) : null;
  grid?.paint(ink ?? grid.blank);
}
