// From the pen to the canvas: one way for a mouse, a pen, a finger and the arrow keys.
// The canvas component (Fabric.js) hears mouse and fingers at once: a palm or a pinch would leave ink, and a stroke that
// is begun while Python replaces the drawing would go with it. So it hears whole strokes only. This follows the pointer,
// shows the ink of the stroke in progress on a layer of its own (canvas.html), and plays the stroke to the component, as a
// mouse's, when it has ended and the component shows what Python last told it to.
// live/bars.js hears of each step by the event "digit-lab-pen": {what: "begin", "go", "end" or "drop", stroke: {points:
// [{x, y}] in pixels of the canvas, brush, isOnCanvas: has it been played?}}; that of an eraser has `wiped`, all that it leaves of
// the drawing, and is not played: Python gets that, and replaces the drawing. See live/PROTOCOL.md.

import { answer } from "../live/messages.js";
import { isPatient } from "../live/server_state.js";
import { followKeys } from "./arrow_keys.js";
import { beginErasing, erase, showRubber } from "./eraser.js";
import { paintLines, paintStroke, wipe } from "./preview.js";

const LONGEST = 5000; // milliseconds that a stroke waits for the canvas
const LARGE = 64; // CSS pixels: a palm's touch is wider, a finger's is not
const SHORT = 24; // pixels of the canvas: so short a stroke was a pinch's or a palm's, if another finger or a pen comes
const DOT = 6; // pixels of the canvas
const PALM_FIRST = 300; // milliseconds that a finger's dot waits for a pen: it may have been the palm
const AFTER_PEN = 700; // milliseconds after a pen was there in which touches are those of the hand that holds it
const RUBBER = 5; // the button that a pen's other end is

// root: finds the canvas's shadow root; erases: is the eraser in hand?; erased: its last stroke, until the canvas shows what it
// left; stroke: the one in progress, or a finger's dot that waits; ended: strokes that
// are to be played; touches: "finger" or "hand" for each that is down; penAt: when a pen was last there; until: what
// Python's count of its replacements will be, askedAt: when it was last told to replace; shown: what the count was when last
// looked at; at: where the arrow keys are; box: where the canvas was last on the screen.
export const pen = {
  root: () => null, send: () => {}, sendErased: /** @type {(left: object) => void} */ (() => {}), side: 0, ink: "", erases: false, erased: null, stroke: null, ended: [], touches: new Map(), penAt: -Infinity,
  until: null, askedAt: -Infinity, shown: null, box: null, timer: 0, frame: 0, since: null, at: null, arrows: new Set(), pressed: null, lifted: -Infinity,
}; // prettier-ignore

const told = () => answer()?.canvas;
// That count as the canvas has it: Python writes it into the largest height at which the canvas may be shown.
const inCanvas = () => (parseInt(pen.root()?.querySelector(".dc-scroll")?.style.maxHeight, 10) || 0) - pen.side;
const part = (name) => pen.root()?.querySelector(name);

// root: () => the shadow root; send: is called after a stroke has been played, sendErased with what an eraser leaves.
export function followPen(listen, root, send, sendErased, { side, ink }) {
  Object.assign(pen, { root, send, sendErased, side, ink });
  listen("pointerdown", down, true);
  listen("pointermove", move, true);
  listen("pointerup", up, true);
  listen("pointercancel", cancelled, true);
  listen("mousedown", keepFromCanvas, true);
  listen("touchstart", keepFromCanvas, true);
  followKeys(listen, pen, { part, begin, go, end, extent });
}

export function forgetPen() {
  if (pen.stroke) drop();
  clearTimeout(pen.timer);
  cancelAnimationFrame(pen.frame);
  Object.assign(pen, { ended: [], erased: null, until: null, since: null });
}

function isOnCanvas(event) {
  const target = event.composedPath()[0];
  return target.classList?.contains("upper-canvas") && Boolean(pen.root()?.contains(target));
}

function keepFromCanvas(event) {
  if (!event.isTrusted || !isOnCanvas(event) || (event.type === "mousedown" && event.button !== 0)) return;
  event.stopImmediatePropagation();
  if (event.type === "touchstart" && event.cancelable) event.preventDefault(); // or a tap would press the mouse later on
  // What closes when something else is pressed, as a menu does, still hears of it.
  else pen.root().host.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, composed: true }));
}

// ---- Which pointer draws

const isWide = ({ width, height }) => Math.max(width, height) > LARGE;

// By when the hand and its pen were there, not by when a page that is busy gets to hear of it.
function isHand(event) {
  return isWide(event) || pen.stroke?.kind === "pen" || event.timeStamp - pen.penAt < AFTER_PEN;
}

