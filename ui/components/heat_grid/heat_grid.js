// Numbers of either sign as colours. data: {values, row by row, rows, columns, label, chosen: [row, column] | null, side,
// names: what a cell is called, such as "Row {row}, column {column}", first: the number of the first row and column}
// says: pick, the cell that is clicked on.

import { colours, isDark } from "../feature_maps/colours.js";
import { isPlain } from "../plain_key.js";

const SIDE = 336; // pixels of the longer side of the image, which is shown in any size
const LEAST = 12; // pixels of a cell

const clampCell = (n, count) => Math.max(0, Math.min(count - 1, n));

export const number = (value) => {
  if (Number.isInteger(value)) return value.toFixed(0).replace("-", "\u2212");
  const text = Math.abs(value) >= 0.001 || value === 0 ? value.toPrecision(5) : value.toExponential(3);
  return text.replace(/^-/, "\u2212").replace("e-", "e\u2212");
};

const named = ({ names, first }, [row, column]) => names.replace("{row}", row + first).replace("{column}", column + first);

function drawCells(canvas, { values, rows, columns }, marked) {
  const context = canvas.getContext("2d");
  const size = Math.max(LEAST, Math.round(SIDE / Math.max(rows, columns))); // else few cells were blurred
  [canvas.width, canvas.height] = [columns * size, rows * size];
  const lut = colours(true, isDark(canvas));
  const largest = Math.max(...values.map(Math.abs), 1e-30);
  values.forEach((value, i) => {
    const [r, g, b] = Number.isFinite(value) ? lut[128 + Math.round((127 * value) / largest)] : lut[0];
    context.fillStyle = `rgb(${r} ${g} ${b})`;
    context.fillRect((i % columns) * size, Math.floor(i / columns) * size, size, size);
  });
  for (const [cell, colour, width] of marked) {
    if (!cell) continue;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(cell[1] * size + width / 2, cell[0] * size + width / 2, size - width, size - width);
  }
}

export default function ({ parentElement, data, setStateValue }) {
  const canvas = parentElement.querySelector(".heat");
  const readout = parentElement.querySelector(".readout");
  const { rows, columns, values, label } = data;
  canvas.style.setProperty("--side", `${data.side}px`);
  canvas.setAttribute("aria-label", `${label}; the arrow keys read its numbers, Enter chooses one`);
  const state = (canvas.state ??= { chosen: data.chosen, at: null });
  if (!state.chosen || state.chosen[0] >= rows || state.chosen[1] >= columns) state.chosen = data.chosen;

  const show = () => {
    drawCells(canvas, data, [
      [state.chosen, "#e5484d", 3],
      [state.at, getComputedStyle(canvas).color, 2],
    ]);
    const cell = state.at ?? state.chosen;
    readout.textContent = cell
      ? `${named(data, cell)}: ${number(values[cell[0] * columns + cell[1]])}`
      : "Point at a cell to read it, click to choose it.";
  };
  const cellAt = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      clampCell(Math.floor(((event.clientY - box.top) / box.height) * rows), rows),
      clampCell(Math.floor(((event.clientX - box.left) / box.width) * columns), columns),
    ];
  };
  const choose = (cell) => {
    state.chosen = cell;
    setStateValue("pick", cell);
    show();
  };

  canvas.onpointermove = (event) => {
    state.at = cellAt(event);
    show();
  };
  canvas.onpointerleave = canvas.onblur = () => {
    state.at = null;
    show();
  };
  canvas.onclick = (event) => choose(cellAt(event));
  canvas.onkeydown = (event) => {
    if (!isPlain(event)) return;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const [row, column] = state.at ?? state.chosen ?? [rows >> 1, columns >> 1];
    if (event.key === "Enter" || event.key === " ") choose([row, column]);
    else if (move) state.at = [clampCell(row + move[0], rows), clampCell(column + move[1], columns)];
    else return;
    event.preventDefault();
    show();
  };
  canvas.ontransitionend = show;
  show();
}
