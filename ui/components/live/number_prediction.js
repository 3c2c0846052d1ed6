// Digits side by side as a number: the best path through a lattice of segments. What core/models/number_prediction.py does
// for a drawing, said once more for the browser; tests/browser/test_live_reading.py holds the two to each other.
// numbers: {limits, costs, narrow, nestedFrom}, see core/models/browser_export.py.

import { whenIdle } from "./idle.js";
import { imageOf } from "./ink.js";
import { logSumExp, probabilitiesOf } from "./probabilities.js";
import { atomsOf, candidatesOf, joinedAtoms, withoutMark } from "./segments.js";

const KEPT = 600; // logits, of segments
const BUDGET = 4; // of the 16 milliseconds of a frame
const PAUSE = 60; // milliseconds between two times that the network is asked of segments while the pen is down

/**
 * What the network said of segments, by their ink. A stroke that grows has other ink in each frame: then what was said of
 * it before counts until there is time to ask anew.
 * @typedef {{logits: Map<string, Float32Array>, growing: Map<string, {ink: string, logits: Float32Array}>}} Evidence
 * @returns {Evidence}
 */
export const noEvidence = () => ({ logits: new Map(), growing: new Map() });

/**
 * The number that a drawing shows; null where it shows none, or where too little is known yet.
 * strokes: Float64Array each. growing: the place of the one that is being drawn, or -1. network: unpacked, with a reject
 * class. budget: milliseconds for asking it; evidence: what it said before, and keeps what it says now.
 * Returns {digits: [{digit, probability, probabilities, isDigit, strokes, sources}] from left to right, point: how many of
 * them stand before a decimal point, or 0, isWhole: has everything been asked?}.
 */
export function numberOf(strokes, growing, network, evidence, budget) {
  const { numbers } = network.header;
  const { atoms, mark } = withoutMark(atomsOf(strokes, numbers.limits), numbers.limits);
  const orders = candidatesOf(atoms, numbers.limits);
  const asked = askOf(orders, atoms, growing, network, evidence, budget);
  if (!asked.isKnown) return { digits: null, point: 0, isWhole: false };
  const path = bestPath(orders, atoms.length, asked.scores, numbers);
  const digits = path.map((segment) => {
    const parts = joinedAtoms(segment.atoms.map((n) => atoms[n]));
    const { probabilities, isDigit } = probabilitiesOf(asked.logits.get(nameOf(segment)));
    const digit = probabilities.indexOf(Math.max(...probabilities));
    const sources = parts.map(({ source }) => source);
    return { digit, probability: probabilities[digit], probabilities, isDigit, strokes: parts.map((p) => p.points), sources };
  });
  const before = mark === null ? 0 : path.filter(({ left, right }) => (left + right) / 2 < mark).length;
  return { digits: digits.length ? digits : null, point: before < path.length ? before : 0, isWhole: asked.isWhole };
}

/**
 * Reads numbers: of what is known already at once, so that the bars wait for nothing. The network is asked of the rest
 * in idle time, BUDGET milliseconds each time; when there is more, `onMore` is called, which is to read once more. A number stands
 * until the next is known: the beginning of one more digit would else take it away.
 */
export function numberPredictor(onMore) {
  /** @type {any} */
  let network = null;
  let evidence = noEvidence();
  let last = null;
  let wanted = null; // what is not known yet: {strokes, growing}
  let isDue = false;
  let asked = -Infinity; // when it was asked last

  function askLater(pause) {
    if (isDue) return;
    isDue = true;
    setTimeout(() => whenIdle(askOn, { timeout: PAUSE }), pause);
  }

  function askOn() {
    isDue = false;
    if (!wanted) return;
    const { isWhole } = numberOf(wanted.strokes, wanted.growing, network, evidence, BUDGET);
    asked = performance.now();
    if (isWhole || wanted.growing >= 0) onMore();
    else askLater(0);
  }

  return {
    forget() {
      [last, wanted] = [null, null];
    },
    read(strokes, growing, by) {
      if (by !== network) [network, evidence, last] = [by, noEvidence(), null];
      const { digits, point, isWhole } = numberOf(strokes, growing, network, evidence, 0);
      last = digits ? { digits, point } : last;
      wanted = isWhole ? null : { strokes, growing };
      if (wanted) askLater(growing < 0 ? 0 : asked + PAUSE - performance.now());
      return { digits: last?.digits ?? null, point: last?.point ?? 0 };
    },
  };
}

/** As Python's answer says it (PROTOCOL.md), and what its bars show: of the digit at a place. */
export function numberTold(digits, point, place) {
  const at = Math.min(place, digits.length - 1);
  const text = digits.map(({ digit }, i) => `${point && i === point ? "." : ""}${digit}`).join("");
  const probability = digits.reduce((product, digit) => product * digit.probability, 1);
  const words = `That is ${text}. The bars are of its ${ordinal(at + 1)} digit.`;
  return { text, probability, words, shown: digits[at] };
}

const ordinal = (n) => `${n}${["st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 3 : (n % 10) - 1] ?? "th"}`;

const nameOf = (segment) => segment.atoms.join(" ");

