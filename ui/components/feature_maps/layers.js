// The rows of the page: a layer, all its maps in small, and choosing one by pointer or keys.

import { isPlain } from "../plain_key.js";
import { colours } from "./colours.js";
import { choose, close } from "./inspector.js";
import { arrange, cut, paint, prepare, put } from "./sprites.js";
import { send } from "./view.js";
import { called, make } from "./words.js";

export function section(net, own, layer, n) {
  const box = make("section", layer.thin ? "layer thin" : "layer");
  const head = make("div", "head");
  head.append(make("b", "", layer.title), make("span", "about", layer.thin ? layer.sentence : layer.about));
  const facts = [layer.shape];
  if (layer.parameters) facts.push(`${layer.parameters.toLocaleString("en")} parameters`);
  head.append(make("span", "facts", facts.join(" · ")));
  box.append(head);
  const row = { box, head };
  if (layer.thin) return row;
  row.body = make("div", "body");
  row.canvas = make("canvas", "sheet");
  row.frame = make("div", "frame");
  row.frame.tabIndex = 0;
  row.frame.setAttribute("role", "application");
  row.cursor = make("div", "cursor");
  row.picked = make("div", "cursor picked");
  row.cursor.hidden = row.picked.hidden = true;
  row.names = make("div", "names");
  row.frame.append(row.canvas, row.cursor, row.picked, row.names);
  row.legend = make("div", "legend");
  row.more = make("button", "more");
  row.more.onclick = () => {
    const { opened } = own.view;
    own.view = { ...own.view, opened: opened.includes(n) ? opened.filter((m) => m !== n) : [...opened, n] };
    if (own.view.layer === n) own.view = { ...own.view, layer: null, at: null };
    row.more.textContent = "…";
    send(own);
  };
  row.body.append(row.frame, row.legend, row.more);
  box.append(row.body);
  listen(net, own, row, n);
  return row;
}

function listen(net, own, row, n) {
  const at = (event) => {
    const box = row.canvas.getBoundingClientRect();
    const { across, down, columns } = row.place;
    const column = Math.floor((event.clientX - box.left) / across);
    const line = Math.floor((event.clientY - box.top) / down);
    const found = line * columns + column;
    return column >= 0 && column < columns && found >= 0 && found < own.data.layers[n].count ? found : null;
  };
  const point = (map) => {
    row.over = map;
    put(row, row.cursor, map);
    caption(own, row, n);
  };
  row.frame.onpointermove = (event) => row.place && point(at(event));
  row.frame.onpointerleave = () => point(null);
  row.frame.onblur = () => point(null);
  row.frame.onclick = (event) => {
    const map = row.place && at(event);
    if (map !== null && map !== undefined) choose(net, own, n, map);
  };
  row.frame.onkeydown = (event) => {
    if (!row.place || !isPlain(event)) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row.place.columns, ArrowDown: row.place.columns }[event.key];
    const last = own.data.layers[n].count - 1;
    if (step) {
      event.preventDefault();
      const from = row.over ?? (own.view.layer === n ? own.view.map : step > 0 ? -step : 0);
      const to = from + step;
      if (to >= 0 && to <= last) point(to);
    } else if ((event.key === "Enter" || event.key === " ") && row.over !== null && row.over !== undefined) {
      event.preventDefault();
      choose(net, own, n, row.over);
    } else if (event.key === "Escape") close(net, own);
  };
}

function caption(own, row, n) {
  const layer = own.data.layers[n];
  if (!layer.sprite) return;
  const over = row.over ?? null;
  row.words.textContent = over === null ? row.usual : called(layer, over);
}

function legend(own, layer) {
  const bar = make("canvas", "bar");
  const context = prepare(bar, 72, 9);
  const lut = colours(layer.signed, own.dark);
  for (let x = 0; x < 72; x++) {
    context.fillStyle = `rgb(${lut[1 + Math.round((x / 71) * 254)].join()})`;
    context.fillRect(x, 0, 1, 9);
  }
  const [low, high] = layer.scale.includes("…") ? layer.scale.split(" … ") : ["", layer.scale];
  const parts = [make("span", "", low), bar, make("span", "", high)];
  return layer.scale.includes("…") ? parts : [make("span", "", layer.scale)];
}

export function layOut(net, own) {
  const room = net.clientWidth - 2 * parseFloat(getComputedStyle(net).getPropertyValue("--pad")); // less the padding of a layer's box
  if (room <= 0 || own.width === room) return;
  own.width = room;
  own.data.layers.forEach((layer, n) => {
    const row = own.rows[n];
    if (!layer.sprite || !own.sheets[n]) return;
    const { kernels } = layer;
    const sheet = own.sheets[`kernels ${n}`]?.sheet;
    const side = kernels && sheet ? kernelSide(layer, room) : 0;
    row.place = arrange(layer, room, layer.labels, side);
    const context = paint(row.canvas, own.sheets[n].sheet, layer, row.place);
    for (let k = 0; side && k < layer.count; k++) {
      const { columns, across, down, height, gap } = row.place;
      cut(context, sheet, kernels, k, (k % columns) * across, Math.floor(k / columns) * down + height + gap, side, side);
    }
    row.names.classList.toggle("narrow", row.place.width < 26);
    row.names.style.setProperty("--unit", `${row.place.width}px`);
    row.names.classList.toggle("upright", layer.labels?.[0]?.length > 1);
    row.names.replaceChildren(...(layer.labels ?? []).map((label) => make("span", "", label)));
    put(row, row.picked, own.view.layer === n ? own.view.map : null);
  });
}

// As large as fits under a map, each of its numbers a whole number of pixels.
function kernelSide(layer, room) {
  const most = Math.min(layer.width * (room >= 640 ? 3 : 2), 36);
  return Math.max(1, Math.floor(most / layer.kernels.width)) * layer.kernels.width;
}

// Show or fold each layer's maps, and say what they are.
export function showLayers(own) {
  const { data } = own;
  data.layers.forEach((layer, n) => {
    const row = own.rows[n];
    if (layer.thin) return;
    row.more.hidden = Boolean(layer.sprite) && !own.view.opened.includes(n);
    row.frame.hidden = row.legend.hidden = !layer.sprite;
    row.more.textContent = `${layer.sprite ? "Hide" : "Show"} the ${layer.count} ${layer.what}s`;
    if (!layer.sprite) return;
    const many = layer.count === 1 ? `one ${layer.what}` : `${layer.count} ${layer.what}s`;
    row.usual = layer.count === 1 ? many : `${many}, one scale`;
    if (layer.kernels) row.usual += `; under each its kernel, ${layer.kernels.scale}`;
    if (layer.broken) row.usual += `; ${layer.broken} of these numbers are not numbers (red)`;
    row.words = make("span", "words", row.usual);
    row.legend.replaceChildren(...legend(own, layer), row.words);
    row.frame.setAttribute("aria-label", `${layer.title}: ${many}, ${layer.scale}. Arrow keys choose one, Enter opens it.`);
  });
}
