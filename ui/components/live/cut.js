// Strokes -> what an eraser leaves of them: strokes again, cut where it passed.

const STEP = 2; // pixels of the canvas, between the places of a stroke that are looked at

/**
 * strokes: Float64Array of x, y, x, y, ...; brushes: one width each. The eraser moves in a straight line from a to b, {x, y}, and
 * is a disc of that radius; all ink of a line that it touches goes, so that no round end reaches under it.
 * @returns {{strokes: Float64Array[], brushes: number[]}} strokes that it does not touch are the same arrays
 */
export function cut(strokes, brushes, a, b, radius) {
  const left = { strokes: [], brushes: [] };
  strokes.forEach((stroke, n) => {
    const reach = radius + brushes[n] / 2;
    const parts = isFar(stroke, a, b, reach) ? [stroke] : partsOf(stroke, a, b, reach);
    left.strokes.push(...parts);
    left.brushes.push(...parts.map(() => brushes[n]));
  });
  return left;
}

function isFar(stroke, a, b, reach) {
  const [left, right] = [Math.min(a.x, b.x) - reach, Math.max(a.x, b.x) + reach];
  const [top, bottom] = [Math.min(a.y, b.y) - reach, Math.max(a.y, b.y) + reach];
  let [low, high, above, below] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < stroke.length; i += 2) {
    [low, high] = [Math.min(low, stroke[i]), Math.max(high, stroke[i])];
    [above, below] = [Math.min(above, stroke[i + 1]), Math.max(below, stroke[i + 1])];
  }
  return high < left || low > right || below < top || above > bottom;
}

function partsOf(stroke, a, b, reach) {
  const parts = [];
  let part = [];
  let last = null; // the place looked at before, if it stays
  let isTouched = false;
  const close = () => {
    if (last && part.length && (part[part.length - 2] !== last[0] || part[part.length - 1] !== last[1])) part.push(...last);
    if (part.length > 2 || (part.length && stroke.length === 2)) parts.push(Float64Array.from(part));
    part = [];
  };
  for (const [x, y, isOwn] of placesOf(stroke)) {
    if (distance(x, y, a, b) < reach) {
      isTouched = true;
      close();
      last = null;
      continue;
    }
    if (isOwn || !part.length) part.push(x, y);
    last = [x, y];
  }
  close();
  return isTouched ? parts : [stroke];
}

// The points of a stroke, and places between those that are far from each other: [x, y, is it a point?].
function* placesOf(stroke) {
  yield [stroke[0], stroke[1], true];
  for (let i = 2; i < stroke.length; i += 2) {
    const [x, y, dx, dy] = [stroke[i - 2], stroke[i - 1], stroke[i] - stroke[i - 2], stroke[i + 1] - stroke[i - 1]];
    const steps = Math.ceil(Math.hypot(dx, dy) / STEP);
    for (let n = 1; n < steps; n++) yield [x + (dx * n) / steps, y + (dy * n) / steps, false];
    yield [stroke[i], stroke[i + 1], true];
  }
}

function distance(x, y, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const along = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - a.x - t * dx, y - a.y - t * dy);
}