function extent({ points }) {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

function down(event) {
  const kind = event.pointerType;
  if (kind === "pen") pen.penAt = event.timeStamp;
  if ((event.button !== 0 && event.button !== RUBBER) || !isOnCanvas(event)) return;
  if (kind === "touch" && !draws(event)) return;
  const { stroke } = pen;
  if (stroke?.kind === "touch" && kind === "pen" && (stroke.waits || extent(stroke) < SHORT)) drop();
  if (pen.stroke) end(); // a finger's dot that waited, the arrow keys', or one whose end was not heard
  begin(kind, event.pointerId, place(event), event.button === RUBBER);
}

// Is this touch one finger alone? Another finger soon after the first is a pinch, and takes the first one's ink back.
function draws(event) {
  if (event.isPrimary) pen.touches.clear();
  const isSecond = [...pen.touches.values()].includes("finger");
  pen.touches.set(event.pointerId, isHand(event) ? "hand" : "finger");
  if (pen.touches.get(event.pointerId) === "hand") return false;
  const { stroke } = pen;
  if (isSecond && stroke?.kind === "touch" && !stroke.waits && extent(stroke) < SHORT) drop();
  return !isSecond && (!stroke || stroke.waits || stroke.kind === "keys");
}

function move(event) {
  if (event.pointerType === "pen") pen.penAt = event.timeStamp;
  const isSeen = pen.stroke ? pen.stroke.wiped && pen.stroke.id === event.pointerId : pen.erases && event.pointerType !== "touch" && isOnCanvas(event);
  if (pen.erases || isSeen) showRubber(part(".rubber"), isSeen ? place(event) : null, pen.side);
  const { stroke } = pen;
  if (!stroke || stroke.waits || stroke.id !== event.pointerId) return;
  if (stroke.kind === "mouse" && !(event.buttons & 1)) end();
  else if (stroke.kind === "touch" && isWide(event) && extent(stroke) < SHORT) {
    pen.touches.set(event.pointerId, "hand");
    drop();
  } else go(place(event), event.shiftKey);
}

function up(event) {
  pen.touches.delete(event.pointerId);
  if (event.pointerType === "pen") pen.penAt = event.timeStamp;
  const { stroke } = pen;
  if (!stroke || stroke.waits || stroke.id !== event.pointerId) return;
  if (stroke.kind === "touch" && extent(stroke) < DOT) stroke.waits = setTimeout(end, PALM_FIRST);
  else end();
}

function cancelled(event) {
  pen.touches.delete(event.pointerId);
  if (pen.stroke?.id === event.pointerId && !pen.stroke.waits) drop();
}

function place({ clientX, clientY }) {
  // While the page builds its canvas anew there is none for some frames: the new one comes where the last one was.
  const box = (pen.box = part(".upper-canvas")?.getBoundingClientRect() ?? pen.box);
  return { x: ((clientX - box.left) * pen.side) / box.width, y: ((clientY - box.top) * pen.side) / box.height };
}

// ---- A stroke

const tell = (what, stroke) => window.dispatchEvent(new CustomEvent("digit-lab-pen", { detail: { what, stroke } }));

function begin(kind, id, point, isRubber = false) {
  pen.stroke = { kind, id, points: [point], brush: told()?.brush ?? 18, waits: 0, layer: null };
  if (pen.erases || isRubber) beginErasing(pen.stroke);
  if (pen.stroke.wiped) repaint();
  else paint(pen.stroke);
  tell("begin", pen.stroke);
}

// straight: a line from the last but one, as the component draws it while Shift is held.
function go(point, straight) {
  const { points } = pen.stroke;
  const last = points[points.length - 1];
  if (points.length > 1 && last.x === point.x && last.y === point.y) return;
  if (straight && points.length > 1 && !pen.stroke.wiped) points.pop();
  points.push(point);
  if (pen.stroke.wiped) erase(pen.stroke);
  if (straight) repaint();
  else paint(pen.stroke);
  tell("go", pen.stroke);
}

function end() {
  const { stroke } = pen;
  clearTimeout(stroke.waits);
  pen.stroke = null;
  pen.lifted = performance.now();
  stroke.until = pen.until ?? 0; // what was begun before the next replacement does not wait for it
  pen.ended.push(stroke);
  if (stroke.wiped) holdPen(); // what is drawn from now on waits until the canvas has what is left
  part(".pen")?.classList.remove("down");
  if (stroke.kind !== "mouse") showRubber(part(".rubber"), null, pen.side);
  tell("end", stroke);
  flush();
}

function drop() {
  const { stroke } = pen;
  clearTimeout(stroke.waits);
  pen.stroke = null;
  part(".pen")?.classList.remove("down");
  showRubber(part(".rubber"), null, pen.side);
  repaint();
  tell("drop", stroke);
}

// ---- The ink of strokes that the canvas has not got yet

function paint(stroke) {
  const layer = part(".preview");
  if (!layer) return;
  const from = stroke.layer === layer ? Math.max(stroke.points.length - 2, 0) : 0; // it may be another one by now
  stroke.layer = layer;
  if (stroke.wiped) paintLines(layer, stroke.wiped, pen.ink);
  else paintStroke(layer, stroke, from, pen.ink);
  if (stroke.kind === "keys") part(".pen").classList.add("down");
}

function repaint() {
  const isWiped = [pen.erased, ...pen.ended, pen.stroke].some((stroke) => stroke?.wiped);
  part(".canvas-root")?.classList.toggle("erasing", isWiped); // the canvas's own ink is not seen meanwhile
  wipe(part(".preview"));
  for (const stroke of [pen.erased, ...pen.ended, pen.stroke]) {
    if (stroke) paint(Object.assign(stroke, { layer: null }));
  }
}

// ---- The canvas hears of it

// The drawing is going to be replaced, once more: what is drawn from now on waits for that.
export function holdPen() {
  pen.until = Math.max(pen.until ?? 0, inCanvas()) + 1;
  holdOn();
}

// Python is told only now, as it had to know the last stroke first: the wait begins anew.
export function holdOn() {
  pen.askedAt = performance.now();
  clearTimeout(pen.timer);
  pen.timer = setTimeout(giveUp, LONGEST);
}

function giveUp() {
  if (waits(pen.askedAt)) pen.timer = setTimeout(giveUp, LONGEST / 10);
  else goOn();
}

const waits = (since) => isPatient(Math.max(since, pen.askedAt), LONGEST);

// It is not replaced, after all.
export function goOn() {
  clearTimeout(pen.timer);
  pen.until = null;
  for (const stroke of pen.ended) stroke.until = 0;
  flush();
}

function flush() {
  cancelAnimationFrame(pen.frame);
  if (!pen.ended.length) return;
  pen.since ??= performance.now();
  const { until } = pen.ended[0];
  if (!isSettled(until) && waits(pen.since)) {
    pen.frame = requestAnimationFrame(flush);
    return;
  }
  pen.since = null;
  const later = pen.ended.findIndex((stroke) => stroke.until > until);
  for (const stroke of pen.ended.splice(0, later < 0 ? pen.ended.length : later)) play(stroke);
  if (pen.ended.length) pen.frame = requestAnimationFrame(flush);
  requestAnimationFrame(() => requestAnimationFrame(repaint)); // the canvas has drawn it by then
}

// Does the canvas show what Python told it to show?
function isSettled(until) {
  const [shown, before, board] = [inCanvas(), pen.shown, told()?.loaded];
  pen.shown = shown; // what has changed is loaded within the frame
  return Boolean(part(".upper-canvas")) && shown === before && shown >= until && (board ?? shown) === shown;
}

// Pointer events, since a mouse's own are cut to whole pixels.
function play(stroke) {
  const canvas = part(".upper-canvas");
  stroke.isOnCanvas = true;
  if (!canvas) return;
  if (stroke.wiped) return sendWiped(stroke);
  const { points } = stroke;
  const box = canvas.getBoundingClientRect();
  const say = (type, { x, y }, buttons) => {
    const at = { clientX: box.left + (x * box.width) / pen.side, clientY: box.top + (y * box.height) / pen.side };
    const how = { buttons, isPrimary: true, pointerType: "mouse", bubbles: true, composed: true, cancelable: true };
    canvas.dispatchEvent(new PointerEvent(type, { ...at, ...how }));
  };
  say("mousedown", points[0], 1);
  for (const point of points.slice(1)) say("mousemove", point, 1);
  say("mouseup", points[points.length - 1], 0);
  queueMicrotask(pen.send); // after the component has added it to its drawing
}

function sendWiped(stroke) {
  if (pen.until === null) holdPen();
  else holdOn();
  const [until, begun] = [pen.until, performance.now()];
  pen.erased = stroke;
  pen.sendErased(stroke.wiped);
  const watch = () => {
    const isThere = inCanvas() >= until && told()?.loaded === inCanvas();
    if (!isThere && waits(begun)) requestAnimationFrame(watch);
    else if (pen.erased === stroke) requestAnimationFrame(() => requestAnimationFrame(done)); // it is drawn by then
  };
  const done = () => {
    if (pen.erased === stroke) pen.erased = null;
    repaint();
  };
  watch();
}
