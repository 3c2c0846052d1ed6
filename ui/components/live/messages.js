// What scripts of other components know, asked by events that are answered at once. See PROTOCOL.md.

function asked(event, detail) {
  window.dispatchEvent(new CustomEvent(event, { detail }));
  return detail;
}

/** What Python has put on the page (message_store.js).
 * @returns {Map<Element, any>} what was said, by the element that it was said to */
export const messages = () => asked("digit-lab-ask", new Map());

/** The answer that is shown, with what Python knows of the drawing; undefined where there is none. */
export const answer = () => [...messages().values()].find((data) => data.answers);

/** Is there ink that Python has not answered yet, so that the bars show the browser's own answer (bars.js)?
 * @returns {boolean} */
export const isAhead = () => asked("digit-lab-ahead", { isAhead: false }).isAhead;

/** A network that this tab has been sent (bars.js), as bytes, by its key; null where it has not come.
 * @returns {Uint8Array | null} */
export const networkBytes = (key) => asked("digit-lab-network", { key, bytes: null }).bytes;

/** The `.grid` of the `pixel_grid` with this key: pixel_grid.js has put `paint`, `blank` and `values` there.
 * @returns {any} undefined where it is not on the page */
export function gridOf(key) {
  const grids = [...document.querySelectorAll(`.st-key-${key} *`)].map((one) => one.shadowRoot?.querySelector(".grid"));
  return grids.find((/** @type {any} */ grid) => grid?.paint);
}

/** All that is drawn now, as the browser knows it (bars.js): Float64Array of x, y, x, y, ... each, and one width each; and
 * the strokes (canvas/pen.js) that have ended and that Python does not know yet.
 * @returns {{strokes: Float64Array[], brushes: number[], unseen: object[]}} */
export const drawnNow = () => asked("digit-lab-drawn", { strokes: [], brushes: [], unseen: [] });
