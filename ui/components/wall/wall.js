// The drawings of a class as they arrive, the latest first; one that is tapped is picked.
// data: {order: [[id, label or -1, read or null, right?], ...], images: {id: 784 bytes as base64}, hidden: are none to be shown?}
// Says: picked, a drawing's id; missing, ids whose images have not come.

import { arrange, bytesOf, canvasOf, fill, isDark, keep } from "./drawings.js";

const images = new Map(); // id -> a canvas, of those shown: one takes 140 kB of the browser's memory

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".dl-wall-grid");
  for (const [id, text] of Object.entries(data.images)) images.set(Number(id), canvasOf(bytesOf(text)));
  grid.classList.toggle("dark", isDark());
  grid.classList.toggle("hides", data.hidden);
  // One for all cells: those of each cell would hold the cells of the call before, and these those before them.
  grid.onclick = ({ target }) => {
    const cell = target.closest("button");
    if (cell) setTriggerValue("picked", Number(cell.dataset.id));
  };
  arrange(grid, cellsOf(grid, data));
  keep(images, data.order);
  const missing = data.hidden ? [] : data.order.map(([id]) => id).filter((id) => !images.has(id));
  if (missing.length) setTriggerValue("missing", missing.slice(0, 200));
}

function cellsOf(grid, { order, hidden }) {
  const there = new Map([...grid.children].map((cell) => [Number(cell.dataset.id), cell]));
  return order.map((one) => {
    const cell = there.get(one[0]) ?? document.createElement("button");
    cell.type = "button";
    fill(cell, one, images.get(one[0]), hidden);
    return cell;
  });
}
