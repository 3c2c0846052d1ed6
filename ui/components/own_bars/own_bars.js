// The bars of somebody's own classes: Python's answer after a stroke, and the browser's own while the pen moves, from the
// image and the network that live/bars.js shows. Python sends what was learnt beside it (message_store.js).
// data: {turn, names, probabilities: 0..1 or null, says, base: key of the network that reads, '' where only Python is to}

import { confidence } from "../live/confidence.js";
import { isAhead, messages } from "../live/messages.js";
import { bar, meter, TRACK, write } from "../live/meter.js";
import { answerOf, unpackHead } from "./own_head.js";

const heads = new WeakMap(); // what was sent -> unpacked

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".dl-own");
  place.ends?.(); // Streamlit calls it when this leaves the page alone
  const told = JSON.stringify(data.names);
  if (place.dataset.names !== told) {
    place.dataset.names = told;
    place.querySelector(".dl-rows").replaceChildren(...data.names.map(rowOf));
  }
  if (!data.base || !isAhead()) show(place, data.probabilities, data.says, false);
  if (!data.base) return undefined;
  const mine = new AbortController();
  const shown = ({ detail: { ink, network, moving } }) => {
    const head = headNow();
    if (!head || network?.header.key !== data.base) return;
    const probabilities = ink && answerOf(head, network, ink);
    show(place, probabilities, ink ? sentence(data.names, probabilities) : data.empty, moving);
    const detail = { probabilities, moving };
    window.dispatchEvent(new CustomEvent("digit-lab-own", { detail })); // tests and benchmarks listen
  };
  window.addEventListener("digit-lab-shown", /** @type {EventListener} */ (/** @type {unknown} */ (shown)), {
    signal: mine.signal,
  });
  window.dispatchEvent(new Event("digit-lab-show-again"));
  return (place.ends = () => mine.abort());
}

// Names are somebody's own: they are written as text, never as HTML.
function rowOf(name) {
  const row = document.createElement("div");
  row.className = "dl-row dl-named";
  row.innerHTML = `<span></span>\n${TRACK}\n<span></span>`;
  /** @type {HTMLElement} */ (row.firstElementChild).textContent = name;
  for (const [key, value] of Object.entries({ role: "meter", "aria-valuemin": "0", "aria-valuemax": "100" }))
    row.setAttribute(key, value);
  row.setAttribute("aria-label", name);
  return row;
}

function headNow() {
  const said = [...messages().values()].find((one) => one?.head);
  if (said && !heads.has(said)) heads.set(said, unpackHead(said));
  return said ? heads.get(said) : null;
}

function show(place, probabilities, says, moving) {
  const line = place.querySelector(".dl-says");
  line.setAttribute("aria-live", moving ? "off" : "polite");
  place.classList.toggle("dl-live", moving); // at once, not gliding
  write(line, says);
  const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
  place.querySelector(".dl-rows").classList.toggle("dl-dim", !probabilities);
  place.querySelectorAll(".dl-row").forEach((row, n) => {
    const probability = probabilities?.[n] ?? 0;
    row.classList.toggle("dl-winner", n === best);
    bar(row.children[1], row.lastElementChild, probability);
    if (!moving) meter(row, probability);
  });
}

// As `says` of ui/sections/own_answer.py.
function sentence(names, probabilities) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  const name = [...names[best]];
  return `${name[0].toUpperCase()}${name.slice(1).join("")}, ${confidence(probabilities[best])} sure.`;
}
