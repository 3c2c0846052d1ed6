// Strokes -> atoms, and neighbouring atoms that may be one digit. What core/ink/segments.py does for a drawing, said once
// more for the browser; tests/browser/test_live_reading.py holds the two to each other.
// A stroke is a Float64Array of x, y, x, y, ...: x to the right, y down, in pixels of the canvas.
// limits: {maxAtoms, maxInSegment, maxWidth, cutFrom, cutEvery, mark}, the constants of core/ink/segments.py; mark: of a
// decimal point, [the most of its size, the least and the most of how far down it stands, how far aside].

/**
 * A piece of a stroke that belongs to one digit as a whole: its box, and which part of which stroke it is.
 * @typedef {{points: Float64Array, source: number, part: number, left: number, top: number, right: number, bottom: number}} Atom
 * Neighbouring atoms, by their places among all; height: as a fraction of the whole ink's; cuts: how many ends are cuts.
 * @typedef {{atoms: number[], left: number, top: number, right: number, bottom: number, height: number, cuts: number}} Segment
 */

/** @returns {Atom[]} in the order in which they were drawn */
export function atomsOf(strokes, limits) {
  const height = extentOf(around(strokes.map(boxOf)));
  return strokes.flatMap((points, source) => {
    const { left, right } = boxOf(points);
    const cuts = right - left > limits.cutFrom * height ? cutsOf(points, height, limits) : [];
    const ends = [0, ...cuts, points.length / 2 - 1];
    return ends.slice(1).map((end, part) => {
      const ink = points.subarray(2 * ends[part], 2 * end + 2);
      return { points: ink, source, part, ...boxOf(ink) };
    });
  });
}

/**
 * The atoms without a decimal point or comma, which is small and stands at the foot of the digits, between two, or the
 * points of a date; and its column, null where there is not just one.
 * @param {Atom[]} atoms
 */
export function withoutMark(atoms, limits) {
  const isWhole = (atom) => atoms.every((other) => other === atom || other.source !== atom.source);
  const marks = atoms.filter((atom) => isWhole(atom) && isMark(atom, atoms.filter((o) => o !== atom), limits.mark));
  const mark = marks.length === 1 ? (marks[0].left + marks[0].right) / 2 : null;
  return { atoms: atoms.filter((atom) => !marks.includes(atom)), mark };
}

function isMark(atom, others, [largest, lowest, highest, aside]) {
  if (others.length < 2) return false;
  const box = around(others);
  const height = extentOf(box);
  const [across, down] = [(atom.left + atom.right) / 2, (atom.top + atom.bottom) / 2];
  if (Math.max(atom.right - atom.left, atom.bottom - atom.top) > largest * height) return false;
  const below = (down - box.top) / height;
  if (below < lowest || below > highest) return false;
  const middles = others.map((other) => (other.left + other.right) / 2);
  const isAside = others.every((o, i) => Math.abs(across - middles[i]) >= aside * (o.right - o.left));
  return isAside && Math.min(...middles) < across && across < Math.max(...middles);
}

function boxOf(points) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = 0; i < points.length; i += 2) {
    box.left = Math.min(box.left, points[i]);
    box.right = Math.max(box.right, points[i]);
    box.top = Math.min(box.top, points[i + 1]);
    box.bottom = Math.max(box.bottom, points[i + 1]);
  }
  return box;
}

const around = (boxes) => ({
  left: Math.min(...boxes.map((box) => box.left)),
  top: Math.min(...boxes.map((box) => box.top)),
  right: Math.max(...boxes.map((box) => box.right)),
  bottom: Math.max(...boxes.map((box) => box.bottom)),
});

// The height of a box, but at least a tenth of its width: what is flat is no row of digits.
const extentOf = ({ left, top, right, bottom }) => Math.max(bottom - top, 0.1 * (right - left), 1e-9);

// Indices of points at which a stroke may pass from one digit into the next: where what comes before and what comes after
// overlap least, seen from above.
function cutsOf(points, height, { cutEvery }) {
  const x = points.filter((_, i) => i % 2 === 0);
  const last = x.length - 1;
  const [before, after] = [x.slice(), x.slice()];
  for (let i = 1; i <= last; i++) before[i] = Math.max(before[i], before[i - 1]);
  for (let i = last - 1; i >= 0; i--) after[i] = Math.min(after[i], after[i + 1]);
  const overlap = x.map((_, i) => (before[i] - after[i]) / height);
  const [low, high] = [Math.min(...x), Math.max(...x)];
  const found = [];
  const inner = Array.from({ length: Math.max(last - 1, 0) }, (_, i) => i + 1);
  for (const i of inner.sort((a, b) => overlap[a] - overlap[b])) {
    if (overlap[i] > cutEvery) break;
    const isInside = Math.min(x[i] - low, high - x[i]) > cutEvery * height;
    if (isInside && found.every((other) => Math.abs(x[i] - x[other]) > cutEvery * height)) found.push(i);
  }
  return found.sort((a, b) => a - b);
}

/**
 * The segments of each order in which the atoms of a digit may be neighbours: by time, and by place. A key is
 * start * (count + 1) + stop in the order; keys rise.
 * @param {Atom[]} atoms
 * @returns {Map<number, Segment>[]}
 */
export function candidatesOf(atoms, limits) {
  if (!atoms.length || atoms.length > limits.maxAtoms) return [];
  const byTime = atoms.map((_, n) => n);
  const middle = (n) => atoms[n].left + atoms[n].right;
  const byPlace = [...byTime].sort((a, b) => middle(a) - middle(b));
  const orders = byPlace.every((n, i) => n === i) ? [byTime] : [byTime, byPlace];
  return orders.map((order) => inOrder(atoms, order, limits));
}

function inOrder(atoms, order, { maxInSegment, maxWidth }) {
  const count = order.length;
  const height = extentOf(around(atoms));
  const parts = new Set(atoms.map(partKey));
  const found = new Map();
  for (let start = 0; start < count; start++) {
    for (let stop = start + 1; stop <= count; stop++) {
      const isAll = start === 0 && stop === count;
      if (stop - start > maxInSegment && !isAll) continue;
      const segment = segmentOf(atoms, order.slice(start, stop), height, parts);
      if (segment.right - segment.left > maxWidth * height && !isAll) continue;
      found.set(start * (count + 1) + stop, segment);
    }
  }
  return found;
}

const partKey = ({ source, part }) => source * 1000 + part;

function segmentOf(atoms, chosen, height, parts) {
  const box = around(chosen.map((n) => atoms[n]));
  const mine = new Set(chosen.map((n) => partKey(atoms[n])));
  let cuts = 0;
  for (const key of mine) for (const next of [key - 1, key + 1]) if (parts.has(next) && !mine.has(next)) cuts++;
  const fraction = Math.min((box.bottom - box.top) / height, 1);
  return { atoms: [...chosen].sort((a, b) => a - b), ...box, height: fraction, cuts };
}

/**
 * Some atoms, in order, those that follow each other in one stroke put together again.
 * @param {Atom[]} atoms
 * @returns {{points: Float64Array, source: number}[]}
 */
export function joinedAtoms(atoms) {
  const strokes = [];
  let last = null;
  for (const atom of atoms) {
    if (last && last.source === atom.source && last.part + 1 === atom.part) {
      const stroke = strokes[strokes.length - 1];
      stroke.points = Float64Array.from([...stroke.points, ...atom.points.subarray(2)]);
    } else {
      strokes.push({ points: atom.points, source: atom.source });
    }
    last = atom;
  }
  return strokes;
}
