// The network that is being built, from the top to the bottom, edited where it is shown.
// data: what `data` of ui/components/network_editor/__init__.py returns. input and each of rows: {name, settings, about, shape,
// parameters, image (SVG), problem}; a row also {field: the layer's size, answers: it stays as it is, mend: Flatten is missing}.
// Says: edit, {number, layers} or {number, undo}; number counts what was said, and data.heard is the last that was heeded.

import { isPlain } from "../plain_key.js";
import { markTerms } from "../term_notes/mark_terms.js";

const PATIENCE = 5000; // milliseconds after which Python's word counts: the server may have begun anew

const element = (tag, kind = "", text = "") => Object.assign(document.createElement(tag), { className: kind, textContent: text });

const buttonOf = (kind, sign, label, onclick) => {
  const made = element("button", kind, sign);
  Object.assign(made, { type: "button", onclick });
  made.setAttribute("aria-label", label);
  return made;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".editor");
  const own = (box.own ??= { said: data.heard, menu: null, isHeld: false });
  Object.assign(own, { box, told: data, send: setTriggerValue });
  box.onpointerdown = () => hold(own);
  if (!own.isHeld) heed(own);
}

// A button that is replaced while it is pressed hears of no click: an answer waits until it is let go.
function hold(own) {
  if (own.isHeld) return;
  own.isHeld = true;
  const over = new AbortController();
  const letGo = () => {
    over.abort();
    own.isHeld = false;
    setTimeout(() => own.told !== own.data && heed(own)); // after the click
  };
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, letGo, { signal: over.signal });
}

function heed(own) {
  const data = own.told;
  const waits = performance.now() - own.at < PATIENCE;
  if (data.heard < own.said && waits) return; // an answer to less than was said: the next one is on its way
  const [before, kinds] = [own.kinds, data.layers.map(({ kind }) => kind)];
  Object.assign(own, { data, kinds, said: data.heard, layers: structuredClone(data.layers) });
  show(own, (count) => `${before?.slice(0, count)}` === `${kinds.slice(0, count)}`);
}

// isKept: are so many layers, from the first on, of the kinds that they were?
function show(own, isKept) {
  const { box, data } = own;
  const rows = data.rows.flatMap((row, place) => [gap(own, place), rowOf(own, row, place)]);
  if (!data.rows.at(-1)?.answers) rows.push(gap(own, data.rows.length));
  const list = element("div", "rows");
  list.append(inputOf(data.input), ...rows);
  const foot = footOf(own);
  const seen = new Set();
  for (const part of [list, foot]) markTerms(part, seen);
  const offered = JSON.stringify(data.kinds);
  if (own.offered !== offered) {
    Object.assign(own, { offered, menu: menuOf(own) });
    box.replaceChildren(list, foot, own.menu);
  } else {
    const focused = box.getRootNode().activeElement;
    if (own.menu.matches(":popover-open") && !isKept(own.menu.place)) own.menu.hidePopover();
    replaceList(box.firstChild, list, focused, isKept);
    box.querySelector(".foot").replaceWith(foot);
    const name = own.next ?? focused?.dataset.name;
    const isGone = focused && !focused.isConnected; // as neither the menu is, nor a field that somebody types in
    if (isGone && name) (box.querySelector(`[data-name="${name}"]`) ?? box.querySelector(".name"))?.focus();
  }
  own.next = null;
}

// The field that has the focus stays, with what is typed and selected in it.
function replaceList(old, list, focused, isKept) {
  const field = focused?.matches(".size input") && isKept(Number(focused.dataset.place) + 1) ? focused : null;
  const fresh = field && list.querySelector(`[data-name="${field.dataset.name}"]`);
  if (!fresh) {
    for (const input of old.querySelectorAll("input")) input.onchange = null; // one that is taken out says what was typed
    old.replaceWith(list);
    return;
  }
  replaceAround(field, old, fresh, list);
  const isTyped = field.value !== field.dataset.value;
  field.onchange = fresh.onchange;
  field.dataset.value = fresh.dataset.value;
  if (!isTyped && field.value !== fresh.value) field.value = fresh.value;
}

// What lies around `inner` in `old` becomes what lies around `fresh` in `made`.
function replaceAround(inner, old, fresh, made) {
  if (old === inner) return;
  const stays = [...old.childNodes].find((child) => child.contains(inner));
  const [before, after] = [[], []];
  let model = null;
  for (const child of made.childNodes) {
    if (child.contains(fresh)) model = child;
    else (model ? after : before).push(child);
  }
  for (const child of [...old.childNodes]) if (child !== stays) child.remove();
  stays.before(...before);
  stays.after(...after);
  for (const { name, value } of made.attributes) old.setAttribute(name, value);
  replaceAround(inner, stays, fresh, model);
}

// What is shown follows when Python has answered; a later change goes with it.
function say(own, what) {
  own.said += 1;
  own.at = performance.now();
  own.send("edit", { number: own.said, ...what });
}

function change(own, layers, next = null) {
  own.layers = layers;
  own.next = next;
  say(own, { layers });
}

function thumbnail(row) {
  const made = element("div", "thumbnail");
  made.innerHTML = row.image; // SVG of ours
  return made;
}

function inputOf(row) {
  const made = element("div", "row");
  const told = element("div", "told");
  told.append(element("span", "figures", `${row.shape} comes in`));
  made.append(thumbnail(row), told);
  return made;
}

