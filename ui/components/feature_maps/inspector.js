// One map in large, the number in it that is explained, and what that number sees of the image.

import { isPlain } from "../plain_key.js";
import { explain } from "./arithmetic.js";
import { cut, LARGE, prepare, put } from "./sprites.js";
import { drawTopActivations, drawWeights } from "./top_activations.js";
import { current, send, spot } from "./view.js";
import { called, make, number } from "./words.js";

export function choose(net, own, layer, map) {
  const same = own.view.layer === layer && own.view.map === map;
  if (same) return close(net, own);
  const keep = own.view.layer === layer ? own.view.at : null;
  own.view = { ...own.view, layer, map, at: keep };
  own.channel = 0;
  send(own);
  inspect(net, own);
  if (own.inspector.getBoundingClientRect().top > window.innerHeight - 240) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    own.inspector.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }
}

export function close(net, own) {
  own.view = { ...own.view, layer: null, at: null };
  send(own);
  inspect(net, own);
}

function ask(net, own, at) {
  own.view = { ...own.view, at };
  own.over = null;
  send(own);
  inspect(net, own);
}

export function inspector(net, own) {
  const box = make("div", "inspector");
  box.innerHTML = `
    <div class="title"><button class="step" data-by="-1" aria-label="The map before">‹</button><b></b>
      <button class="step" data-by="1" aria-label="The next map">›</button><span class="grow"></span>
      <button class="step close" aria-label="Close">×</button></div>
    <div class="views">
      <div class="pair">
        <figure><div class="large image"><canvas></canvas><div class="field" hidden></div></div><figcaption>the picture</figcaption></figure>
        <figure class="the-map"><div class="large map" tabindex="0" role="application"><canvas></canvas><div class="pixel over" hidden></div><div class="pixel" hidden></div></div><figcaption></figcaption></figure>
        <div class="readout" aria-live="polite"></div>
      </div>
      <div class="sum" aria-live="polite"></div>
    </div>
    <div class="weights"><p></p><canvas></canvas></div>
    <div class="top-activations"></div>`;
  for (const button of box.querySelectorAll("[data-by]")) {
    button.onclick = () => {
      const { layer, map } = own.view;
      const { count } = own.data.layers[layer];
      if (count > 1) choose(net, own, layer, (map + Number(button.dataset.by) + count) % count); // a map chosen once more closes
    };
  }
  box.querySelector(".close").onclick = () => close(net, own);
  const large = box.querySelector(".large.map");
  const place = (event) => {
    const layer = own.data.layers[own.view.layer];
    const frame = large.getBoundingClientRect();
    const clamp = (n, most) => Math.max(0, Math.min(most - 1, Math.floor(n)));
    return [
      clamp(((event.clientY - frame.top) / frame.height) * layer.height, layer.height),
      clamp(((event.clientX - frame.left) / frame.width) * layer.width, layer.width),
    ];
  };
  const over = (at) => {
    own.over = at;
    marks(own);
  };
  large.onpointermove = (event) => over(place(event));
  large.onpointerleave = () => over(null);
  large.onblur = () => over(null);
  large.onclick = (event) => ask(net, own, place(event));
  large.onkeydown = (event) => {
    if (!isPlain(event)) return;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const layer = own.data.layers[own.view.layer];
    const from = own.over ?? spot(own) ?? [0, 0];
    if (move) {
      event.preventDefault();
      over([
        Math.max(0, Math.min(layer.height - 1, from[0] + move[0])),
        Math.max(0, Math.min(layer.width - 1, from[1] + move[1])),
      ]);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      ask(net, own, from);
    } else if (event.key === "Escape") close(net, own);
  };
  return box;
}

export function inspect(net, own) {
  const { layer: n, map } = own.view;
  const { inspector: box } = own;
  own.rows.forEach((row, place) => {
    if (!row.picked) return;
    put(row, row.picked, place === n ? map : null);
    row.box.classList.toggle("open", place === n);
  });
  const layer = own.data.layers[n];
  if (n === null || !layer?.sprite || !own.sheets[n]) {
    box.remove();
    return;
  }
  if (box.parentElement !== own.rows[n].body) own.rows[n].body.append(box);
  const chosen = current(own);
  const isImage = layer.what === "map";
  box.querySelector(".title b").textContent = `${layer.title}: ${called(layer, map)}`;
  box.querySelector(".the-map").hidden = !isImage;
  const imageCanvas = box.querySelector(".image canvas");
  cut(prepare(imageCanvas, LARGE, LARGE), own.sheets.input.sheet, own.data.input, 0, 0, 0, LARGE, LARGE);
  if (isImage) {
    const scale = LARGE / Math.max(layer.height, layer.width);
    const [width, height] = [layer.width * scale, layer.height * scale];
    cut(prepare(box.querySelector(".map canvas"), width, height), own.sheets[n].sheet, layer, map, 0, 0, width, height);
    box.querySelector(".the-map figcaption").textContent = `${layer.what} ${map + 1}, ${layer.height} x ${layer.width}, ${layer.scale}`;
  }
  box.querySelector(".large.map").setAttribute("aria-label", `${layer.title}, ${layer.what} ${map + 1}. Arrow keys move, Enter shows how a number was made.`);
  marks(own);
  const sum = box.querySelector(".sum");
  const waits = !chosen || JSON.stringify(chosen.asked ?? null) !== JSON.stringify(own.view.at ?? null);
  sum.classList.toggle("waits", waits);
  box.querySelector(".weights").hidden = !chosen?.weights;
  if (waits) return;
  explain(net, own, chosen);
  drawWeights(own, layer, chosen);
  drawTopActivations(net, own, layer, chosen);
}

// Outline what is explained, what the pointer is over, and what that number sees of the image.
function marks(own) {
  const { layer: n } = own.view;
  if (n === null) return;
  const layer = own.data.layers[n];
  const box = own.inspector;
  const [over, pixel] = box.querySelectorAll(".pixel");
  const cell = (node, at) => {
    node.hidden = !at || layer.what !== "map";
    if (node.hidden) return;
    Object.assign(node.style, {
      left: `${(100 * at[1]) / layer.width}%`,
      top: `${(100 * at[0]) / layer.height}%`,
      width: `${100 / layer.width}%`,
      height: `${100 / layer.height}%`,
    });
  };
  const chosen = current(own);
  const at = own.over ?? spot(own);
  cell(over, own.over);
  cell(pixel, spot(own));
  const field = box.querySelector(".field");
  const readout = box.querySelector(".readout");
  field.hidden = true;
  if (!layer.receptiveField || !at || layer.what !== "map") {
    readout.textContent = layer.what === "map" ? "" : "It sees the whole picture.";
    return;
  }
  const [[top, bottom], [left, right]] = [layer.receptiveField.rows[at[0]], layer.receptiveField.columns[at[1]]];
  const image = own.data.input;
  field.hidden = false;
  Object.assign(field.style, {
    left: `${(100 * left) / image.width}%`,
    top: `${(100 * top) / image.height}%`,
    width: `${(100 * (right - left)) / image.width}%`,
    height: `${(100 * (bottom - top)) / image.height}%`,
  });
  const value = chosen?.values?.[at[0]]?.[at[1]];
  const said = value === undefined ? "" : `: ${number(value, 4)}`;
  const size = `${bottom - top} x ${right - left}`;
  readout.textContent = `Row ${at[0] + 1}, column ${at[1] + 1}${said}. It sees the ${size} pixels in the frame.`;
}
