// How strongly each layer learns: its gradient, what a step changes of its weights, and the units that never fire.

import { markTerms } from "../term_notes/mark_terms.js";
import { element, write } from "./elements.js";

const HEAD = ["layer", "gradient", "change in a step", "never fire"];
const LOW = 1e-6; // of the scale
const HIGH = 1;

export function showHealth(table, layers, state) {
  const names = [...new Set([...layers.learning, ...layers.relu])];
  const key = names.join();
  if (table.names !== key) buildTable(table, names, key);
  names.forEach((name, i) => {
    const [, gradient, change, silent] = table.tBodies[0].rows[i].cells;
    const at = layers.learning.indexOf(name);
    const quiet = state.silent[layers.relu.indexOf(name)] ?? null;
    const update = state.updates[at] ?? null;
    write(gradient, short(state.gradients[at] ?? null));
    write(change.lastChild, update === null ? "" : short(update));
    change.firstChild.style.setProperty("--at", place(update));
    change.firstChild.hidden = update === null;
    write(silent, quiet === null ? "" : `${Math.round(100 * quiet)}%`);
  });
}

function buildTable(table, names, key) {
  table.names = key;
  const [head, body] = [element("thead"), element("tbody")];
  const row = head.insertRow();
  for (const word of HEAD) {
    const cell = element("th", "", word);
    cell.scope = "col";
    row.append(cell);
  }
  for (const name of names) {
    const line = body.insertRow();
    const first = element("th", "", name);
    first.scope = "row";
    line.append(first, element("td"), element("td"), element("td"));
    line.cells[2].append(element("i", "scale"), element("span"));
  }
  table.replaceChildren(head, body);
  markTerms(head);
}

const short = (value) => (value === null ? "" : value === 0 ? "0" : Number(value.toPrecision(2)).toString());
const place = (value) => `${100 * Math.min(1, Math.max(0, Math.log(Math.max(value ?? 0, LOW) / LOW) / Math.log(HIGH / LOW)))}%`;
