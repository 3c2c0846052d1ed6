// What a window makes of the numbers in it, written out.

import { bracketed, make, short } from "./words.js";

const PRODUCTS = {
  sum: (numbers, texts) =>
    numbers.map((row, i) => row.map((n, j) => `${bracketed(short(n))}·${bracketed(texts[i][j])}`).join(" + ")),
  max: (numbers) => [`max of {${numbers.flat().map((n) => short(n)).join(", ")}}`],
  mean: (numbers) => [
    `(${numbers.flat().map((n) => bracketed(short(n))).join(" + ")}) / ${numbers.length ** 2}`,
  ],
};

export const writeSum = (place, output, window, result, texts, named) => {
  const lines = PRODUCTS[output.how](window, texts);
  const isRounded = [...window.flat(), result].some((n) => Math.abs(n - +n.toFixed(3)) > 1e-9);
  const line = make("div", place, "products");
  if (named) make("b", line, "").textContent = `${output.title.split(":")[0]}: `;
  lines.forEach((text, i) => (make("span", line, "").textContent = `${i ? "+ " : ""}${text} `));
  make("strong", line, "").textContent = `${isRounded ? "≈" : "="} ${short(result)}`;
};
