// An image of numbers: each cell's value is read by mouse, finger or arrow keys.
// data: {thousandths: rows of whole numbers 0..1000, 0 = paper (a third as long as decimals), label: string,
// whole: what 1 stands for in whole numbers, or null}
// Other scripts show other values of the same size by the grid's `paint`; `blank` is paper, `values` what is shown, and the
// event "digit-lab-pixels" says that it has changed. It comes with each stroke, so it is short.

import { isPlain } from "../plain_key.js";

// In the theme's text colour, ink being opacity.
const draw = (canvas, values) => {
  const [red, green, blue] = getComputedStyle(canvas).color.match(/[\d.]+/g);
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, i) => image.data.set([red, green, blue, 255 * value], 4 * i));
  context.putImageData(image, 0, 0);
};

export default function ({ parentElement, data }) {
  const { label, thousandths, whole } = data;
  const [rows, columns] = [thousandths.length, thousandths[0].length];
  const grid = parentElement.querySelector(".grid");
  const ink = parentElement.querySelector(".ink");
  const cursor = parentElement.querySelector(".cursor");
  const readout = parentElement.querySelector(".readout");
  const hint = "Point at a pixel, or tap it, to read its value.";
  let values;

  [ink.width, ink.height] = [columns, rows];
  grid.setAttribute("aria-label", `${label}; the arrow keys read its values`);
  grid.style.setProperty("--columns", columns);
  grid.style.setProperty("--rows", rows);
  grid.blank = new Float32Array(rows * columns);
  ink.ontransitionend = () => grid.paint(values); // the theme has changed the colour
  grid.paint = (others) => {
    values = others;
    grid.values = others;
    draw(ink, values);
    if (grid.cell) show();
    grid.dispatchEvent(new CustomEvent("digit-lab-pixels", { bubbles: true, composed: true, detail: { values } }));
  };

  const show = () => {
    const at = grid.cell;
    cursor.hidden = !at;
    if (!at) {
      readout.textContent = hint;
      return;
    }
    const [row, column] = at;
    cursor.style.left = `${(100 * column) / columns}%`;
    cursor.style.top = `${(100 * row) / rows}%`;
    const value = values[row * columns + column];
    const counted = whole ? `${Math.round(whole * value)} of ${whole}, ` : "";
    readout.textContent = `Row ${row + 1}, column ${column + 1}: ${counted}${value.toFixed(3)}`;
  };

  const clamp = (n, count) => Math.max(0, Math.min(count - 1, n));
  const point = (event) => {
    const box = grid.getBoundingClientRect();
    grid.cell = [
      clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), rows),
      clamp(Math.floor(((event.clientX - box.left) / box.width) * columns), columns),
    ];
    show();
  };

  grid.onpointermove = point;
  grid.onpointerdown = point;
  grid.onpointerleave = (event) => {
    if (event.pointerType !== "mouse") return;
    grid.cell = null;
    show();
  };
  grid.onblur = () => {
    grid.cell = null;
    show();
  };
  grid.onkeydown = (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move || !isPlain(event)) return;
    event.preventDefault();
    const [row, column] = grid.cell ?? [rows >> 1, columns >> 1];
    grid.cell = [clamp(row + move[0], rows), clamp(column + move[1], columns)];
    show();
  };
  grid.paint(Float32Array.from(thousandths.flat(), (n) => n / 1000));
  show();
}
