// The canvas and the answer alone, as large as the screen: a class on the page's body, which ui/styles follows. Esc, or
// leaving the full screen, brings the rest back.

import { askToBeginAnew, schemeOfPage } from "./anew.js";

const ON = "dl-presenting";
const CORNER =
  '<button type="button" class="clear">Clear</button><button type="button" class="anew">Next visitor</button>' +
  '<button type="button" class="leave">Leave (Esc)</button>';
/** @type {HTMLElement | null} */
let corner = null;
let presenting = new AbortController();

export default function ({ parentElement }) {
  parentElement.querySelector("button").onclick = begin;
  // Where the page is left, so is the view; where the button is only put up anew, it stays.
  return () => setTimeout(() => document.querySelector(".st-key-present") || end());
}

function begin() {
  if (corner) return;
  presenting = new AbortController();
  const { signal } = presenting;
  document.body.classList.add(ON);
  corner = Object.assign(document.createElement("div"), { className: "dl-corner", innerHTML: CORNER });
  corner.style.colorScheme = schemeOfPage();
  document.body.append(corner);
  const [clear, anew, leave] = corner.querySelectorAll("button");
  clear.onclick = () => press(".st-key-clear button");
  anew.onclick = askToBeginAnew;
  leave.onclick = end;
  window.addEventListener("keydown", ({ key }) => key === "Escape" && !document.querySelector("dialog[open]") && end(), { signal });
  document.addEventListener("fullscreenchange", () => document.fullscreenElement || end(), { signal });
  document.documentElement.requestFullscreen?.().catch(() => {}); // a frame may forbid it: then within the window
  window.dispatchEvent(new Event("resize"));
}

function end() {
  if (!corner) return;
  presenting.abort();
  corner.remove();
  corner = null;
  document.body.classList.remove(ON);
  if (document.fullscreenElement) document.exitFullscreen();
  window.dispatchEvent(new Event("resize"));
}

const press = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector))?.click();
