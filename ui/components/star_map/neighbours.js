// Images of single test images, beside the map: the nearest ones, and the one that the mouse is over.

import { SHEET_COLUMNS, sheetOf } from "./thumbnails.js";

// "test digit 4711, a 7, read as a 9"
export function words(map, told, i) {
  const name = (label) => `${told.article}${told.classes[label]}`;
  const read = map.predicted[i] === map.labels[i] ? "" : `, read as ${name(map.predicted[i])}`;
  return `test ${told.noun} ${i}, ${name(map.labels[i])}${read}`;
}

// Into a <canvas>, in the ink's colour, as soon as its sheet is here.
export function drawThumbnail(canvas, map, told, i, ink) {
  canvas.dataset.number = i;
  const [label, rank] = [map.labels[i], map.ranks[i]];
  const paint = () => {
    if (canvas.dataset.number !== String(i)) return;
    const sheet = sheetOf(told.data, label, told.inColour ? "" : ink, paint);
    const pen = canvas.getContext("2d");
    canvas.width = canvas.height = told.side; // and cleared
    if (!sheet) return;
    const [x, y] = [(rank % SHEET_COLUMNS) * told.side, Math.floor(rank / SHEET_COLUMNS) * told.side];
    pen.drawImage(sheet, x, y, told.side, told.side, 0, 0, told.side, told.side);
  };
  paint();
}

// near: [{number, square}], at most as many as there are buttons. onPick(number).
export function showNeighbours(row, map, told, near, ink, onPick) {
  const buttons = row.querySelectorAll("button");
  buttons.forEach((button, place) => {
    const found = near[place];
    button.hidden = !found;
    if (!found) return;
    const said = `${words(map, told, found.number)}, at a distance of ${Math.sqrt(found.square).toPrecision(3)}`;
    button.onclick = () => onPick(found.number);
    if (button.title === said) return;
    button.title = said;
    button.setAttribute("aria-label", said);
    drawThumbnail(button.querySelector("canvas"), map, told, found.number, ink);
    button.querySelector("span").textContent = told.classes[map.labels[found.number]];
  });
}
