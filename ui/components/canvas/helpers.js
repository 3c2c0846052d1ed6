// What the canvas component lacks, with pen.js.
// - It waits 200 ms after the pen is lifted before it sends the drawing (its debounce), and has no option for that.
//   Its toolbar, which is hidden (canvas.css), has a button that sends at once: this presses it. Without the button
//   everything works as before, 200 ms later.
// - Keyboard shortcuts for undo, redo and clear. Streamlit's own would be written on the buttons, which then
//   do not fit a phone. A key that is pressed before the server knows of the last stroke waits for it.
// - An eraser beside the pen: its button, and the key E, change the tool here, at once.
// data: {canvas: the key of the canvas, side: its side in pixels, ink: its colour, keys: {"ctrl+z": the key of a button, ...},
// eraser: that of the eraser's, clearing: that of a container whose buttons have the canvas replaced, too}
// Says: erased, {strokes, brushes, canvas}, what the eraser has left of the drawing, once.

import { pairsOf } from "../live/kept_drawing.js";
import { drawnNow } from "../live/messages.js";
import { isPatient } from "../live/server_state.js";
import { showRubber } from "./eraser.js";
import { invite } from "./ghost.js";
import { followPen, forgetPen, goOn, holdOn, holdPen, pen } from "./pen.js";

const SEND = 'button[aria-label="Update the app with this drawing"]';
const PATIENCE = 3000; // milliseconds
const TYPED = "input:not([type=checkbox]), textarea, select, [contenteditable]"; // where a key is a letter

let stop = () => {};

// Called anew, without a word, when the theme changes: what listened before must not listen twice.
export default function ({ data, setTriggerValue }) {
  stop();
  const buttons = [...Object.values(data.keys), data.clearing].map((key) => `.st-key-${key}`);

  let host = null;
  const root = () => {
    if (!host?.isConnected) {
      host = [...document.querySelectorAll(`.st-key-${data.canvas} *`)].find(
        (element) => element.shadowRoot?.querySelector(".canvas-root"),
      );
    }
    return host?.shadowRoot ?? null;
  };
  const send = () => /** @type {HTMLElement} */ (root()?.querySelector(SEND))?.click();

  let acted = -Infinity; // when a button of the canvas was last pressed

  const sendErased = ({ strokes, brushes }) =>
    setTriggerValue("erased", { strokes: strokes.map(pairsOf), brushes, canvas: data.side });

  // Streamlit's button, but Python has nothing to do with it.
  const showTool = () => {
    document.querySelector(`.st-key-${data.eraser} button`)?.setAttribute("aria-pressed", `${pen.erases}`);
    root()?.querySelector(".canvas-root")?.classList.toggle("eraser", pen.erases);
  };
  const changeTool = () => {
    pen.erases = !pen.erases;
    if (!pen.erases) showRubber(root()?.querySelector(".rubber"), null, data.side);
    showTool();
  };

  // A tap that keeps the drawing, before the server knows of its last stroke: it waits.
  const unknown = () => [...pen.ended, ...drawnNow().unseen];
  const tooEarly = (event) => {
    const button = event.composedPath().find((element) => element.matches?.("button"));
    return event.isTrusted && unknown().length > 0 && button?.closest(`.st-key-${data.clearing}`) ? button : null;
  };
  const later = (button, isKnown, since = performance.now()) => {
    if (isKnown() || !isPatient(since, PATIENCE)) {
      acted = performance.now();
      holdOn();
      button.click();
    } else requestAnimationFrame(() => later(button, isKnown, since));
  };
  // Does the server know of what is drawn now? What is drawn from now on waits until the canvas has been replaced, and is
  // not waited for.
  const whenKnown = () => {
    const drawn = unknown();
    holdPen();
    return () => !drawn.some((stroke) => unknown().includes(stroke));
  };
  let stopped = null; // the button that does not know that it is pressed: the server may answer before it is let go
  const pressed = (event) => {
    stopped = tooEarly(event);
    if (stopped) event.stopImmediatePropagation(); // some buttons act at once, others at the click
  };

  const clicked = (event) => {
    const tapped = tooEarly(event) ?? (event.isTrusted && event.composedPath().includes(stopped) ? stopped : null);
    stopped = null;
    if (tapped) {
      event.stopImmediatePropagation();
      event.preventDefault();
      return later(tapped, whenKnown());
    }
    const button = event.composedPath().find((element) => element.matches?.("button"));
    if (button?.closest(`.st-key-${data.eraser}`)) {
      event.stopImmediatePropagation();
      return changeTool();
    }
    if (!buttons.some((selector) => button?.closest(selector))) return;
    acted = performance.now();
    if (event.isTrusted) holdPen();
  };

  const press = (event) => {
    const typing = event.composedPath()[0].closest?.(TYPED);
    if (typing || event.altKey) return;
    const modifiers = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.shiftKey ? "shift+" : "");
    if (!modifiers && event.key.toLowerCase() === "e" && root()) return changeTool();
    const key = data.keys[modifiers + event.key.toLowerCase()];
    if (!document.querySelector(`.st-key-${key} button`)) return;
    event.preventDefault();
    click(key, whenKnown(), pen.lifted);
  };

  const click = (key, isKnown, lifted) => {
    /** @type {HTMLButtonElement | null} */
    const button = document.querySelector(`.st-key-${key} button`);
    const early = button?.disabled || !isKnown();
    // After a stroke, an undo, a clear the buttons turn grey or live only when Python has answered.
    if (early && isPatient(Math.max(lifted, acted), PATIENCE)) requestAnimationFrame(() => click(key, isKnown, lifted));
    else if (button && !button.disabled) {
      holdOn();
      button.click();
    } else goOn();
  };

  const controller = new AbortController();
  const listen = (name, handler, capture = false) =>
    window.addEventListener(name, handler, { capture, passive: false, signal: controller.signal });
  listen("pointerdown", pressed, true);
  listen("click", clicked, true);
  followPen(listen, root, send, sendErased, data);
  invite(listen, root);
  listen("digit-lab-messages", () => [0, 200].forEach((wait) => setTimeout(showTool, wait))); // they may be put up anew
  showTool();
  listen("keydown", press);

  return (stop = () => {
    forgetPen();
    controller.abort();
  });
}
