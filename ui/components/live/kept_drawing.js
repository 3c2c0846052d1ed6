// The drawing in this tab's own storage, in the form of core/ink/files.py: it outlives a reload.

const DRAWING = "digit-lab-drawing";

const hundredth = (n) => Math.round(100 * n) / 100;

/** x, y, x, y, ... -> [[x, y], ...], in hundredths of a pixel */
export const pairsOf = (flat) =>
  Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]].map(hundredth));

/** side: of the canvas, in pixels; asked: what a class asked for, null elsewhere */
export function keepInTab({ strokes, brushes }, side, asked) {
  try {
    const drawing = { strokes: strokes.map(pairsOf), brushes, canvas: side, asked };
    sessionStorage.setItem(DRAWING, JSON.stringify(drawing));
  } catch {
    // A browser may refuse to keep anything.
  }
}

/** @returns {object | null} as it was kept; null where there are no strokes */
export function keptInTab() {
  try {
    const before = JSON.parse(sessionStorage.getItem(DRAWING));
    return before?.strokes?.length ? before : null;
  } catch {
    return null; // it may have kept something else
  }
}
