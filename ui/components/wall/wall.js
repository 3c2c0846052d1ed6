// The drawings of a class as they arrive, the latest first; one that is tapped is picked.
// data: {order: [[id, label or -1, read or null, right?], ...], images: {id: 784 bytes as base64}, hidden: are none to be shown?}
// Says: picked, a drawing's id; missing, ids whose images have not come.

const images = new Map(); // id -> a canvas, of this page

const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

function canvasOf(values) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(28, 28);
  values.forEach((value, n) => image.data.set([0, 0, 0, value], 4 * n)); // on dark paper the style inverts it
  context.putImageData(image, 0, 0);
  return canvas;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".dl-wall-grid");
  const dark = getComputedStyle(document.querySelector(".stApp") ?? document.body).colorScheme === "dark";
  for (const [id, text] of Object.entries(data.images)) images.set(Number(id), canvasOf(bytesOf(text)));
  grid.classList.toggle("dark", dark);
  grid.classList.toggle("hides", data.hidden);
  const there = new Map([...grid.children].map((cell) => [Number(cell.dataset.id), cell]));
  const missing = [];
  const cells = data.order.map(([id, label, read, right]) => {
    const cell = there.get(id) ?? document.createElement("button");
    const image = images.get(id);
    if (!image && !data.hidden) missing.push(id);
    cell.type = "button";
    cell.dataset.id = `${id}`;
    cell.className = right === null ? "" : right ? "right" : "wrong";
    const what = label < 0 ? "A free drawing" : `A ${label}`;
    cell.setAttribute("aria-label", data.hidden ? "A drawing" : `${what}, ${read === null ? "not read" : `read as ${read}`}`);
    cell.onclick = () => setTriggerValue("picked", id);
    if (!cell.querySelector("b")) cell.append(document.createElement("b"));
    /** @type {HTMLElement} */ (cell.querySelector("b")).textContent = data.hidden ? "" : read === null ? "?" : `${read}`;
    if (image && !cell.querySelector("canvas")) cell.prepend(image);
    return cell;
  });
  // One that is there stays where it is, or it would arrive anew.
  const kept = new Set(cells);
  [...grid.children].forEach((cell) => kept.has(cell) || cell.remove());
  cells.forEach((cell, n) => grid.children[n] === cell || grid.insertBefore(cell, grid.children[n] ?? null));
  if (missing.length) setTriggerValue("missing", missing.slice(0, 200));
}
