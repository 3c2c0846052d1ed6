// The window of the chosen map runs over its input, while the map fills number by number.

import { cut, LARGE, prepare } from "../feature_maps/sprites.js";
import { current } from "../feature_maps/view.js";
import { make, MINUS, number } from "../feature_maps/words.js";

const RUN = "Let its window run";
const PER_NUMBER = 24; // milliseconds
const SHORT = 2500; // and all of them together at least
const LONG = 9000; // and at most

export function runBox(own) {
  const box = make("div", "flow-run");
  box.innerHTML = `
    <div class="flow-run-bar"><button class="flow-play">${RUN}</button><span class="flow-run-maps"></span></div>
    <div class="flow-run-views" hidden>
      <figure><div class="flow-plane flow-in"><canvas></canvas><i></i></div><figcaption></figcaption></figure>
      <figure><div class="flow-plane flow-out"><canvas></canvas><i></i></div><figcaption></figcaption></figure>
    </div>
    <p class="flow-run-words" hidden></p>`;
  const button = box.querySelector("button");
  button.onclick = () => (own.running ? stopRun(own) : run(own));
  return box;
}

// Show it for a map that has a window, above the panel of its numbers.
export function drawRun(own) {
  const about = own.data.flow.run;
  if (!about || !current(own) || !own.sheets[own.view.layer]) {
    stopRun(own);
    own.run.remove();
    return;
  }
  const key = JSON.stringify([own.view.layer, own.view.map, own.data.input.sprite, own.dark, about, current(own).values]);
  if (own.run.parentElement !== own.panel) own.panel.prepend(own.run);
  if (own.run.key === key) return;
  stopRun(own);
  own.run.key = key;
  own.run.from = 0;
  for (const part of own.run.querySelectorAll(".flow-run-views, .flow-run-words")) part.hidden = true;
  choices(own, about);
}

// Which of the maps before it runs over.
function choices(own, about) {
  const place = own.run.querySelector(".flow-run-maps");
  if (about.maps.length < 2) {
    const made = { MaxPooling2D: "the largest in it", AveragePooling2D: "the mean of it" }[current(own).sum.kind] ?? "each sum";
    const over = about.maps.length ? `map ${about.maps[0][0] + 1}` : "the picture";
    place.replaceChildren(`Its ${about.side} x ${about.side} window runs over ${over}, and ${made} is a number of the map.`);
    return;
  }
  const label = make("label", "", "over ");
  const select = make("select");
  about.maps.forEach(([map, fraction], n) => {
    const option = make("option", "", `map ${map + 1} (${fraction < 0 ? MINUS : ""}${Math.round(100 * Math.abs(fraction))}%)`);
    option.value = String(n);
    select.append(option);
  });
  select.onchange = () => {
    own.run.from = Number(select.value);
    run(own);
  };
  const { sources } = own.data.flow.columns.find((column) => column.layer === own.view.layer);
  label.append(select);
  place.replaceChildren(label, ` One of ${sources} maps before it; each of its numbers adds up the windows of all ${sources}.`);
}

function run(own) {
  stopRun(own);
  const about = own.data.flow.run;
  const layer = own.data.layers[own.view.layer];
  for (const part of own.run.querySelectorAll("[hidden]")) part.hidden = false;
  const input = about.maps.length ? about : own.data.input;
  const sheet = own.sheets[about.maps.length ? "run" : "input"].sheet;
  const side = Math.min(LARGE, Math.floor((own.run.clientWidth - 24) / 2)); // two beside each other, on a phone too
  const scale = side / Math.max(input.width, input.height);
  const [inside, outside] = own.run.querySelectorAll("canvas");
  cut(prepare(inside, input.width * scale, input.height * scale), sheet, input, own.run.from, 0, 0, input.width * scale, input.height * scale);
  const cell = side / Math.max(layer.width, layer.height);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const count = layer.width * layer.height;
  const time = Math.min(LONG, Math.max(SHORT, count * PER_NUMBER));
  const context = prepare(outside, layer.width * cell, layer.height * cell);
  const [square, dot] = own.run.querySelectorAll("i");
  Object.assign(square.style, { width: `${about.side * scale}px`, height: `${about.side * scale}px` });
  Object.assign(dot.style, { width: `${cell}px`, height: `${cell}px` });
  const captions = own.run.querySelectorAll("figcaption");
  captions[0].textContent = about.maps.length ? `map ${about.maps[own.run.from][0] + 1}, ${input.height} x ${input.width}` : "the picture";
  captions[1].textContent = `${layer.what} ${own.view.map + 1}, ${layer.height} x ${layer.width}`;
  const { sheet: whole } = own.sheets[own.view.layer];
  own.running = { about, layer, whole, map: own.view.map, scale, cell, count, context, square, dot, calm, done: -1, values: current(own)?.values };
  own.run.classList.add("flow-runs");
  own.run.querySelector("button").textContent = "Stop";
  if (calm) return rowByRow(own, 0);
  const began = performance.now();
  const frame = (now) => {
    const done = Math.min(count, Math.floor(((now - began) / time) * count));
    if (done !== own.running.done) fill(own, done);
    if (done >= count) return stopRun(own);
    own.running.frame = requestAnimationFrame(frame);
  };
  own.running.frame = requestAnimationFrame(frame);
}

function rowByRow(own, row) {
  const { layer, count } = own.running;
  fill(own, Math.min(count, row * layer.width));
  if (row >= layer.height) return stopRun(own);
  own.running.timer = setTimeout(() => rowByRow(own, row + 1), 400);
}

// The first `done` numbers are there; the window lies where the next one is made.
function fill(own, done) {
  const { about, layer, whole, map, scale, cell, count, context, square, dot, values } = own.running;
  own.running.done = done;
  const [x, y] = [(map % layer.columns) * layer.width, Math.floor(map / layer.columns) * layer.height];
  const at = Math.min(done, count - 1);
  const [row, column] = [Math.floor(at / layer.width), at % layer.width];
  context.imageSmoothingEnabled = false;
  context.clearRect(0, 0, LARGE, LARGE);
  const part = (top, width, height) => width && height && context.drawImage(whole, x, y + top, width, height, 0, top * cell, width * cell, height * cell);
  part(0, layer.width, done >= count ? layer.height : row);
  if (done < count) part(row, column + 1, 1);
  square.style.transform = `translate(${(about.left + column * about.step) * scale}px, ${(about.top + row * about.step) * scale}px)`;
  dot.style.transform = `translate(${column * cell}px, ${row * cell}px)`;
  const value = values?.[row]?.[column];
  own.run.querySelector(".flow-run-words").textContent = `Row ${row + 1}, column ${column + 1}${value === undefined ? "" : `: ${number(value, 2)}`}`;
}

export function stopRun(own) {
  if (!own.running) return;
  cancelAnimationFrame(own.running.frame);
  clearTimeout(own.running.timer);
  fill(own, own.running.count);
  own.running = null;
  own.run.classList.remove("flow-runs");
  own.run.querySelector("button").textContent = RUN;
}
