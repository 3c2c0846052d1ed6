// A window that slides over a picture: what lies in it, what becomes of it, and where that goes.
// data: {
//   name: string; the place of the window is remembered under it,
//   look: "numbers" | "ink" | "light", how values are shown,
//   input: {title, values: rows of numbers, with the padding, scale: the value of full colour},
//   pad: [top, right, bottom, left], cells of the input that are padding,
//   kernel: null | {title, texts: rows as people wrote them, values: rows of numbers | null, editable},
//   outputs: [{title, values, scale, how: "sum" | "max" | "mean"}], of equal size; none where nothing fits,
//   window, stride: whole numbers,
//   reveal: the output is empty until the window has come by,
// }
// The numbers are Python's; only the sentence that writes them out is put together here.

const MOST_NUMBERS = 20; // columns up to which a grid has numbers
const MOST_LINES = 40; // and lines between its cells
const MOST_FACTORS = 25; // columns of all grids together up to which the kernel is written into the window
const WHOLE_WAY = 20000; // milliseconds from the first window to the last, at most
const PACE = [40, 700]; // milliseconds from step to step
const places = new Map(); // name -> [row, column]; outlives the page that it is on

const short = (number, digits = 3) => {
  const rounded = +number.toFixed(digits);
  return (rounded === 0 ? "0" : `${rounded}`).replace("-", "−");
};
const bracketed = (text) => (/[-−/]/.test(text) ? `(${text.replace("-", "−")})` : text);
const clamp = (n, count) => Math.max(0, Math.min(count - 1, n));

const make = (kind, parent, className) => {
  const element = document.createElement(kind);
  element.className = className;
  parent.append(element);
  return element;
};

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

const area = (element, plane, row, column, height, width) => {
  element.style.left = `${(100 * column) / plane.columns}%`;
  element.style.top = `${(100 * row) / plane.rows}%`;
  element.style.width = `${(100 * width) / plane.columns}%`;
  element.style.height = `${(100 * height) / plane.rows}%`;
};

// The figure's element is kept, and so is the focus in it.
const figureOf = (root, place, className) => {
  const found = root.querySelector(`[data-place="${place}"]`);
  if (found) return found;
  const figure = make("figure", root.querySelector(".grids"), className);
  figure.dataset.place = place;
  make("figcaption", figure, "");
  make("div", figure, "plane");
  make("div", figure, "scale");
  return figure;
};

const drawPlane = (figure, { title, values, scale }, data, pad = [0, 0, 0, 0]) => {
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
    const share = Math.min(100, (100 * Math.abs(value)) / scale);
    return `color-mix(in srgb, var(${value < 0 ? "--negative" : "--positive"}) ${share}%, var(--paper))`;
  };
  const stops = [low, -scale, 0, scale, high].filter((value) => value >= low && value <= high);
  const at = (value) => (high > low ? (100 * (value - low)) / (high - low) : 0);
  bar.replaceChildren();
  make("span", bar, "").textContent = short(low, 2);
  make("i", bar, "").style.background =
    `linear-gradient(to right, ${stops.map((value) => `${colour(value)} ${at(value)}%`).join(", ")})`;
  make("span", bar, "").textContent = short(high, 2);
};

