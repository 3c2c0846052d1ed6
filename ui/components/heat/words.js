// What is asked of a drawing, and what was found, in words. seen: see heat.js.

import { withArticle } from "../live/article.js";
import { confidence } from "../live/confidence.js";
import { fallsOf, NOT_A_DIGIT, squareAt } from "../live/cover.js";
import { classCount, probabilitiesOf } from "../live/probabilities.js";

/** Is it the eleventh output of eleven that is asked about? */
const isNone = (k, { outputs }) => k === NOT_A_DIGIT && classCount(outputs.length) === NOT_A_DIGIT;

/** 7 -> 'a 7', 8 -> 'an 8', 10 -> 'no digit'; of letters 10 -> 'a K'. seen: see heat.js. */
export const named = (k, seen) => (isNone(k, seen) ? "no digit" : withArticle(seen.classes?.[k] ?? String(k)));

/**
 * What it is read as, and what it is most likely taken for instead. While the pen is down nothing is refused.
 * @returns {{read: number, rival: number}}
 */
export function readingOf({ outputs, least }, isDown) {
  const { probabilities, isDigit } = probabilitiesOf(outputs);
  const [first, second] = [...probabilities.keys()].sort((i, j) => probabilities[j] - probabilities[i]);
  const isRefused = !isDown && isDigit !== null && isDigit < least;
  return isRefused ? { read: NOT_A_DIGIT, rival: first } : { read: first, rival: second };
}

/** 0.0004 -> 'under 0.1%', 0.088 -> '8.8%', 0.9996 -> 'over 99.9%' */
const percentOf = (probability) => (probability < 0.001 ? "under 0.1%" : confidence(probability));

function judged(outputs, target, least) {
  const { probabilities, isDigit } = probabilitiesOf(outputs);
  const isRefused = isDigit !== null && isDigit < least;
  const top = probabilities.indexOf(Math.max(...probabilities));
  const probability = target >= probabilities.length ? 1 - isDigit : probabilities[target];
  return { top, digit: isRefused ? NOT_A_DIGIT : top, isDigit, probability };
}

const highest = (numbers) => numbers.indexOf(Math.max(...numbers));
const highestOf = (numbers, isMeant) => highest(numbers.map((number, n) => (isMeant(n) ? number : -Infinity)));

/**
 * The strongest thing that covering shows, true of this drawing: {text, square: the part that was covered, or null}.
 * Every pixel has been covered. target: what is asked about; read: what it is read as.
 */
export function factOf(seen, read, target, size) {
  const falls = fallsOf(seen, target);
  const each = seen.found.map((outputs) => judged(outputs, target, seen.least));
  const before = judged(seen.outputs, target, seen.least);
  if (!each.length) return { text: "", square: null };
  const fact = (n, text) => ({ text, square: squareAt(seen.places[n], size) });
  const is = (k) => named(k, seen);
  const found = { falls, each, before, fact, is };
  return target === read ? whyRead(found, read, isNone(read, seen)) : whyNot(found, target);
}

// is: a class's number -> what it is called.
function whyRead({ falls, each, before, fact, is }, read, isRefused) {
  const isNoDigit = ({ isDigit, digit }) => isDigit !== null && digit === NOT_A_DIGIT;
  const strongest = (isMeant) => (each.some(isMeant) ? highestOf(falls, (n) => isMeant(each[n])) : -1);
  if (isRefused) {
    const n = strongest((one) => !isNoDigit(one));
    if (n < 0) return { text: "Whatever square is covered, it is no digit.", square: null };
    return fact(n, `Cover the marked square and it is ${is(each[n].digit)}.`);
  }
  const numbers = (n) => `${percentOf(before.probability)} → ${percentOf(each[n].probability)}`;
  const another = strongest(({ top }) => top !== read);
  if (another >= 0) {
    const but = isNoDigit(each[another]) ? "" : ` but ${is(each[another].digit)}`;
    return fact(another, `Cover the marked square and it is no longer ${is(read)}${but}: ${numbers(another)}.`);
  }
  const none = strongest(isNoDigit);
  if (none >= 0)
    return fact(none, `Cover the marked square and it is no digit any more: “one digit?” falls to ${percentOf(each[none].isDigit)}.`);
  const n = highest(falls);
  if (before.probability - each[n].probability < 0.01)
    return { text: `Whatever square is covered, it stays ${is(read)}: no single place decides.`, square: null };
  return fact(n, `Cover the marked square and it is less surely ${is(read)}: ${numbers(n)}.`);
}

function whyNot({ falls, each, before, fact, is }, target) {
  const rises = falls.map((fall) => -fall);
  const isTarget = (i) => each[i].digit === target;
  const n = each.some((_, i) => isTarget(i)) ? highestOf(rises, isTarget) : highest(rises);
  const numbers = `${percentOf(before.probability)} → ${percentOf(each[n].probability)}`;
  if (isTarget(n)) return fact(n, `Cover the marked square and it is ${is(target)}: ${numbers}.`);
  if (each[n].probability - before.probability < 0.01)
    return { text: `Whatever square is covered, it is not ${is(target)}: ${percentOf(each[n].probability)} at most.`, square: null };
  return fact(n, `Cover the marked square and it is more like ${is(target)}: ${numbers}.`);
}
