// The pen waits while Python replaces the drawing. A stroke that is begun after undo, redo or clear, and before
// the canvas has loaded what they lead to, would be lost when it does: its events are kept, and played to the
// canvas then. A finger's are played as a mouse's, until it is lifted, since Touch objects cannot be made
// everywhere.
// This file stands before canvas_helpers.js.

const LONGEST = 2000; // milliseconds that events wait
const PEN = ["mousedown", "mousemove", "mouseup", "touchstart", "touchmove", "touchend", "touchcancel"];
const AS_MOUSE = { touchstart: "mousedown", touchmove: "mousemove", touchend: "mouseup", touchcancel: "mouseup" };

// root: finds the canvas's shadow root; side: of the canvas, in pixels; until: what Python's count of its
// replacements will be; pen: whose events are kept, "mouse" or the finger's number; events: those that wait.
const nothing = () => ({ until: null, pen: null, events: [], asked: null, timer: 0, frame: 0 });
const hold = { ...nothing(), root: () => null, side: 0 };

// That count as the canvas has it: Python writes it into the largest height at which the canvas may be shown.
const inCanvas = () => (parseInt(hold.root()?.querySelector(".dc-scroll")?.style.maxHeight, 10) || 0) - hold.side;
// And as live_bars.js has it.
const onBoard = () =>
  [...(window.digitLabBoard?.values() ?? [])].find((told) => told.answers)?.canvas?.loaded ?? 0;

// The drawing is going to be replaced, once more.
function holdPen() {
  hold.until = Math.max(hold.until ?? 0, inCanvas()) + 1;
  clearTimeout(hold.timer);
  hold.timer = setTimeout(goOn, LONGEST);
  cancelAnimationFrame(hold.frame);
  hold.frame = requestAnimationFrame(look);
}

function look() {
  if (Math.min(inCanvas(), onBoard()) < hold.until) hold.frame = requestAnimationFrame(look);
  else hold.frame = requestAnimationFrame(goOn); // it loads within the frame
}

// Listen for a hand's clicks on these buttons, and for the pen.
function holdAfterClicks(listen, selectors, root, side) {
  Object.assign(hold, { root, side });
  const clicked = (event) => {
    const button = event.composedPath().find((element) => element.matches?.("button"));
    if (event.isTrusted && selectors.some((selector) => button?.closest(selector))) holdPen();
  };
  const meet = (event) => {
    if (!window.digitLabHeld(event)) return;
    event.stopImmediatePropagation();
    if (event.cancelable) event.preventDefault(); // or a tap would press the mouse later on
  };
  listen("click", clicked, true);
  for (const name of PEN) listen(name, meet, true);
}

function forgetHeld() {
  clearTimeout(hold.timer);
  cancelAnimationFrame(hold.frame);
  Object.assign(hold, nothing());
}

// Is this event kept from the canvas? live_bars.js asks, too: of one event the answer stays the same.
window.digitLabHeld = (event) => {
  if (hold.asked?.event !== event) hold.asked = { event, held: event.isTrusted && keep(event) };
  return hold.asked.held;
};

function keep(event) {
  const touch = event.type.startsWith("touch");
  if (hold.pen === null) {
    const onCanvas = event.composedPath()[0].classList?.contains("upper-canvas");
    const begins = event.type === "touchstart" || (event.type === "mousedown" && event.button === 0);
    if (hold.until === null || !begins || !onCanvas) return false;
    hold.pen = touch ? event.changedTouches[0].identifier : "mouse";
  }
  if (touch !== (hold.pen !== "mouse")) return false;
  const from = touch ? [...event.changedTouches].find(({ identifier }) => identifier === hold.pen) : event;
  if (!from) return true; // another finger
  const { clientX, clientY } = from;
  const type = AS_MOUSE[event.type] ?? event.type;
  hold.events.push({ type, clientX, clientY, shiftKey: event.shiftKey });
  if (type === "mouseup") hold.pen = null;
  if (hold.until === null) play();
  return true;
}

function goOn() {
  clearTimeout(hold.timer);
  cancelAnimationFrame(hold.frame);
  hold.until = null;
  if (hold.pen === "mouse") hold.pen = null; // the canvas hears the rest itself
  play();
}

function play() {
  const canvas = hold.root()?.querySelector(".upper-canvas"); // may be another one by now
  for (const { type, ...where } of hold.events.splice(0)) {
    const buttons = type === "mouseup" ? 0 : 1;
    canvas?.dispatchEvent(
      new MouseEvent(type, { ...where, buttons, bubbles: true, composed: true, cancelable: true }),
    );
  }
}
