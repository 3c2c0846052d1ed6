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
