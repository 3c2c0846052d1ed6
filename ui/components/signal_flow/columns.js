// The columns of the image: the drawing, each layer's strongest maps, the answers; and going through them by keys.

import { choose } from "../feature_maps/inspector.js";
import { cut, prepare } from "../feature_maps/sprites.js";
import { send } from "../feature_maps/view.js";
import { called, make } from "../feature_maps/words.js";
import { percent } from "../live/confidence.js";
import { isPlain } from "../plain_key.js";
import { markTerms, textsIn } from "../term_notes/mark_terms.js";
import { light } from "./light.js";

const TURNED = 640; // a room narrower than this shows it from top to bottom
const ABOVE = 440; // pixels of the window above the maps and below them

/**
 * @typedef {object} Column
 * @property {HTMLElement} box
 * @property {HTMLElement} nodes what holds the maps
 * @property {HTMLButtonElement} more shows all, or the strongest
 * @property {HTMLElement} head
 * @property {any[]} shown a button for each map
 * @property {any} said what Python said of it; null for the image
 */

// The image first, then each layer.
export function makeColumns(net, own) {
  return [null, ...own.data.flow.columns].map((said, place) => {
    const box = make("section", said ? "flow-column" : "flow-column flow-image");
    box.setAttribute("role", "group");
    const head = make("div", "flow-head");
    const nodes = make("div", "flow-nodes");
    const more = make("button", "flow-more");
    if (said) more.onclick = () => openOrFold(own, said.layer);
    box.append(head, nodes, more);
    nodes.onkeydown = (event) => step(net, own, event);
    return { box, head, nodes, more, shown: [], said, place };
  });
}

function openOrFold(own, layer) {
  const { opened } = own.view;
  own.view = { ...own.view, opened: opened.includes(layer) ? opened.filter((n) => n !== layer) : [...opened, layer] };
  send(own);
}

// Put up what was sent: as many buttons as there are maps, each with its image.
export function drawColumns(net, own) {
  const { flow } = own.data;
  own.columns.forEach((column, place) => {
    const said = place ? flow.columns[place - 1] : null;
    column.said = said;
    column.isLast = place === own.columns.length - 1;
    const maps = said ? said.maps : [0];
    while (column.shown.length > maps.length) column.shown.pop().remove();
    while (column.shown.length < maps.length) column.shown.push(node(net, own, column, column.shown.length));
    column.box.classList.toggle("flow-opened", Boolean(said) && own.view.opened.includes(said.layer));
    column.box.classList.toggle("flow-answers", column.isLast);
    column.box.classList.toggle("flow-units", Boolean(said) && own.data.layers[said.layer].what === "unit" && !column.isLast);
    describe(own, column);
    column.shown.forEach((button, n) => name(own, column, button, n));
  });
  const seen = new Set();
  for (const { head } of own.columns) {
    markTerms(head, seen);
    breakable(head);
  }
  const columns = own.columns.flatMap((column) => column.shown);
  if (!columns.some((button) => button.tabIndex === 0)) own.columns[1].shown[0].tabIndex = 0;
  own.stage.setAttribute("aria-label", `${own.data.network}, from the picture to the answer. Arrow keys go through its maps, Enter opens one.`);
}

function node(net, own, column, n) {
  const button = make("button", "flow-node");
  button.tabIndex = -1;
  button.append(make("canvas"));
  button.onpointerenter = () => light(own, button);
  button.onpointerleave = () => light(own, null);
  button.onfocus = () => {
    for (const other of own.columns.flatMap((one) => one.shown)) other.tabIndex = other === button ? 0 : -1;
    if (button.matches(":focus-visible")) light(own, button);
  };
  button.onblur = () => light(own, null);
  button.onclick = () => column.said && openPanel(net, own, column.said.layer, column.said.maps[n]);
  button.at = [column.place, n];
  column.nodes.append(button);
  return button;
}

// The panel comes with the map's numbers; until then its place is kept, so that nothing jumps.
function openPanel(net, own, layer, map) {
  own.panel.style.minHeight = `${own.panel.offsetHeight}px`;
  own.opens = true;
  choose(net, own, layer, map);
  light(own);
}

function describe(own, { head, more, box, said, isLast }) {
  const layer = said ? own.data.layers[said.layer] : null;
  const names = said ? said.keras.map((word) => make("span", "", word)) : [];
  const size = said ? layer.shape : `${own.data.input.height} x ${own.data.input.width}`;
  head.replaceChildren(make("b", "", said ? said.plain : own.data.flow.called), ...names, make("small", "", size));
  const label = said && `Layer ${said.layer + 1} ${said.plain}: ${said.keras.join(", ")}, ${size}`; // two may be alike
  box.setAttribute("aria-label", label || own.data.flow.called);
  const many = Boolean(said) && !isLast && layer.count > said.few;
  more.style.visibility = many ? "" : "hidden";
  if (!many) return more.replaceChildren("\u00a0");
  const isOpen = own.view.opened.includes(said.layer);
  const all = Math.min(layer.count, said.most);
  more.replaceChildren(isOpen ? `only the ${said.few} strongest` : `${said.few} of ${layer.count}, show ${all === layer.count ? "all" : all}`);
  more.setAttribute("aria-expanded", String(isOpen));
}

