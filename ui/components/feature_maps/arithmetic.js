// How a number was made, written out: a function for each kind of layer.

import { markTerms } from "../term_notes/mark_terms.js";
import { BROKEN, colours, ink } from "./colours.js";
import { current } from "./view.js";
import { bracket, called, escape, make, MINUS, minus, number, signedTerm } from "./words.js";

export function explain(net, own, chosen) {
  const place = own.inspector.querySelector(".sum");
  place.replaceChildren(...written(net, own, chosen));
  markTerms(place);
}

function written(net, own, chosen) {
  const { sum } = chosen;
  const draw = { Conv2D: convolution, Dense: dense, MaxPooling2D: pooling, AveragePooling2D: pooling, BatchNormalization: normalisation, PReLU: leaking, Add: joined, Average: joined, Concatenate: joined };
  const layer = own.data.layers[chosen.layer];
  const where = chosen.at ? `row ${chosen.at[0] + 1}, column ${chosen.at[1] + 1}` : called(layer, chosen.map);
  const title = make("p", "lead");
  const largest = chosen.at && !chosen.asked && sum.found !== "not a number" ? ", the largest of this map" : "";
  title.innerHTML = `How <b>${escape(sum.value)}</b> came about <span>(${escape(where + largest)})</span>`;
  return [title, ...(draw[sum.kind] ?? func)(net, own, chosen, sum), make("p", "remark", sum.remark)];
}

const FORMULAS = {
  relu: (z, y) => `ReLU keeps what is positive and makes the rest 0: max(0, ${z}) = <b>${y}</b>`,
  sigmoid: (z, y) => `sigmoid: 1 / (1 + e<sup>${MINUS}(${z})</sup>) = <b>${y}</b>`,
  tanh: (z, y) => `tanh(${z}) = <b>${y}</b>`,
  elu: (z, y) => `ELU keeps what is positive, else e<sup>${z}</sup> ${MINUS} 1 = <b>${y}</b>`,
  gelu: (z, y) => `GELU: ${z} times the probability that a normal number is smaller = <b>${y}</b>`,
  silu: (z, y) => `SiLU: ${z} times its sigmoid = <b>${y}</b>`,
  log: (z, y) => `natural logarithm: ln(${z}) = <b>${y}</b>`,
  softmax: (z, y) => `softmax: e<sup>${z}</sup> divided by the sum of all such = <b>${y}</b>`,
};

function result(sum) {
  const node = make("p", "result");
  const slope = sum.activation?.startsWith("leaky_relu") ? sum.activation.slice("leaky_relu_".length) || "0.2" : null;
  const leaky = (z, y) => `leaky ReLU keeps what is positive and takes ${slope} of the rest: <b>${y}</b>`;
  const formula = slope === null ? FORMULAS[sum.activation] : leaky;
  if (formula) node.innerHTML = formula(escape(sum.before), escape(sum.value));
  else node.innerHTML = `The result is <b>${escape(sum.value)}</b>${sum.kind === "Dense" ? "" : ": no function follows"}.`;
  return node;
}

/**
 * A square of numbers; coloured on a signed scale of its own whose end is `most`.
 * @param {(number | null)[]} values row by row
 * @param {number} side how many lie in a row
 * @param {any} own
 * @param {{most: number, inside?: boolean[], marked?: number, name: string}} about inside: is each within the image?
 * marked: the index of the one that is outlined
 */
function grid(values, side, own, { most, inside, marked, name }) {
  const figure = make("figure", "numbers");
  const table = make("div", side > 7 ? "cells tiny" : "cells");
  table.style.setProperty("--side", side);
  const lut = colours(true, own.dark);
  values.forEach((value, i) => {
    const outside = inside && !inside[i];
    const cell = make("span", outside ? "outside" : "", side > 7 ? "" : outside ? "0" : brief(value, side, most));
    cell.title = outside ? "beyond the edge: 0" : number(value, 5);
    if (!outside) {
      const share = value === null ? null : most ? value / most : 0;
      const colour = share === null ? BROKEN : lut[Math.max(1, Math.min(255, Math.round(128 + 127 * share)))];
      cell.style.background = `rgb(${colour})`;
      cell.style.color = ink(colour);
    }
    if (marked === i) cell.classList.add("marked");
    table.append(cell);
  });
  figure.append(table, make("figcaption", "", name));
  return figure;
}