const drawKernel = (figure, kernel, send) => {
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

const PRODUCTS = {
  sum: (numbers, texts) =>
    numbers.map((row, i) => row.map((n, j) => `${bracketed(short(n))}·${bracketed(texts[i][j])}`).join(" + ")),
  max: (numbers) => [`max of {${numbers.flat().map((n) => short(n)).join(", ")}}`],
  mean: (numbers) => [
    `(${numbers.flat().map((n) => bracketed(short(n))).join(" + ")}) / ${numbers.length ** 2}`,
  ],
};

const writeSum = (place, output, window, result, texts, named) => {
  const lines = PRODUCTS[output.how](window, texts);
  const isRounded = [...window.flat(), result].some((n) => Math.abs(n - +n.toFixed(3)) > 1e-9);
  const line = make("div", place, "products");
  if (named) make("b", line, "").textContent = `${output.title.split(":")[0]}: `;
  lines.forEach((text, i) => (make("span", line, "").textContent = `${i ? "+ " : ""}${text} `));
  make("strong", line, "").textContent = `${isRounded ? "≈" : "="} ${short(result)}`;
};

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".walk");
  const { input, pad, kernel, outputs, window: side, stride } = data;
  root.dataset.look = data.look;
  const across = [input.values, kernel?.texts ?? [[]], ...outputs.map((output) => output.values)];
  const total = across.reduce((sum, grid) => sum + grid[0].length, 0);
  root.style.setProperty("--total", total);
  clearInterval(root.timer);

  const send = (plane) => {
    const texts = [...plane.children].map((cell) => cell.value.trim());
    const size = kernel.texts.length;
    setTriggerValue("kernel", Array.from({ length: size }, (_, i) => texts.slice(i * size, (i + 1) * size)));
  };

  const first = figureOf(root, "input", "input");
  drawPlane(first, input, data, pad);
  const frame = make("div", first.querySelector(".plane"), "window");
  const middle = kernel && figureOf(root, "kernel", "kernel");
  if (kernel) drawKernel(middle, kernel, send);
  const results = outputs.map((output, i) => {
    const figure = figureOf(root, `output-${i}`, "output");
    drawPlane(figure, output, data);
    make("div", figure.querySelector(".plane"), "cursor");
    return figure;
  });
  root.querySelectorAll(".output").forEach((figure) => (figure.hidden = !results.includes(figure)));

  const controls = root.querySelector(".controls");
  const sums = root.querySelector(".sums");
  controls.hidden = !outputs.length;
  frame.hidden = !outputs.length;
  if (!outputs.length) {
    sums.replaceChildren();
    return undefined;
  }

  const [rows, columns] = [outputs[0].values.length, outputs[0].values[0].length];
  const count = rows * columns;
  const [back, play, forth] = controls.querySelectorAll("button");
  const slider = controls.querySelector("input");
  const where = controls.querySelector("output");
  const small = data.look === "numbers" && kernel?.values && total <= MOST_FACTORS;
  frame.style.setProperty("--columns", side);
  frame.style.setProperty("--rows", side);
  if (small) kernel.texts.flat().forEach((text) => (make("span", frame, "").textContent = `×${text.replace("-", "−")}`));
  slider.max = count - 1;
  sums.style.minHeight = "";

  let at = places.get(data.name) ?? (data.reveal ? [0, 0] : [rows >> 1, columns >> 1]);
  const show = () => {
    const [row, column] = at;
    const [top, left] = [row * stride, column * stride];
    area(frame, first.querySelector(".plane"), top, left, side, side);
    results.forEach((figure) => {
      const plane = figure.querySelector(".plane");
      area(plane.querySelector(".cursor"), plane, row, column, 1, 1);
      const [x, y, below] = [(100 * (column + 1)) / columns, (100 * row) / rows, (100 * (row + 1)) / rows];
      plane.querySelector(".values").style.clipPath = data.reveal
        ? `polygon(0 0, 100% 0, 100% ${y}%, ${x}% ${y}%, ${x}% ${below}%, 0 ${below}%)`
        : "";
    });
    slider.value = row * columns + column;
    slider.ariaValueText = `row ${row + 1}, column ${column + 1}`;
    where.textContent = `row ${row + 1}, column ${column + 1}`;
    const numbers = input.values.slice(top, top + side).map((line) => line.slice(left, left + side));
    sums.replaceChildren();
    outputs.forEach((output) =>
      writeSum(sums, output, numbers, output.values[row][column], kernel?.texts, outputs.length > 1)
    );
    sums.style.minHeight = `${Math.max(parseFloat(sums.style.minHeight) || 0, sums.offsetHeight)}px`;
  };
  const go = (row, column) => {
    at = [clamp(row, rows), clamp(column, columns)];
    places.set(data.name, at);
    show();
  };
  const step = (by) => {
    const next = clamp(at[0] * columns + at[1] + by, count);
    go(Math.floor(next / columns), next % columns);
  };

  const run = (on) => {
    root.plays = on;
    clearInterval(root.timer);
    play.classList.toggle("on", on);
    play.ariaLabel = on ? "Pause" : "Play";
    sums.ariaLive = on ? "off" : "polite";
    if (!on) return;
    const pace = Math.min(PACE[1], Math.max(PACE[0], WHOLE_WAY / count));
    const by = Math.ceil((count * pace) / WHOLE_WAY); // of many windows, some are left out
    root.timer = setInterval(() => (+slider.value < count - 1 ? step(by) : run(false)), pace);
  };
  const pausing = (action) => () => {
    run(false);
    action();
  };
  back.onclick = pausing(() => step(-1));
  forth.onclick = pausing(() => step(1));
  play.onclick = () => {
    if (!root.plays && +slider.value === count - 1) go(0, 0);
    run(!root.plays);
  };
  slider.oninput = () => {
    const value = +slider.value;
    run(false);
    go(Math.floor(value / columns), value % columns);
  };

  results.forEach((figure, i) => {
    const plane = figure.querySelector(".plane");
    plane.tabIndex = 0;
    plane.role = "application";
    plane.ariaLabel = `${outputs[i].title}. The arrow keys choose a cell.`;
    plane.onpointerdown = plane.onpointermove = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const box = plane.getBoundingClientRect();
      run(false);
      go(
        Math.floor(((event.clientY - box.top) / box.height) * rows),
        Math.floor(((event.clientX - box.left) / box.width) * columns)
      );
    };
    plane.onkeydown = (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.key === "Home") go(0, 0);
      else if (event.key === "End") go(rows, columns);
      else if (move) go(at[0] + move[0], at[1] + move[1]);
      else return;
      event.preventDefault();
      run(false);
    };
  });
  go(...at);
  run(Boolean(root.plays));
  return () => clearInterval(root.timer);
}
