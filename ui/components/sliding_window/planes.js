// Grids of numbers, and their scales: what is drawn once, before any window slides.

import { make, short } from "./words.js";

const MOST_NUMBERS = 20; // columns up to which a grid has numbers
const MOST_LINES = 40; // and lines between its cells

// Positive or negative values as a mask, which lets a colour of the theme through.
const mask = (values, scale, sign) => {
  const canvas = document.createElement("canvas");
  canvas.width = values[0].length;
  canvas.height = values.length;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  values.flat().forEach((value, i) => (image.data[4 * i + 3] = Math.round((255 * sign * value) / scale)));
  context.putImageData(image, 0, 0);
  return `url(${canvas.toDataURL()})`;
};

export const area = (element, plane, row, column, height, width) => {
  element.style.left = `${(100 * column) / plane.columns}%`;
  element.style.top = `${(100 * row) / plane.rows}%`;
  element.style.width = `${(100 * width) / plane.columns}%`;
  element.style.height = `${(100 * height) / plane.rows}%`;
};

// The figure's element is kept, and so is the focus in it.
export const figureOf = (root, place, className) => {
  const found = root.querySelector(`[data-place="${place}"]`);
  if (found) return found;
  const figure = make("figure", root.querySelector(".grids"), className);
  figure.dataset.place = place;
  make("figcaption", figure, "");
  make("div", figure, "plane");
  make("div", figure, "scale");
  return figure;
};

export const drawPlane = (figure, { title, values, scale }, data, pad = [0, 0, 0, 0]) => {
  const plane = figure.querySelector(".plane");
  const [rows, columns] = [values.length, values[0].length];
  Object.assign(plane, { rows, columns });
  figure.style.setProperty("--columns", columns);
  figure.style.setProperty("--rows", rows);
  figure.querySelector("figcaption").textContent = title;
  plane.replaceChildren();
  if (pad.some(Boolean)) {
    plane.classList.add("padded");
    area(make("div", plane, "real"), plane, pad[0], pad[3], rows - pad[0] - pad[2], columns - pad[1] - pad[3]);
  } else plane.classList.remove("padded");

  const shown = make("div", plane, "values");
  for (const [kind, sign] of [["positive", 1], ["negative", -1]]) {
    const layer = make("div", shown, kind);
    const url = mask(values, scale, sign);
    layer.style.maskImage = url;
    layer.style.webkitMaskImage = url;
  }
  if (data.look === "numbers" && columns <= MOST_NUMBERS) {
    const numbers = make("div", shown, "numbers");
    values.flat().forEach((value) => (make("span", numbers, "").textContent = short(value, 2)));
  }
  if (columns <= MOST_LINES) make("div", plane, "lines");
  drawScale(figure.querySelector(".scale"), values, scale, data.look);
};

// From the smallest to the largest value that is there, in the colours that they have; beyond the scale they are
// the same.
const drawScale = (bar, values, scale, look) => {
  bar.hidden = look === "numbers";
  if (bar.hidden) return;
  const flat = values.flat();
  const low = flat.reduce((a, b) => Math.min(a, b));
  const high = flat.reduce((a, b) => Math.max(a, b));
  const colour = (value) => {
    const fraction = Math.min(100, (100 * Math.abs(value)) / scale);
    return `color-mix(in srgb, var(${value < 0 ? "--negative" : "--positive"}) ${fraction}%, var(--paper))`;
  };
  const stops = [low, -scale, 0, scale, high].filter((value) => value >= low && value <= high);
  const at = (value) => (high > low ? (100 * (value - low)) / (high - low) : 0);
  bar.replaceChildren();
  make("span", bar, "").textContent = short(low, 2);
  make("i", bar, "").style.background =
    `linear-gradient(to right, ${stops.map((value) => `${colour(value)} ${at(value)}%`).join(", ")})`;
  make("span", bar, "").textContent = short(high, 2);
};

export const drawKernel = (figure, kernel, send) => {
  const plane = figure.querySelector(".plane");
  const size = kernel.texts.length;
  figure.style.setProperty("--columns", size);
  figure.style.setProperty("--rows", size);
  figure.style.setProperty("--longest", Math.max(...kernel.texts.flat().map((text) => text.length)));
  figure.querySelector("figcaption").textContent = kernel.title;
  figure.querySelector(".scale").hidden = true;
  if (plane.children.length !== size * size) {
    plane.replaceChildren();
    for (let i = 0; i < size * size; i++) {
      const cell = make("input", plane, "");
      cell.inputMode = "text";
      cell.autocomplete = "off";
      cell.maxLength = 12;
      cell.ariaLabel = `Kernel, row ${Math.floor(i / size) + 1}, column ${(i % size) + 1}`;
    }
  }
  [...plane.children].forEach((cell, i) => {
    const text = kernel.texts[Math.floor(i / size)][i % size];
    const value = kernel.values?.[Math.floor(i / size)][i % size];
    // What somebody is typing while the answer to the cell before arrives is not taken from them.
    if (cell.sent !== text && (cell.getRootNode().activeElement !== cell || cell.value === (cell.sent ?? ""))) {
      cell.value = text;
    }
    cell.sent = text;
    cell.readOnly = !kernel.editable;
    cell.dataset.sign = value > 0 ? "+" : value < 0 ? "−" : "";
    cell.onfocus = () => cell.select();
    cell.onchange = () => send(cell.parentNode);
    cell.onkeydown = (event) => {
      if (event.key === "Enter") cell.blur(); // a handler that returned false would swallow the key
    };
  });
};
