// Lighting up what feeds a map, back to the drawing, and what it feeds; and saying so in words.

import { called, MINUS } from "../feature_maps/words.js";
import { atRest, clearLinks, drawLinks } from "./links.js";

const FAINT = 0.03; // of what a map is made: what is less is not followed any further
const BEHIND = 0.05; // opacity of the other lines
const NAMED = 3; // sources that are named

// Light up a map's lines: that which is pointed at, else the chosen one, else none.
export function light(own, pointed = null) {
  if (own.playing || !own.lines) return;
  const button = pointed ?? own.columns.flatMap((column) => column.shown).find((one) => isChosen(own, one)) ?? null;
  own.lit = button;
  const weights = button ? follow(own, button) : null;
  drawLinks(clearLinks(own), own, weights ? (link) => (weights.has(link) ? 0.25 + 0.75 * Math.sqrt(weights.get(link)) : atRest(link) && BEHIND) : atRest);
  const touched = weights && new Set([button, ...[...weights.keys()].flatMap((link) => [link.source, link.target])]);
  for (const column of own.columns) {
    for (const one of column.shown) {
      one.classList.toggle("flow-dim", Boolean(touched) && !touched.has(one));
      one.classList.toggle("flow-lit", one === button);
      one.classList.toggle("flow-chosen", isChosen(own, one));
    }
  }
  sayHint(own);
}

const isChosen = (own, button) => {
  const [place, n] = button.at;
  const said = own.columns[place].said;
  return Boolean(said) && said.layer === own.view.layer && said.maps[n] === own.view.map;
};

// Each line by how much of the map it carries: those that feed it, what feeds these, and the lines to the next column.
function follow(own, button) {
  const weights = new Map();
  const back = (target, weight) => {
    for (const link of own.to.get(target) ?? []) {
      // The strongest of those that feed a map is followed however little it carries: back to the drawing.
      const part = Math.max(weight * Math.abs(link.fraction), link.rank ? 0 : FAINT);
      if (part < FAINT || part <= (weights.get(link) ?? 0)) continue;
      weights.set(link, part);
      back(link.source, part);
    }
  };
  back(button, 1);
  for (const link of own.from.get(button) ?? []) if (Math.abs(link.fraction) >= FAINT) weights.set(link, Math.abs(link.fraction));
  return weights;
}

function sayHint(own) {
  if (own.playing) return;
  own.hint.textContent = own.lit ? sentence(own, own.lit) : "Point at a map or tap it: the lines show what feeds it, blue adds, orange takes away. A click shows how its numbers were made.";
}

const signedPercent = (fraction) => `${fraction < 0 ? MINUS : ""}${Math.round(100 * Math.abs(fraction))}%`;

function sentence(own, button) {
  const [place, n] = button.at;
  const { said, isLast } = own.columns[place];
  if (!said) return "What the network is given: everything else is made of these numbers.";
  const layer = own.data.layers[said.layer];
  const map = said.maps[n];
  const name = called(layer, map).replace(/^./, (letter) => letter.toUpperCase());
  const it = isLast ? name : `${name}, ${said.plain}`;
  const feeds = said.feeds[n];
  if (!feeds.length) return `${it}: nothing is added to it.`;
  const of = ([source, , which = 0]) => {
    if (said.from[which] < 0) return "the picture";
    const { what, title } = own.data.layers[said.from[which]];
    return `${what} ${source + 1}${said.from.length > 1 ? ` of ${title}` : ""}`;
  };
  if (said.from.every((from) => from < 0)) return `${it}: its largest number is ${said.largest[n]}, made from the picture itself.`;
  if (Math.abs(feeds[0][1]) > 0.999) return `${it}: its largest number is ${said.largest[n]}, made from ${of(feeds[0])} alone.`;
  const named = feeds.slice(0, NAMED).map((feed) => `${of(feed)} (${signedPercent(feed[1])})`);
  const more = said.sources > named.length ? ` and others` : "";
  const away = named.some((word) => word.includes(MINUS)) ? `; ${MINUS} takes away` : "";
  return `${it}: ${isLast ? "its number" : "its largest number"} comes from ${named.join(", ")}${more}${away}.`;
}
