// Which ink decided: each place is covered with a square of paper in turn, and the network asked again. What `occlusion` in
// core/analysis/attribution.py does for a drawing, said once more for the browser; tests/browser/test_live_reading.py holds
// the two to each other.
// An image is a Float32Array, rows first, 0 = paper, 1 = ink; a place is the number of a pixel in it.

import { forward } from "./graph.js";
import { classCount, logSumExp } from "./probabilities.js";

const PATCH = 5; // pixels, the side of the square
const HALF = PATCH >> 1;
export const COARSE = 4; // pixels: each of so many is asked about first
export const NOT_A_DIGIT = 10; // the eleventh output, of networks that have eleven

/** Around which pixels of every `step` x `step` the square covers ink: paper on paper changes nothing. */
export function inkedPlaces(ink, size, step) {
  const places = [];
  for (let y = step >> 1; y < size; y += step) {
    for (let x = step >> 1; x < size; x += step) {
      if (hasInk(ink, size, squareAt(y * size + x, size))) places.push(y * size + x);
    }
  }
  return places;
}

/** @returns {import("./graph.js").Part} at the edge the square is cut off */
export function squareAt(place, size) {
  const [y, x] = [Math.floor(place / size), place % size];
  const [top, left] = [Math.max(y - HALF, 0), Math.max(x - HALF, 0)];
  return { top, bottom: Math.min(y + HALF + 1, size), left, right: Math.min(x + HALF + 1, size) };
}

/** The least part that has both of these in it. */
const both = (one, other) => ({
  top: Math.min(one.top, other.top),
  bottom: Math.max(one.bottom, other.bottom),
  left: Math.min(one.left, other.left),
  right: Math.max(one.right, other.right),
});

function hasInk(ink, size, { top, bottom, left, right }) {
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) if (ink[y * size + x]) return true;
  return false;
}

/**
 * Asks a network about one image with some of it covered. Of each layer only that part is computed anew which hears of the
 * square, to the same numbers. Nothing else may ask the network meanwhile.
 * @returns {{outputs: Float32Array, covered: (place: number) => Float32Array}} outputs: of the image as it is
 */
export function coverer({ layers, outputs }, ink, size) {
  const all = outputs(ink).slice();
  const before = layers.map(({ out }) => out && out.slice());
  const paper = ink.slice();
  const copy = (from, to, part, width, channels) => {
    for (let y = part.top; y < part.bottom; y++) {
      const [start, end] = [(y * width + part.left) * channels, (y * width + part.right) * channels];
      to.set(from.subarray(start, end), start);
    }
  };
  const covered = (place) => {
    const square = squareAt(place, size);
    for (let y = square.top; y < square.bottom; y++) paper.fill(0, y * size + square.left, y * size + square.right);
    const parts = forward(layers, square, ({ heard }, part, others) => heard(others.reduce(both, part)));
    let at = 0;
    const made = forward(layers, paper, ({ run }, values, others) => run(values, parts[at++], others));
    const found = made[made.length - 1].slice();
    copy(ink, paper, square, size, 1);
    layers.forEach(({ out, shape }, i) => {
      if (out) copy(before[i], out, parts[i], shape.length < 3 ? 1 : shape[1], shape[shape.length - 1]);
    });
    return found;
  };
  return { outputs: all, covered };
}

/** ln(p / (1 - p)) of a class's probability p; the rivals of a digit are the nine others, those of 'not a digit' all ten. */
function logOdds(outputs, target) {
  const others = [...outputs.slice(0, classCount(outputs.length))].filter((_, k) => k !== target);
  return outputs[target] - logSumExp(others);
}

/**
 * By how much the log odds of a class fall where a place is covered; positive: what was covered spoke for it.
 * asked: {outputs, places, found: the outputs with each place covered}
 */
export function fallsOf({ outputs, places, found }, target) {
  const before = logOdds(outputs, target);
  return places.map((_, n) => before - logOdds(found[n], target));
}

/** What lies between the places of every `step` pixels, linearly. Float32Array [size * size]. */
export function spread(places, values, size, step) {
  const count = Math.ceil((size - (step >> 1)) / step);
  const known = new Float32Array(count * count);
  places.forEach((place, n) => {
    known[Math.floor(Math.floor(place / size) / step) * count + Math.floor((place % size) / step)] = values[n];
  });
  const within = (n) => Math.min(Math.max((n - (step >> 1)) / step, 0), count - 1);
  return Float32Array.from({ length: size * size }, (_, place) => {
    const [y, x] = [within(Math.floor(place / size)), within(place % size)];
    const [top, left] = [Math.min(Math.floor(y), count - 2), Math.min(Math.floor(x), count - 2)];
    const at = (row, column) => known[(top + row) * count + left + column];
    const [down, right] = [y - top, x - left];
    return (at(0, 0) * (1 - right) + at(0, 1) * right) * (1 - down) + (at(1, 0) * (1 - right) + at(1, 1) * right) * down;
  });
}
