// The digit in large and its bars: an answer, Python's or the browser's own, into the same elements.

import { withArticle } from "./article.js";
import { CLOSE, confidence } from "./confidence.js";
import { bar, meter, TRACK, write } from "./meter.js";

const EITHER = 0.3; // and with this, neither is said to be the one (core/words.py says the same)

// Said is what Python answers only: a value for each frame would cost time, and nobody could listen.
const METER = 'role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"';
const CARD =
  '<div class="dl-digit"><b></b>\n<div><div class="dl-sure"></div>\n<div class="dl-words"></div></div></div>';
const JUDGED =
  `<div class="dl-row dl-judged" ${METER} aria-label="one digit?" ` +
  'title="How probable it is that this is one digit at all. The ten bars share ' +
  `out 100% as if it were one."><span>one digit?</span>\n${TRACK}\n<span></span></div>`;
const DIGITS = Array.from({ length: 10 }, (_, n) => String(n));
// The bars, in one row each; of many classes in columns. classes: names of ours, which need no escaping.
const rows = (row, classes, what) => {
  const kind = classes.length > 10 ? "dl-rows dl-many" : classes.some((name) => name.length > 1) ? "dl-rows dl-long" : "dl-rows";
  return `<div class="${kind}" role="group" aria-label="How probable each ${what} is">${classes.map(row).join("\n")}</div>`;
};
const single = (what) => (name) => `<div class="dl-row" ${METER} aria-label="${what} ${name}"><span>${name}</span>\n${TRACK}\n<span></span></div>`;
const LAYOUTS = {
  card: () => CARD,
  one: (classes, what) => CARD + rows(single(what), classes, what) + JUDGED,
  two: (classes, what) =>
    `<div class="dl-two">${[0, 1].map((i) => `<div class="dl-two-${i}"><div class="dl-name"></div>${CARD}</div>`).join("")}</div>` +
    rows(
      (name) =>
        `<div class="dl-row dl-pair"><span aria-hidden="true">${name}</span>\n<div><div class="dl-two-0" ${METER}>${TRACK}</div>` +
        `<div class="dl-two-1" ${METER}>${TRACK}</div></div>\n` +
        '<span aria-hidden="true"><span></span><br><span></span></span></div>',
      classes,
      what,
    ),
};

// live: each frame another answer, so bars stand where they are at once, and nothing is read out.
// drawing: is the pen down? Then nothing is refused: half a digit is none yet. own: the browser's own number, whose digit
// `shown` the bars are of, or null.
export function show(place, told, answers, live, drawing, own) {
  const layout = told.names.length > 1 ? "two" : told.rows ? "one" : "card";
  const body = place.querySelector(".dl-answer");
  const classes = told.classes ?? DIGITS;
  const wanted = layout === "card" ? layout : `${layout} ${classes}`;
  if (body.dataset.layout !== wanted) {
    body.innerHTML = LAYOUTS[layout](classes, told.what ?? "digit");
    body.dataset.layout = wanted;
  }
  body.classList.toggle("dl-live", live);
  // A number stays until it has been read anew with the new stroke.
  if (live && !own && keepsNumber(told, answers)) return;
  const number = live ? own : told.number;
  const cards = body.querySelectorAll(".dl-digit");
  answers.forEach((answer, i) => card(cards[i], answer, { ...told, classes }, drawing, number));
  if (layout === "two") two(body, answers, told.names, drawing);
  else if (layout === "one") one(body, own?.shown ?? answers[0], told.hasRejectClass, drawing);
  if (live || drawing) return;
  write(place.querySelector(".dl-said"), [...cards].map((each) => said(each, told.what ?? "digit")).join(" "));
  body.querySelectorAll(".dl-rows > .dl-row").forEach((row, digit) => meters(row, digit, answers, told.names, `${told.what ?? "digit"} ${classes[digit]}`));
  if (layout === "one") meter(body.querySelector(".dl-judged"), answers[0]?.isDigit ?? 0);
}

