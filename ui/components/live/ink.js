// Strokes -> the image that a network is given. What core/ink/fabricjs.py and core/ink/preprocessing.py do, said once
// more for the browser; tests/browser/test_live_bars.py holds the two to each other.
// A stroke is a Float64Array of x, y, x, y, ...: x to the right, y down, in pixels of the canvas.
// ink: {size, box, centre, radius, spacing, dot, stray}, the constants of core/ink/preprocessing.py; stray: of a stray dot,
// [the most of its size, the least of its distance, and of how far it lies outside, the width from which it may be above].

// What the canvas component (Fabric.js 7.4) makes of the pen's points when it is lifted, as core/ink/fabricjs.py
// reads it: points nearer than DECIMATE left out, then a curve through the middles between the others.
const DECIMATE = 0.4;

export function strokeOf(points, brush) {
  const kept = decimated(points);
  const last = kept.length - 1;
  // Fabric makes a line of three points and more a trifle longer, at both ends.
  const nudge = last > 1 ? brush / 1000 : 0;
  const [start, end] = nudge ? [toward(kept[1], kept[2]), toward(kept[last - 1], kept[last])] : [NOWHERE, NOWHERE];
  let [x, y] = [kept[0].x - nudge * start.x, kept[0].y - nudge * start.y];
  const stroke = [x, y];
  for (let i = 0; i < last; i++) {
    const [from, to] = [kept[i], kept[i + 1]];
    if (from.x === to.x && from.y === to.y) continue;
    const [x1, y1] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
    stroke.push((x + 2 * from.x + x1) / 4, (y + 2 * from.y + y1) / 4, x1, y1);
    [x, y] = [x1, y1];
  }
  stroke.push(kept[last].x + nudge * end.x, kept[last].y + nudge * end.y);
  return Float64Array.from(stroke);
}

const NOWHERE = { x: 0, y: 0 };
const toward = (a, b) => ({ x: Math.sign(b.x - a.x), y: Math.sign(b.y - a.y) });

function decimated(points) {
  if (points.length <= 2) return points;
  let last = points[0];
  const kept = [last];
  for (const point of points.slice(1, -2)) {
    if ((last.x - point.x) ** 2 + (last.y - point.y) ** 2 < DECIMATE ** 2) continue;
    kept.push((last = point));
  }
  kept.push(points[points.length - 1]);
  return kept;
}

// Float32Array [size * size], 0 = paper, 1 = ink; null where there is no ink.
export function imageOf(strokes, brushes, ink) {
  const every = strokes.map((stroke, i) => ({ stroke, brush: brushes[i] ?? 0 })).filter(({ stroke }) => stroke.length);
  if (!every.length) return null;
  const kept = withoutStrayDot(every, ink.stray);
  const drawn = kept.map(({ stroke }) => stroke);
  const { left, top, right, bottom } = boundsOf(drawn);
  const extent = Math.max(right - left, bottom - top);
  const isDot = extent === 0 || extent <= ink.dot * Math.max(0, ...kept.map(({ brush }) => brush));
  const scale = isDot ? 0 : (ink.box - 2 * ink.radius) / extent;
  const place = (n, low, high) => (n - (low + high) / 2) * scale + ink.size / 2;
  const segments = drawn.flatMap((stroke) =>
    segmentsOf(
      thinned(
        stroke.map((n, i) => (i % 2 ? place(n, top, bottom) : place(n, left, right))),
        ink.spacing,
      ),
    ),
  );
  const boxed = rasterise(segments, 0, 0, ink);
  const [x, y] = centreOfMass(boxed, ink.size);
  return rasterise(segments, ink.centre - x, ink.centre - y, ink);
}

function boundsOf(strokes) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const stroke of strokes) {
    for (let i = 0; i < stroke.length; i += 2) {
      left = Math.min(left, stroke[i]);
      right = Math.max(right, stroke[i]);
      top = Math.min(top, stroke[i + 1]);
      bottom = Math.max(bottom, stroke[i + 1]);
    }
  }
  return { left, top, right, bottom };
}

