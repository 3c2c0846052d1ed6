// Kernels, the wall of digits, the cloud and the confusion matrix of one state.

import { element, penOf, write } from "./elements.js";

const ADDS = [91, 96, 240];
const TAKES = [221, 107, 32];
const GAP = 4; // pixels between two kernels

export function drawKernels(canvas, kernels, { ink }) {
  canvas.room ||= canvas.clientWidth;
  const room = canvas.room;
  const columns = Math.min(kernels.n, 8);
  const rows = Math.ceil(kernels.n / columns);
  const side = Math.min(56, (room - GAP * (columns - 1)) / columns);
  const { pen } = penOf(canvas, (rows * (side + GAP)) / room);
  const sheet = sheetOf(kernels);
  pen.imageSmoothingEnabled = false;
  pen.strokeStyle = ink;
  for (let n = 0; n < kernels.n; n++) {
    const [x, y] = [(n % columns) * (side + GAP), Math.floor(n / columns) * (side + GAP)];
    const { width, height } = kernels;
    pen.drawImage(sheet, 0, n * height, width, height, x, y, side, side);
    pen.globalAlpha = 0.25;
    pen.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
    pen.globalAlpha = 1;
  }
}

// All of them below each other, a pixel for each weight.
function sheetOf({ n, width, height, values }) {
  const sheet = new OffscreenCanvas(width, n * height);
  const plain = sheet.getContext("2d");
  const pixels = plain.createImageData(width, n * height);
  values.forEach((value, i) => {
    pixels.data.set(value < 0 ? TAKES : ADDS, 4 * i);
    pixels.data[4 * i + 3] = Math.min(255, 2 * Math.abs(value));
  });
  plain.putImageData(pixels, 0, 0);
  return sheet;
}

// The digits, a column for each class; a frame says whether each is read rightly.
export function wallOf({ wall, classes }) {
  const box = element("div", "wall");
  const rows = Math.ceil(wall.labels.length / 10);
  const cells = wall.labels.map((label, place) => {
    const cell = element("i");
    const ink = element("b", wall.coloured ? "coloured" : "");
    const [column, row] = [Math.floor(place / rows), place % rows];
    const at = `${(100 * column) / 9}% ${(100 * row) / Math.max(1, rows - 1)}%`;
    ink.style.setProperty("--src", `url(${wall.src})`);
    ink.style.setProperty("--at", at);
    ink.style.setProperty("--size", `1000% ${100 * rows}%`);
    cell.style.gridArea = `${row + 1} / ${column + 1}`;
    cell.append(ink, element("u"));
    cell.truth = label;
    return cell;
  });
  box.append(...cells);
  box.onpointerover = ({ target }) => {
    const cell = target.closest("i"); // told when it is pointed at: a state would change all of them
    if (cell) cell.title = `${classes[cell.truth]}, read as ${classes[cell.read]}, ${Math.round(100 * cell.sure)}% sure`;
  };
  box.setAttribute("role", "img");
  return { box, cells };
}

export function showWall({ box, cells }, state, { wall, classes }) {
  let right = 0;
  cells.forEach((cell, place) => {
    const [truth, read] = [wall.labels[place], state.predicted[place]];
    const good = truth === read;
    right += Number(good);
    cell.sure = state.confidence[place];
    if (cell.read === read) return;
    cell.read = read;
    cell.className = good ? "right" : "wrong";
    write(cell.lastChild, good ? "" : classes[read].slice(0, 3));
  });
  const said = `${right} of ${cells.length} are read rightly`;
  box.setAttribute("aria-label", said);
  write(box.parentElement.note, `${said}; the small sign says as what the others are read.`);
}

export function drawCloud(canvas, points, { cloud, colours, classes }, extent, { font, background }) {
  const { pen, width, height } = penOf(canvas, 0.72, `700 15px ${font}`);
  const [scale, size] = [Math.min(width, height) / 2 / (extent || 1), 2.6];
  const middles = classes.map(() => [0, 0, 0]);
  pen.globalAlpha = 0.75;
  for (let i = 0; i < cloud.length; i++) {
    const [x, y] = [width / 2 + points[2 * i] * scale, height / 2 - points[2 * i + 1] * scale];
    pen.fillStyle = colours[cloud[i]];
    pen.fillRect(x - size, y - size, 2 * size, 2 * size);
    const middle = middles[cloud[i]];
    middle[0] += x;
    middle[1] += y;
    middle[2] += 1;
  }
  pen.globalAlpha = 1;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 4;
  pen.strokeStyle = background;
  middles.forEach(([x, y, n], label) => {
    if (!n) return;
    pen.strokeText(classes[label], x / n, y / n);
    pen.fillStyle = colours[label];
    pen.fillText(classes[label], x / n, y / n);
  });
}

export function drawConfusion(canvas, state, classes, { ink, font }) {
  const { pen, width, height } = penOf(canvas, 0.72);
  const left = 26 + (classes[0].length > 1 ? 50 : 0);
  const n = classes.length;
  const [w, h] = [(width - left) / n, (height - 20) / n];
  pen.font = `${Math.min(12, h * 0.75)}px ${font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let row = 0; row < n; row++) {
    const sum = state.confusion.slice(n * row, n * row + n).reduce((a, b) => a + b, 0) || 1;
    for (let column = 0; column < n; column++) {
      const count = state.confusion[n * row + column];
      const [x, y] = [left + column * w, 20 + row * h];
      const fraction = count / sum;
      pen.globalAlpha = row === column ? 0.55 * fraction : 0.85 * Math.min(1, 3 * Math.sqrt(fraction));
      pen.fillStyle = row === column ? "#0e9384" : "#dd6b20"; // errors are few: their root makes one in a hundred visible
      pen.fillRect(x, y, w - 1, h - 1);
      pen.globalAlpha = 1;
      pen.fillStyle = ink;
      if (count && w > 18) pen.fillText(count, x + w / 2, y + h / 2);
    }
    pen.fillStyle = ink;
    pen.fillText(classes[row].slice(0, 10), left / 2, 20 + row * h + h / 2);
    pen.fillText(classes[row].slice(0, 4), left + row * w + w / 2, 9);
  }
}

export function confusionSaid({ confusion }, classes) {
  const wrong = confusion.reduce((sum, count, i) => sum + (i % (classes.length + 1) ? count : 0), 0);
  return `What is read as what: ${wrong} are wrong`;
}
