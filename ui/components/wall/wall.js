// The drawings of a class as they arrive, the latest first; one that is tapped is picked.
// data: {order: [[id, label or -1, read or null, right?], ...], images: {id: 784 bytes as base64}, hidden: are none to be shown?}
// Says: picked, a drawing's id; missing, ids whose images have not come.

import { arrange, bytesOf, canvasOf, fill, isDark } from "./drawings.js";

const images = new Map(); // id -> a canvas, of this page

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".dl-wall-grid");
  for (const [id, text] of Object.entries(data.images)) images.set(Number(id), canvasOf(bytesOf(text)));
  grid.classList.toggle("dark", isDark());
  grid.classList.toggle("hides", data.hidden);
  const there = new Map([...grid.children].map((cell) => [Number(cell.dataset.id), cell]));
  const missing = [];
  const cells = data.order.map((one) => {
    const [id] = one;
    const cell = there.get(id) ?? document.createElement("button");
    const image = images.get(id);
    if (!image && !data.hidden) missing.push(id);
    cell.type = "button";
    cell.onclick = () => setTriggerValue("picked", id);
    fill(cell, one, image, data.hidden);
    return cell;
  });
  arrange(grid, cells);
  if (missing.length) setTriggerValue("missing", missing.slice(0, 200));
}
