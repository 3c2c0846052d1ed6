// Where a drawing goes on a finished map, and what lies nearest: the arithmetic of core/analysis/placement.py, said once
// more for the browser, which places the star while the pen moves.

const MAX_STEPS = 60;
const MAX_HALVINGS = 40;
const FLAT = 1e-6; // a slope that is none

// What a network (live/network.js) makes of an image, placed: {at, near, own: its numbers in the hidden layer}; null where
// they are no numbers.
export function placeInk(network, map, ink) {
  const own = network.activations(ink).at(-2);
  return own.every(Number.isFinite) ? { ...place(map, own), own: [...own] } : null;
}

// own: Float32Array of `width` numbers; map: see map_data.js. Returns [x, y], and the nearest as [{number, square}].
export function place(map, own) {
  const squares = squaredDistances(map, own);
  const near = nearest(squares, map.neighbours);
  const at = map.map === "PCA" ? projected(map, own) : byTsne(map, near);
  return { at, near };
}

// Of each of the map's images, over the numbers of the hidden layer.
function squaredDistances({ vectors, count, width }, own) {
  const squares = new Float64Array(count);
  for (let k = 0, at = 0; k < width; k++, at += count) {
    const mine = own[k];
    for (let i = 0; i < count; i++) squares[i] += (vectors[at + i] - mine) ** 2;
  }
  return squares;
}

// The `most` smallest, the smallest first; of equals the first.
function nearest(squares, most) {
  const found = [];
  for (let number = 0; number < squares.length; number++) {
    const square = squares[number];
    if (found.length === most && square >= found[most - 1].square) continue;
    let rank = found.length;
    while (rank && found[rank - 1].square > square) rank--;
    found.splice(rank, 0, { number, square });
    if (found.length > most) found.pop();
  }
  return found;
}

function projected({ middle, components }, own) {
  const at = [0, 0];
  own.forEach((value, k) => {
    at[0] += (value - middle[k]) * components[2 * k];
    at[1] += (value - middle[k]) * components[2 * k + 1];
  });
  return at;
}

function byTsne({ points, perplexity }, near) {
  const p = weightsOf(near.map(({ square }) => square - near[0].square), perplexity);
  const start = [0, 1].map((axis) => near.reduce((sum, { number }, j) => sum + p[j] * points[2 * number + axis], 0));
  return downhill((at) => cost(points, near, p, at), start);
}

// Gaussian weights that sum to 1 and are as many as `perplexity`: exp of their entropy. By halving.
function weightsOf(squares, perplexity) {
  const mean = Math.max(squares.reduce((a, b) => a + b) / squares.length, 1e-30);
  let [low, high] = [-30, 30];
  let found = [];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    const logs = squares.map((square) => (-Math.exp(middle) * square) / mean);
    const top = Math.max(...logs);
    const all = top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
    found = logs.map((log) => Math.exp(log - all));
    const entropy = -logs.reduce((sum, log, j) => sum + found[j] * (log - all), 0);
    if (entropy > Math.log(perplexity)) low = middle;
    else high = middle;
  }
  return found;
}

// t-SNE's cost of lying here, and its slope: [cost, [x, y]].
/** @returns {[number, number[]]} */
function cost(points, near, p, at) {
  const [x, y] = at;
  let [sum, pullX, pullY] = [0, 0, 0];
  for (let i = 0; i < points.length; i += 2) {
    const [dx, dy] = [x - points[i], y - points[i + 1]];
    const close = 1 / (1 + dx * dx + dy * dy);
    sum += close;
    pullX -= close * close * dx;
    pullY -= close * close * dy;
  }
  [pullX, pullY] = [pullX / sum, pullY / sum];
  let found = 0;
  near.forEach(({ number }, j) => {
    const [dx, dy] = [x - points[2 * number], y - points[2 * number + 1]];
    const close = 1 / (1 + dx * dx + dy * dy);
    found -= p[j] * Math.log(close / sum);
    pullX += p[j] * close * dx;
    pullY += p[j] * close * dy;
  });
  return [found, [2 * pullX, 2 * pullY]];
}

// By Broyden, Fletcher, Goldfarb and Shanno, each step halved until it goes down far enough.
export function downhill(costAt, start) {
  let at = start;
  let [value, slope] = costAt(at);
  let [a, b, c] = [1, 0, 1]; // the inverse of the curvature: [[a, b], [b, c]]
  for (let n = 0; n < MAX_STEPS; n++) {
    let step = [-(a * slope[0] + b * slope[1]), -(b * slope[0] + c * slope[1])];
    let fall = slope[0] * step[0] + slope[1] * step[1];
    if (Math.max(Math.abs(slope[0]), Math.abs(slope[1])) < FLAT || fall >= 0) break;
    let [lower, next] = [Infinity, slope];
    let tries = 0;
    for (; tries < MAX_HALVINGS; tries++) {
      [lower, next] = costAt([at[0] + step[0], at[1] + step[1]]);
      if (lower <= value + 1e-4 * fall) break;
      [step, fall] = [[step[0] / 2, step[1] / 2], fall / 2];
    }
    if (tries === MAX_HALVINGS) break;
    [a, b, c] = learnt([a, b, c], step, [next[0] - slope[0], next[1] - slope[1]]);
    at = [at[0] + step[0], at[1] + step[1]];
    [value, slope] = [lower, next];
  }
  return at;
}

// The curvature, from how far the slope has turned along a step.
function learnt([a, b, c], step, turned) {
  const [[sx, sy], [yx, yy]] = [step, turned];
  const along = sx * yx + sy * yy;
  if (along <= 1e-12) return [a, b, c];
  const [m, n, o, p] = [1 - (sx * yx) / along, (-sx * yy) / along, (-sy * yx) / along, 1 - (sy * yy) / along];
  return [
    m * (m * a + n * b) + n * (m * b + n * c) + (sx * sx) / along,
    o * (m * a + n * b) + p * (m * b + n * c) + (sx * sy) / along,
    o * (o * a + p * b) + p * (o * b + p * c) + (sy * sy) / along,
  ];
}