// A layer's name may be broken before a capital letter: MaxPooling.
function breakable(head) {
  for (const text of textsIn(head)) text.replaceWith(...text.data.split(/(?<=[a-z])(?=[A-Z])/).flatMap((part, n) => (n ? [make("wbr"), part] : [part])));
}

// What a map is called, and for the answers their bars.
function name(own, column, button, n) {
  const { said, isLast } = column;
  if (!said) {
    button.setAttribute("aria-label", own.data.flow.called);
    return;
  }
  const layer = own.data.layers[said.layer];
  const map = said.maps[n];
  if (!isLast) {
    button.setAttribute("aria-label", `${called(layer, map)}, largest ${said.largest[n]}`);
    return;
  }
  const [label, p] = own.data.flow.answers[n];
  if (button.childElementCount !== 3) {
    const track = make("span", "flow-track");
    track.append(make("i"));
    button.replaceChildren(make("span", "flow-label"), track, make("span", "flow-percent"));
  }
  button.children[0].textContent = label.replace("not a ", "not\u00a0a ");
  button.children[0].classList.toggle("flow-long", label.length > 1);
  button.querySelector("i").style.setProperty("--share", String(p ?? 0));
  const probability = p === null ? "NaN" : percent(p);
  button.children[2].textContent = probability;
  const { answers, sharing } = own.data.flow;
  const most = Math.max(...answers.slice(0, sharing).map(([, other]) => other ?? 0));
  button.classList.toggle("flow-winner", p === most && n < sharing);
  button.setAttribute("aria-label", `${label}: ${probability}`);
}

// Sizes that fit the room, and the images in these sizes.
export function measure(own, room) {
  own.turned = room < TURNED;
  const between = own.columns.length - 2;
  const long = own.data.flow.answers.filter(([label]) => label.length > 3).length > 1;
  own.stage.classList.toggle("flow-turned", own.turned);
  own.stage.classList.toggle("flow-named", long);
  const ends = { image: Math.min(116, Math.max(70, Math.round(room * 0.1))), answers: long ? 208 : room < 900 ? 152 : 176 };
  const per = Math.max(64, Math.floor((room - ends.image - ends.answers - 8) / between));
  const tall = (window.innerHeight - ABOVE) / 9.3; // eight and the gaps between them on one screen
  const side = own.turned ? Math.min(60, Math.floor((room - 7 * 7) / 8)) : Math.round(Math.max(36, Math.min(58, tall, per * 0.5)));
  const gap = own.turned ? 7 : Math.max(6, Math.round(side * 0.18));
  const high = 8 * side + 7 * gap;
  const set = (key, value) => own.stage.style.setProperty(key, `${value}px`);
  set("--per", per);
  set("--high", high);
  set("--gap", gap);
  set("--image", ends.image);
  set("--answers", ends.answers);
  for (const column of own.columns) paintColumn(own, column, { side, gap, high, ends });
}

function paintColumn(own, column, { side, gap, high, ends }) {
  const { said, shown, isLast } = column;
  if (isLast) return;
  if (!said) {
    const large = own.turned ? 84 : ends.image - 8;
    return cut(prepare(shown[0].firstChild, large, large), own.sheets.input.sheet, own.data.input, 0, 0, 0, large, large);
  }
  const isOpen = column.box.classList.contains("flow-opened");
  const isUnits = column.box.classList.contains("flow-units");
  let [width, height] = [side, side];
  if (isUnits) [width, height] = own.turned ? [Math.floor((own.width - 11 * 4) / 12), 30] : [Math.min(side, 44), Math.floor((high - 11 * 6) / 12)];
  if (isOpen) [width, height] = [isUnits ? 24 : 34, isUnits ? 24 : 34];
  const between = isOpen || isUnits ? 5 : gap;
  column.nodes.style.setProperty("--between", `${own.turned && isUnits ? 4 : between}px`);
  column.nodes.style.setProperty("--rows", String(isOpen ? Math.max(1, Math.floor((high + between) / (height + between))) : shown.length));
  const sheet = own.sheets[`column ${said.layer}`].sheet;
  shown.forEach((button, n) => cut(prepare(button.firstChild, width, height), sheet, said, n, 0, 0, width, height));
}

// Arrow keys: along the signal to the next column, across it to the next map.
function step(net, own, event) {
  const along = own.turned ? { ArrowUp: -1, ArrowDown: 1 } : { ArrowLeft: -1, ArrowRight: 1 };
  const across = own.turned ? { ArrowLeft: -1, ArrowRight: 1 } : { ArrowUp: -1, ArrowDown: 1 };
  const button = event.target.closest(".flow-node");
  if (!button || !isPlain(event)) return;
  const [place, n] = button.at;
  const column = own.columns[place + (along[event.key] ?? 0)];
  const by = across[event.key] ?? 0;
  if (!column || !(along[event.key] || by)) return;
  event.preventDefault();
  const fraction = n / Math.max(1, own.columns[place].shown.length - 1); // the one at about the same height
  const to = by ? n + by : Math.round(fraction * (column.shown.length - 1));
  column.shown[to]?.focus();
}