// All but a single dot that the pen, or a palm, left beside a character; the dot of an i stays.
function withoutStrayDot(every, [longest, nearest, least, over]) {
  if (every.length < 2) return every;
  const lengths = every.map(({ stroke }) => {
    const { left, top, right, bottom } = boundsOf([stroke]);
    return Math.max(right - left, bottom - top);
  });
  const limit = longest * Math.max(...lengths);
  const dots = every.filter((_, i) => lengths[i] <= limit);
  if (dots.length !== 1) return every;
  const rest = every.filter((one) => one !== dots[0]);
  const box = boundsOf(rest.map(({ stroke }) => stroke));
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const side = Math.max(width, height);
  const dot = boundsOf([dots[0].stroke]);
  const [x, y] = [(dot.left + dot.right) / 2, (dot.top + dot.bottom) / 2];
  if (width < over * height && (y < box.top || y > box.bottom)) return every;
  if (Math.max(box.left - x, x - box.right, box.top - y) < least * side) return every;
  const isNear = rest.some(({ stroke }) => {
    for (let i = 0; i < stroke.length; i += 2) if (Math.hypot(stroke[i] - x, stroke[i + 1] - y) < nearest * side) return true;
    return false;
  });
  return isNear ? every : rest;
}

// The ends and a point every `spacing` along the way.
function thinned(stroke, spacing) {
  if (stroke.length < 6) return stroke;
  const kept = [stroke[0], stroke[1]];
  let [way, tick] = [0, 0];
  for (let i = 2; i < stroke.length - 2; i += 2) {
    way += Math.hypot(stroke[i] - stroke[i - 2], stroke[i + 1] - stroke[i - 1]);
    const now = Math.floor(way / spacing);
    if (now > tick) kept.push(stroke[i], stroke[i + 1]);
    tick = now;
  }
  kept.push(stroke[stroke.length - 2], stroke[stroke.length - 1]);
  return kept;
}

// A point alone is a segment of length 0.
function segmentsOf(stroke) {
  if (stroke.length === 2) return [[stroke[0], stroke[1], stroke[0], stroke[1]]];
  const segments = [];
  for (let i = 0; i + 3 < stroke.length; i += 2) segments.push(stroke.slice(i, i + 4));
  return segments;
}

// 1 within the radius of a segment, falling to 0 over one pixel; only the pixels near a segment are looked at.
function rasterise(segments, right, down, { size, radius }) {
  const reach = radius + 0.5;
  const nearest = new Float64Array(size * size).fill(reach * reach);
  const from = (n) => Math.max(0, Math.ceil(n - reach - 0.5));
  const to = (n) => Math.min(size - 1, Math.floor(n + reach - 0.5));
  for (const [ax, ay, bx, by] of segments) {
    const [x0, y0, dx, dy] = [ax + right, ay + down, bx - ax, by - ay];
    const squared = Math.max(dx * dx + dy * dy, 1e-12);
    const [first, last] = [from(x0 + Math.min(0, dx)), to(x0 + Math.max(0, dx))];
    for (let row = from(y0 + Math.min(0, dy)), end = to(y0 + Math.max(0, dy)); row <= end; row++) {
      for (let column = first; column <= last; column++) {
        const [x, y] = [column + 0.5 - x0, row + 0.5 - y0];
        const t = Math.min(Math.max((x * dx + y * dy) / squared, 0), 1);
        const distance = (x - t * dx) ** 2 + (y - t * dy) ** 2;
        if (distance < nearest[row * size + column]) nearest[row * size + column] = distance;
      }
    }
  }
  return Float32Array.from(nearest, (squared) => Math.min(Math.max(reach - Math.sqrt(squared), 0), 1));
}

function centreOfMass(pixels, size) {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((value, i) => {
    mass += value;
    x += value * ((i % size) + 0.5);
    y += value * (Math.floor(i / size) + 0.5);
  });
  return [x / mass, y / mass];
}
