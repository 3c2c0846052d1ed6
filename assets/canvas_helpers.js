// What the canvas component lacks.
// - It waits 200 ms after the pen is lifted before it sends the drawing, and has no option for that.
//   Its toolbar has a button that sends at once: this presses it. Without the button everything
//   works as before, 200 ms later.
// - That toolbar covers what is above it, and cannot be seen on a phone: it is hidden, since the page
//   has undo, redo and clear of its own.
// - Keyboard shortcuts for those three. Streamlit's own would be written on the buttons, which then
//   do not fit a phone. A key that is pressed before the server knows of the last stroke waits for it.
// data: {canvas: the key of the canvas, side: its side in pixels, keys: {"ctrl+z": the key of a button, ...}}

const SEND = 'button[aria-label="Update the app with this drawing"]';
const PATIENCE = 1000; // milliseconds

let stop = () => {};

// Called anew, without a word, when the theme changes: what listened before must not listen twice.
export default function ({ data }) {
  stop();
  let drawing = false;
  let frame = 0;
  let lifted = -Infinity;

  const root = () => {
    for (const element of document.querySelectorAll(`.st-key-${data.canvas} *`)) {
      if (element.shadowRoot?.querySelector(".canvas-root")) return element.shadowRoot;
    }
    return null;
  };

  const hideToolbar = () => {
    const toolbar = root()?.querySelector(".dc-toolbar");
    if (toolbar) toolbar.style.visibility = "hidden";
    else frame = requestAnimationFrame(hideToolbar);
  };

  const down = (event) => {
    drawing = event.composedPath().some((e) => e.classList?.contains("upper-canvas"));
  };

  const up = () => {
    if (!drawing) return;
    drawing = false;
    lifted = performance.now();
    // The canvas's own handlers listen nearer to it, so they have added the stroke to the drawing.
    root()?.querySelector(SEND)?.click();
  };

  const press = (event) => {
    const typing = event.composedPath()[0].closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.altKey) return;
    const modifiers = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.shiftKey ? "shift+" : "");
    const key = data.keys[modifiers + event.key.toLowerCase()];
    if (!document.querySelector(`.st-key-${key} button`)) return;
    event.preventDefault();
    holdPen();
    click(key);
  };

  const click = (key) => {
    const button = document.querySelector(`.st-key-${key} button`);
    const early = button?.disabled || document.querySelector(".dl-live");
    if (early && performance.now() - lifted < PATIENCE) requestAnimationFrame(() => click(key));
    else if (button && !button.disabled) button.click();
    else goOn();
  };

  const controller = new AbortController();
  const listen = (name, handler, capture = false) =>
    window.addEventListener(name, handler, { capture, passive: false, signal: controller.signal });
  holdAfterClicks(
    listen,
    Object.values(data.keys).map((key) => `.st-key-${key}`),
    root,
    data.side,
  );
  listen("touchstart", down, true);
  listen("mousedown", down, true);
  listen("mouseup", up);
  listen("touchend", up);
  listen("touchcancel", up);
  listen("keydown", press);
  hideToolbar();

  return (stop = () => {
    cancelAnimationFrame(frame);
    forgetHeld();
    controller.abort();
  });
}