function rowOf(own, row, place) {
  const made = element("div", row.problem ? "row wrong" : "row");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", `Layer ${place + 1}, ${row.name}`);
  made.append(thumbnail(row), toldOf(own, row, place));
  if (row.field && !row.answers) made.append(sizeOf(own, row, place));
  if (!row.answers && own.layers.length > 1) {
    const remove = buttonOf("remove", "×", `Remove layer ${place + 1}, ${row.name}`, () => removed(own, place));
    remove.dataset.name = `remove-${place}`;
    made.append(remove);
  }
  return made;
}

// What it is; pointed at or focused, what it does.
function toldOf(own, row, place) {
  const told = element("div", "told");
  const name = element("button", "name", row.name);
  name.type = "button";
  name.dataset.name = `name-${place}`;
  const note = element("div", "note", row.about);
  note.id = `about-${place}`;
  note.setAttribute("role", "tooltip");
  name.setAttribute("aria-describedby", note.id);
  name.onkeydown = (event) => pressed(own, row, place, event);
  const figures = element("span", "figures", row.problem);
  if (!row.problem) figures.append(...[row.shape, row.parameters].filter(Boolean).map((text) => element("span", "", text)));
  told.append(name, note);
  if (row.settings) told.append(element("span", "settings", ` ${row.settings}`));
  told.append(figures);
  if (row.mend) told.append(buttonOf("mend", "Insert Flatten", `Insert Flatten before ${row.name}`, () => inserted(own, place, "Flatten")));
  return told;
}

function pressed(own, row, place, event) {
  const keys = {
    Escape: () => event.target.blur(),
    ArrowUp: () => own.box.querySelector(`[data-name="name-${place - 1}"]`)?.focus(),
    ArrowDown: () => own.box.querySelector(`[data-name="name-${place + 1}"]`)?.focus(),
    Delete: () => !row.answers && own.layers.length > 1 && removed(own, place),
    "+": () => row.field && !row.answers && stepped(own, row.field, place, 1),
    "-": () => row.field && !row.answers && stepped(own, row.field, place, -1),
  };
  if (!keys[event.key] || !isPlain(event)) return;
  event.preventDefault();
  keys[event.key]();
}

function sizeOf(own, row, place) {
  const { words, steps } = own.data.sizes[row.field];
  const made = element("div", "size");
  const field = Object.assign(element("input"), { type: "number", min: steps[0], max: steps.at(-1), value: own.layers[place][row.field] });
  field.step = row.field === "rate" ? 0.05 : 1;
  field.setAttribute("aria-label", `Layer ${place + 1}: ${words}`);
  Object.assign(field.dataset, { name: `size-${place}`, place, value: field.value }); // what it was last given or has said
  field.onchange = ({ target: { value } }) => sized(own, row.field, place, value === "" ? own.layers[place][row.field] : Number(value));
  const less = buttonOf("less", "−", `Layer ${place + 1}: fewer ${words}`, () => stepped(own, row.field, place, -1));
  const more = buttonOf("more", "+", `Layer ${place + 1}: more ${words}`, () => stepped(own, row.field, place, 1));
  less.dataset.name = `less-${place}`;
  more.dataset.name = `more-${place}`;
  made.append(less, field, more);
  return made;
}

function stepped(own, name, place, by) {
  const value = own.layers[place][name];
  const steps = own.data.sizes[name].steps;
  const next = by > 0 ? steps.find((step) => step > value) : steps.findLast((step) => step < value);
  if (next !== undefined) sized(own, name, place, next);
}

function sized(own, name, place, value) {
  const field = own.box.querySelector(`[data-name="size-${place}"]`);
  if (field) field.value = field.dataset.value = value;
  change(own, own.layers.map((layer, at) => (at === place ? { ...layer, [name]: value } : layer)));
}

function removed(own, place) {
  const layers = own.layers.filter((_, at) => at !== place);
  change(own, layers, `name-${Math.min(place, layers.length - 1)}`);
}

function inserted(own, place, kind) {
  const { layer } = own.data.kinds.find(({ name }) => name === kind);
  change(own, [...own.layers.slice(0, place), layer, ...own.layers.slice(place)], `name-${place}`);
}

// The way from one layer to the next, with a + on it.
function gap(own, place) {
  const made = element("div", "gap");
  const where = place < own.data.rows.length ? `before ${own.data.rows[place].name}` : "at the end";
  const add = buttonOf("add", "+", `Add a layer ${where}`, () => {
    own.menu.place = place;
    own.menu.showPopover({ source: add });
    beside(own.menu, add);
    own.menu.querySelector("button").focus();
  });
  add.dataset.name = `add-${place}`;
  made.append(add);
  return made;
}

function menuOf(own) {
  const menu = element("div", "menu");
  Object.assign(menu, { popover: "auto" });
  menu.setAttribute("role", "group");
  menu.setAttribute("aria-label", "Which layer");
  for (const { name, about } of own.data.kinds) {
    const choice = element("button", "", name);
    choice.type = "button";
    choice.append(element("small", "", about));
    choice.onclick = () => {
      menu.hidePopover();
      inserted(own, menu.place, name);
    };
    menu.append(choice);
  }
  return menu;
}

// Below what it belongs to, or above, within the window.
function beside(menu, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const top = at.bottom + height + 8 > innerHeight ? at.top - height - 4 : at.bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
}

function footOf(own) {
  const made = element("div", "foot");
  const undo = element("button", "undo", "Undo");
  Object.assign(undo, { type: "button", disabled: !own.data.undo, onclick: () => say(own, { undo: true }) });
  undo.dataset.name = "undo";
  const total = element("span", "total", own.data.said || own.data.total);
  total.setAttribute("role", "status");
  made.append(total, undo);
  return made;
}
