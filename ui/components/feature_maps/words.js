// Numbers and names in words, and elements that hold them.

export const MINUS = "\u2212";
export const minus = (text) => text.replace(/-/g, MINUS);

export function number(value, digits = 3) {
  if (value === null || value === undefined) return "NaN";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 5e-4 || size >= 1e5) return minus(value.toExponential(1));
  const text = size >= 100 ? value.toFixed(1) : value.toFixed(digits);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

export const signedTerm = (value) => (value < 0 ? `${MINUS} ${number(-value)}` : `+ ${number(value)}`);
export const bracket = (value) => (value < 0 ? `(${number(value)})` : number(value));

export const called = (layer, map) =>
  layer.labels ? (/^\d$/.test(layer.labels[map]) ? `digit ${layer.labels[map]}` : layer.labels[map]) : `${layer.what} ${map + 1} of ${layer.count}`;

export function escape(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node.innerHTML;
}

export const make = (tag, name = "", text = "") => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};