// Short enough for a cell: three decimals without their 0 where all are small.
function brief(value, side, most) {
  if (value === null) return "NaN";
  if (value === 0) return "0";
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : most < 0.1 ? value.toFixed(3).replace("0.", ".") : value.toFixed(side > 5 ? 1 : 2);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

const sizeOf = (values) => Math.max(...values.map((v) => Math.abs(v ?? 0)), 0);
const sign = (text) => make("span", "sign", text);

function convolution(net, own, chosen, sum) {
  const shown = Math.min(own.channel ?? 0, sum.channels.length - 1);
  const channel = sum.channels[shown];
  const parts = [];
  const many = sum.channels.length > 1;
  if (channel.inputs) {
    const products = channel.inputs.map((value, i) => (value === null || channel.weights[i] === null ? null : value * channel.weights[i]));
    const row = make("div", "product");
    row.append(
      grid(channel.inputs, sum.side, own, { most: sizeOf(channel.inputs), inside: sum.inside, name: many ? inputName(sum, channel) : "input" }),
      sign("×"),
      grid(channel.weights, sum.side, own, { most: sizeOf(channel.weights), name: "kernel" }),
      sign("="),
      grid(products, sum.side, own, { most: sizeOf(products), inside: sum.inside, name: `products, sum ${number(channel.sum)}` }),
    );
    parts.push(row);
  }
  if (many) parts.push(channels(net, own, sum, shown));
  const total = sum.channels.reduce((all, c) => all + (c.sum ?? NaN), 0);
  const line = make("p", "total");
  const inputs = sum.names ? "three colours" : `${sum.channels.length} input maps`;
  const count = many ? `sum of the ${inputs}` : "sum of the products";
  line.innerHTML = `${count} ${number(Number.isNaN(total) ? null : total)}, bias ${number(sum.bias)}: together <b>${escape(sum.before)}</b>`;
  return [...parts, line, result(sum)];
}

const inputName = (sum, channel) => sum.names?.[channel.map] ?? `input map ${channel.map + 1}`;

// What each input map adds, the largest first; a click shows its numbers.
function channels(net, own, sum, shown) {
  const box = make("div", "channels");
  const FEW = 8;
  const most = Math.abs(sum.channels[0].sum ?? 0) || 1;
  const list = own.all ? sum.channels : sum.channels.slice(0, FEW);
  list.forEach((channel, n) => {
    const button = make("button", n === shown ? "channel on" : "channel");
    button.disabled = !channel.inputs;
    button.style.setProperty("--share", Math.min(1, Math.abs(channel.sum ?? 0) / most));
    button.classList.toggle("less", channel.sum < 0);
    button.append(make("small", "", sum.names?.[channel.map] ?? `map ${channel.map + 1}`), make("span", "", number(channel.sum)));
    button.onclick = () => {
      own.channel = n;
      explain(net, own, current(own));
    };
    box.append(button);
  });
  const left = sum.channels.slice(FEW);
  if (left.length) {
    const rest = left.reduce((all, c) => all + (c.sum ?? NaN), 0);
    const more = make("button", "channel rest");
    more.append(
      make("small", "", own.all ? "show" : `${left.length} others`),
      make("span", "", own.all ? "fewer" : number(Number.isNaN(rest) ? null : rest)),
    );
    more.onclick = () => {
      own.all = !own.all;
      explain(net, own, current(own));
    };
    box.append(more);
  }
  return box;
}

function dense(net, own, chosen, sum) {
  const table = make("table", "terms");
  const most = sizeOf([...sum.terms.map((term) => term[3]), sum.rest, sum.bias]) || 1;
  const left = sum.count - sum.terms.length;
  const line = (cells, product) => {
    const row = make("tr");
    row.append(...cells.map((text) => make("td", "", text)));
    const bar = make("td", "bar");
    const fill = make("i", product < 0 ? "less" : "");
    fill.style.width = `${(50 * Math.abs(product ?? 0)) / most}%`;
    bar.append(fill);
    row.append(bar);
    return row;
  };
  const head = make("tr");
  head.append(...["input", "value", "× weight", "= product"].map((text) => make("th", "", text)), make("td"));
  table.append(head, ...sum.terms.map(([name, x, w, p]) => line([name, number(x), number(w), number(p)], p)));
  const none = sum.zeros === left ? (left === 1 ? ", which is 0" : ", all 0") : sum.zeros ? ` (${sum.zeros.toLocaleString("en")} are 0)` : "";
  if (left > 0) table.append(line([`the other ${left.toLocaleString("en")}${none}`, "", "", number(sum.rest)], sum.rest));
  table.append(line(["bias", "", "", number(sum.bias)], sum.bias));
  const total = make("p", "total");
  total.innerHTML = `All together <b>${escape(sum.before)}</b>`;
  const parts = [table, total];
  if (sum.activation !== "linear") parts.push(result(sum));
  else if (chosen.layer === own.data.layers.length - 1) parts.push(make("p", "result", "The softmax below turns this number and the others into shares of 100%."));
  return parts;
}

function pooling(net, own, chosen, sum) {
  const largest = sum.inputs.reduce((best, v, i) => (v !== null && v > (sum.inputs[best] ?? -Infinity) ? i : best), 0);
  const max = sum.kind === "MaxPooling2D";
  const row = make("div", "product");
  const window_ = grid(sum.inputs, sum.side, own, { most: sizeOf(sum.inputs), marked: max ? largest : -1, name: `rows ${sum.first[0] + 1} to ${sum.first[0] + sum.side}, columns ${sum.first[1] + 1} to ${sum.first[1] + sum.side} of the same map before` });
  row.append(window_);
  const line = make("p", "result");
  line.innerHTML = max
    ? `The largest of these ${sum.inputs.length} numbers is <b>${escape(sum.value)}</b>; where it lay is forgotten.`
    : `Their sum divided by ${sum.inputs.length} is <b>${escape(sum.value)}</b>.`;
  return [row, line];
}

function normalisation(net, own, chosen, sum) {
  const { mean, variance, gamma, beta } = sum.numbers;
  const line = make("p", "result");
  line.innerHTML = `(x ${MINUS} mean) / √(variance + 0.001) × gamma + beta<br>= (${number(sum.input, 4)} ${MINUS} ${bracket(mean)}) / √(${number(variance, 4)} + 0.001) × ${bracket(gamma)} ${signedTerm(beta)} = <b>${escape(sum.value)}</b>`;
  return [line, make("p", "total", `Mean and variance were gathered from the training ${own.data.noun}; gamma and beta were learnt.`)];
}

function leaking(net, own, chosen, sum) {
  const line = make("p", "result");
  const slope = bracket(sum.numbers.slope);
  line.innerHTML = sum.input > 0
    ? `PReLU keeps what is positive: <b>${escape(sum.value)}</b>`
    : `PReLU takes of what is below 0 as much as it has learnt: ${slope} &times; ${bracket(sum.input)} = <b>${escape(sum.value)}</b>`;
  return [line];
}

// What several layers give for the same place.
function joined(net, own, chosen, sum) {
  const terms = sum.terms.map(([name, value]) => `${bracket(value)} <span>(${escape(name)})</span>`);
  const line = make("p", "result");
  const said = { Add: (all) => all, Average: (all) => `(${all}) / ${terms.length}`, Concatenate: (all) => `handed on as it is: ${all}` };
  line.innerHTML = `${said[sum.kind](terms.join(" + "))} = <b>${escape(sum.value)}</b>`;
  return [line];
}

function func(net, own, chosen, sum) {
  const line = result(sum);
  return [line];
}
