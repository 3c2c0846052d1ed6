// The eraser: a stroke of it has `wiped`, what it leaves of the whole drawing, instead of ink of its own.

import { cut } from "../live/cut.js";
import { drawnNow } from "../live/messages.js";

const RADIUS = 18; // pixels of the canvas

export function beginErasing(stroke) {
  stroke.wiped = drawnNow();
  erase(stroke);
}

// On to the last of its points.
export function erase(stroke) {
  const { points, wiped } = stroke;
  const to = points[points.length - 1];
  stroke.wiped = cut(wiped.strokes, wiped.brushes, points[points.length - 2] ?? to, to, RADIUS);
}

// at: where the eraser is, {x, y}, or null where it is not to be seen.
export function showRubber(rubber, at, side) {
  if (!rubber) return;
  rubber.hidden = !at;
  if (!at) return;
  const percent = (n) => `${(100 * n) / side}%`;
  Object.assign(rubber.style, { left: percent(at.x), top: percent(at.y), width: percent(2 * RADIUS) });
}
