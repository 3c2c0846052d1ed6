// A class's drawings in the browser: bytes -> canvases, each in a frame that says how it was read.

/** @returns {Uint8Array} of 784, 0 = paper, 255 = ink */
export const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** 784 bytes -> a canvas of 28 x 28, its ink black on nothing: on dark paper a style inverts it. */
export function canvasOf(values) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(28, 28);
  values.forEach((value, n) => image.data.set([0, 0, 0, value], 4 * n));
  context.putImageData(image, 0, 0);
  return canvas;
}

/** "A 4, read as 9" */
export const wordsOf = (label, read) => `${label < 0 ? "A free drawing" : `A ${label}`}, ${read === null ? "not read" : `read as ${read}`}`;

export const isDark = () => getComputedStyle(document.querySelector(".stApp") ?? document.body).colorScheme === "dark";

/** Put what is known of a drawing into its cell. @param {HTMLElement} cell */
export function fill(cell, [id, label, read, right], image, hidden) {
  cell.dataset.id = `${id}`;
  cell.className = right === null ? "" : right ? "right" : "wrong";
  cell.setAttribute("aria-label", hidden ? "A drawing" : wordsOf(label, read));
  if (!cell.querySelector("b")) cell.append(document.createElement("b"));
  /** @type {HTMLElement} */ (cell.querySelector("b")).textContent = hidden ? "" : read === null ? "?" : `${read}`;
  if (image && !cell.querySelector("canvas")) cell.prepend(image);
}

/** Forget what is not in this order any more. images: a map by ids. order: [[id, ...], ...] */
export function keep(images, order) {
  const kept = new Set(order.map(([id]) => id));
  [...images.keys()].forEach((id) => kept.has(id) || images.delete(id));
}

/** Have a grid show these cells in their order; one that is there stays where it is, or it would arrive anew. */
export function arrange(grid, cells) {
  const kept = new Set(cells);
  [...grid.children].forEach((cell) => kept.has(cell) || cell.remove());
  cells.forEach((cell, n) => grid.children[n] === cell || grid.insertBefore(cell, grid.children[n] ?? null));
}
