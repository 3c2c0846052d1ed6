// The map on its two canvases: the images as dots, and near by as thumbnails; above them the names and the star.

import { drawStar } from "./live_star.js";
import { SHEET_COLUMNS, sheetOf } from "./thumbnails.js";

const SMALLEST = 11; // pixels of a thumbnail; below that it is a dot
const LARGEST = 64;
const MANY_WRONG = 0.03; // of all read wrongly: their rings would hide the rest

// How large a thumbnail is: about as much room as each image has.
export function thumbnailSide(map, view) {
  const { left, right, low, high } = map.size;
  const room = 0.8 * Math.sqrt(((right - left) * (high - low)) / map.count);
  const side = room * view.scale;
  return side < SMALLEST ? 0 : Math.min(LARGEST, side);
}

// Is this image shown at all? only: "" or a class or "wrong".
export const isShown = (map, only, i) =>
  only === "" || (only === "wrong" ? map.labels[i] !== map.predicted[i] : map.labels[i] === Number(only));

// Which of them lie on the screen, by class: [[number, ...] of each class].
function visible(map, view, only) {
  const found = Array.from({ length: 10 }, () => []);
  const [left, top] = view.toMap(-LARGEST, -LARGEST);
  const [right, bottom] = view.toMap(view.width + LARGEST, view.height + LARGEST);
  for (let i = 0; i < map.count; i++) {
    const [x, y] = [map.points[2 * i], map.points[2 * i + 1]];
    if (x > left && x < right && y < top && y > bottom && isShown(map, only, i)) found[map.labels[i]].push(i);
  }
  return found;
}

// told: what Python said; onCome: a sheet of thumbnails has come.
export function paintImages(pen, map, view, told, only, onCome) {
  pen.clearRect(0, 0, view.width, view.height);
  const groups = visible(map, view, only);
  const side = thumbnailSide(map, view);
  groups.forEach((numbers, label) => {
    const tint = told.inColour ? "" : told.colours[label];
    const sheet = side && numbers.length ? sheetOf(told.data, label, tint, onCome) : null;
    if (sheet) thumbnails(pen, map, view, numbers, sheet, side, told.side);
    else dots(pen, map, view, numbers, told.colours[label], side);
  });
  rings(pen, map, view, groups, side);
}

function dots(pen, map, view, numbers, colour, side) {
  pen.fillStyle = colour;
  pen.globalAlpha = 0.75;
  const size = Math.max(2.5, Math.min(6, 2.2 * Math.sqrt(view.zoom), side || 6));
  const [shiftX, shiftY] = view.toScreen(0, 0);
  for (const i of numbers) {
    pen.fillRect(shiftX + map.points[2 * i] * view.scale - size / 2, shiftY - map.points[2 * i + 1] * view.scale - size / 2, size, size);
  }
  pen.globalAlpha = 1;
}

function thumbnails(pen, map, view, numbers, sheet, side, cell) {
  for (const i of numbers) {
    const [x, y] = view.toScreen(map.points[2 * i], map.points[2 * i + 1]);
    const [column, row] = [map.ranks[i] % SHEET_COLUMNS, Math.floor(map.ranks[i] / SHEET_COLUMNS)];
    pen.drawImage(sheet, column * cell, row * cell, cell, cell, x - side / 2, y - side / 2, side, side);
  }
}

function rings(pen, map, view, groups, side) {
  const wrong = groups.flatMap((numbers, label) => numbers.filter((i) => map.predicted[i] !== label));
  const many = map.wrong > MANY_WRONG * map.count;
  pen.strokeStyle = view.ring;
  pen.lineWidth = many && !side ? 0.7 : 1.75;
  pen.globalAlpha = many ? 0.55 : 1;
  pen.beginPath();
  const radius = side ? 0.62 * side : many ? 3 : 5;
  for (const i of wrong) {
    const [x, y] = view.toScreen(map.points[2 * i], map.points[2 * i + 1]);
    pen.moveTo(x + radius, y);
    pen.arc(x, y, radius, 0, 2 * Math.PI);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

// The names of the islands, the lines to the nearest, and the star: at and near as placement.js gives them.
export function paintAbove(pen, map, view, told, { at, near }, only) {
  pen.clearRect(0, 0, view.width, view.height);
  names(pen, map, view, told, only);
  if (!at) return;
  const [x, y] = view.toScreen(...at);
  pen.strokeStyle = view.ink;
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1.25;
  pen.beginPath();
  for (const { number } of near) {
    pen.moveTo(x, y);
    pen.lineTo(...view.toScreen(map.points[2 * number], map.points[2 * number + 1]));
  }
  pen.stroke();
  pen.globalAlpha = 1;
  drawStar(pen, x, y, 14);
}

function names(pen, map, view, told, only) {
  pen.globalAlpha = Math.max(0, Math.min(1, 2.2 - view.zoom / 4));
  if (!pen.globalAlpha) return;
  pen.font = `700 ${told.inColour ? 15 : 28}px ${view.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = told.inColour ? 4 : 6;
  for (const { label, x, y } of map.islands) {
    if (only !== "" && only !== "wrong" && Number(only) !== label) continue;
    const place = view.toScreen(x, y);
    pen.strokeStyle = view.paper;
    pen.strokeText(told.classes[label], ...place);
    pen.fillStyle = view.ink;
    pen.fillText(told.classes[label], ...place);
  }
  pen.globalAlpha = 1;
}