// Asks the network of segments that it has not seen, and of those that have grown since, while there is time.
function askOf(orders, atoms, growing, network, evidence, budget) {
  const end = performance.now() + budget;
  const inks = atoms.map(inkOf);
  const logits = new Map();
  const late = [];
  let isKnown = true;
  const segments = new Map(orders.flatMap((order) => [...order.values()].map((s) => [nameOf(s), s])));
  for (const [name, segment] of segments) {
    const ink = segment.atoms.map((n) => inks[n]).join(" ");
    const grows = segment.atoms.some((n) => atoms[n].source === growing);
    const before = grows ? evidence.growing.get(name) : undefined;
    const said = evidence.logits.get(ink) ?? before?.logits;
    if (said) logits.set(name, said);
    if (!evidence.logits.has(ink) && before?.ink !== ink) late.push({ name, segment, ink, grows, isNew: !said });
  }
  // What was never asked first, then what was asked longest ago: a map keeps the order in which it was filled.
  const ages = new Map([...evidence.growing.keys()].map((name, age) => [name, age]));
  late.sort((a, b) => Number(b.isNew) - Number(a.isNew) || (ages.get(a.name) ?? -1) - (ages.get(b.name) ?? -1));
  let isWhole = true;
  let took = 0; // a frame that is late by one more answer leaves out the next
  for (const { name, segment, ink, grows, isNew } of late) {
    const began = performance.now();
    if (began + took >= end) {
      isWhole = false;
      isKnown &&= !isNew;
      continue;
    }
    const said = outputsOf(segment, atoms, network);
    took = performance.now() - began;
    logits.set(name, said);
    evidence.growing.delete(name); // so that it comes last
    if (grows) evidence.growing.set(name, { ink, logits: said });
    else remember(evidence.logits, ink, said);
  }
  if (growing < 0) evidence.growing.clear();
  const scores = new Map([...logits].map(([name, said]) => [name, oddsOf(said, network.header.numbers.costs)]));
  return { logits, scores, isKnown, isWhole };
}

function remember(known, key, value) {
  known.set(key, value);
  if (known.size > KEPT) known.delete(known.keys().next().value);
}

// What tells a piece of ink from others: Python's strokes come back in hundredths of a pixel.
function inkOf({ points }) {
  const [at, end] = [points.length >> 2 << 1, points.length - 2];
  const some = [points[0], points[1], points[at], points[at + 1], points[end], points[end + 1]];
  return `${points.length}:${some.map((n) => Math.round(2 * n)).join(",")}`;
}

function outputsOf(segment, atoms, { outputs, header }) {
  const ink = imageOf(
    segment.atoms.map((n) => atoms[n].points),
    [],
    header.ink,
  );
  return outputs(ink).slice();
}

// The log odds of a digit, within `limit`.
function oddsOf(logits, { limit }) {
  const odds = logSumExp(logits.slice(0, 10)) - logits[10];
  return Number.isFinite(odds) ? Math.min(Math.max(odds, -limit), limit) : -limit;
}

// The segments of the best path, from left to right; none where it is no number. (Viterbi's search.)
function bestPath(orders, count, scores, numbers) {
  const { costs } = numbers;
  let best = { score: -Infinity, path: [] };
  for (const order of orders) {
    const found = bestIn(order, count, scores, numbers);
    if (found.score > best.score) best = found;
  }
  const isNumber = best.path.length > 1 && best.score >= costs.mean * best.path.length;
  return isNumber ? best.path.sort((a, b) => a.left + a.right - b.left - b.right) : [];
}

function bestIn(order, count, scores, { costs, narrow, nestedFrom }) {
  /** @type {Map<number, {score: number, before: number | null}>} */
  const best = new Map();
  const ending = Array.from({ length: count + 1 }, () => []); // keys of the segments that end at an atom
  for (const [key, segment] of order) {
    const [start, stop] = [Math.floor(key / (count + 1)), key % (count + 1)];
    const own = scores.get(nameOf(segment)) - costs.cut * segment.cuts - costs.low * (1 - segment.height) - costs.segment;
    let way = { score: start === 0 ? own : -Infinity, before: null };
    for (const other of ending[start]) {
      const overlap = overlapOf(order.get(other), segment, narrow);
      const beside = costs.overlap * overlap + costs.nested * Math.max(0, overlap - nestedFrom);
      const score = best.get(other).score - beside + own;
      if (score >= way.score) way = { score, before: other };
    }
    if (way.score === -Infinity) continue;
    best.set(key, way);
    ending[stop].push(key);
  }
  let last = null;
  for (const key of ending[count]) if (last === null || best.get(key).score > best.get(last).score) last = key;
  if (last === null) return { score: -Infinity, path: [] };
  const { score } = best.get(last);
  const path = [];
  for (let key = last; key !== null; key = best.get(key).before) path.push(order.get(key));
  return { score, path };
}

// How much of the narrower box the other covers; above 1 where they are in turned order.
function overlapOf(left, right, narrow) {
  const height = Math.max(left.bottom - left.top, right.bottom - right.top);
  const narrower = Math.min(left.right - left.left, right.right - right.left);
  return Math.max(0, left.right - right.left) / Math.max(narrower, narrow * height, 1e-9);
}
