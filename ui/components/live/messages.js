// What Python has put on the page (board.js), for the scripts that read it. See PROTOCOL.md.

/** @returns {Map<Element, any>} what was said, by the element that it was said to */
export const board = () => window.digitLabBoard ?? new Map();

/** The answer that is shown, with what Python knows of the drawing; undefined where there is none. */
export const answer = () => [...board().values()].find((data) => data.answers);