// Does the number that Python told of still stand: is nothing newer said, or all ink as one still no digit?
export const keepsNumber = (told, answers) =>
  Boolean(told.number) && (answers === told.answers || (answers[0]?.digit ?? null) === null);

function one(body, answer, hasRejectClass, drawing) {
  const winner = answer?.digit ?? null;
  body.querySelector(".dl-rows").classList.toggle("dl-dim", winner === null && !drawing);
  body.querySelectorAll(".dl-rows > .dl-row").forEach((row, digit) => {
    row.classList.toggle("dl-winner", digit === winner);
    bar(row.children[1], row.children[2], answer?.probabilities[digit] ?? 0);
  });
  const judged = body.querySelector(".dl-judged");
  judged.hidden = !hasRejectClass;
  bar(judged.children[1], judged.children[2], answer?.isDigit ?? 0);
}

function two(body, answers, names, drawing) {
  body.querySelectorAll(".dl-name").forEach((place, i) => write(place, names[i]));
  body.querySelectorAll(".dl-pair").forEach((row, digit) => {
    const shares = row.lastElementChild.querySelectorAll("span");
    answers.forEach((answer, i) => {
      const track = row.children[1].children[i];
      track.classList.toggle("dl-dim", answer !== null && answer.digit === null && !drawing);
      bar(track.firstElementChild, shares[i], answer?.probabilities[digit] ?? 0);
    });
  });
}

// One network's row is a meter itself; with two networks it holds one for each.
function meters(row, digit, answers, names, called) {
  const each = names.length > 1 ? [...row.children[1].children] : [row];
  each.forEach((place, i) => {
    if (names.length > 1) place.setAttribute("aria-label", `${called}, ${names[i]}`);
    meter(place, answers[i]?.probabilities[digit] ?? 0);
  });
}

function card(place, answer, { invitation, classes }, drawing, number) {
  place.classList.toggle("dl-number", Boolean(number));
  if (number) {
    place.querySelector("b").classList.remove("none");
    write(place.querySelector("b"), number.text);
    write(place.querySelector(".dl-sure"), `${confidence(number.probability)} sure`);
    write(place.querySelector(".dl-words"), number.words);
    return;
  }
  const digit = place.querySelector("b");
  const none = (answer?.digit ?? null) === null;
  const abstention = drawing ? "" : (answer?.abstention ?? invitation);
  digit.classList.toggle("none", none);
  write(digit, none ? (drawing ? "…" : "—") : classes[answer.digit]);
  digit.classList.toggle("dl-word", !none && classes[answer.digit].length > 2);
  write(place.querySelector(".dl-sure"), none ? "" : `${confidence(answer.probabilities[answer.digit])} sure`);
  write(place.querySelector(".dl-words"), none ? abstention : inWords(answer.probabilities, classes));
}

// 'It looks like a 1, but it could be a 7.', after the two largest; 'It is a 1 or a 7.' where they are close.
export function inWords(probabilities, classes = DIGITS) {
  const a = (n) => withArticle(classes[n]);
  const [first, second] = [...probabilities.keys()].sort((i, j) => probabilities[j] - probabilities[i]);
  if (probabilities[second] >= EITHER) return `It is ${a(first)} or ${a(second)}.`;
  const other = probabilities[second] < CLOSE ? "" : `, but it could be ${a(second)}`;
  return `It looks like ${a(first)}${other}.`;
}

// What a screen reader says of a card: the digit, and which other it may be, or that there is none.
function said(place, what) {
  const digit = place.querySelector("b").textContent;
  if (digit === "—") return `No ${what}.`;
  const words = place.querySelector(".dl-words").textContent;
  return `${digit}, ${place.querySelector(".dl-sure").textContent}.${words.includes(" or ") ? ` ${words}` : ""}`;
}
