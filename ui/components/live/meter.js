// A probability as a bar, a percentage beside it, and what a screen reader says of it.

import { percent } from "./confidence.js";

export const TRACK = '<div class="dl-track"><div class="dl-fill"></div></div>';

/** Move a bar. track: an element made of TRACK; text: where the percentage stands. */
export function bar(track, text, probability) {
  const width = `${(100 * probability).toFixed(2)}%`;
  if (track.firstElementChild.style.width !== width) track.firstElementChild.style.width = width;
  write(text, percent(probability));
}

/** Tell what a screen reader says of an element whose role is meter. */
export function meter(place, probability) {
  place.setAttribute("aria-valuenow", (100 * probability).toFixed(1));
  place.setAttribute("aria-valuetext", percent(probability));
}

// The text node stays where it can: another in its place has the browser look through all rules of style with `:has`.
export function write(place, text) {
  if (place.textContent === text) return;
  const node = place.firstChild;
  if (text && place.childNodes.length === 1 && node instanceof Text) node.data = text;
  else place.textContent = text;
}
