// Images of all maps of a layer: colouring them, cutting maps out, and where each map lies.
// A sprite is a grey PNG: 0 is not a number, 1..255 the layer's scale; with negative numbers 128 is 0.

import { colours } from "./colours.js";

export const LARGE = 196; // side of the large images

function load(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });
}

// A sprite with its colours, in a canvas from which maps are cut.
export async function colour(sprite, dark) {
  const image = await load(sprite.sprite);
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [image.width, image.height];
  const context = sheet.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, sheet.width, sheet.height);
  if (sprite.colour) return sheet; // an image that has its own
  const lut = colours(sprite.signed, dark);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const [r, g, b] = lut[pixels.data[i]];
    pixels.data[i] = r;
    pixels.data[i + 1] = g;
    pixels.data[i + 2] = b;
    pixels.data[i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return sheet;
}

export function cut(context, sheet, sprite, number, x, y, width, height) {
  const [row, column] = [Math.floor(number / sprite.columns), number % sprite.columns];
  context.imageSmoothingEnabled = false;
  context.drawImage(
    sheet, column * sprite.width, row * sprite.height, sprite.width, sprite.height, x, y, width, height,
  );
}

export function prepare(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// How the maps of a sprite lie in a room of that width: to scale, or as cells where each is one number.
// below: the height of what stands under each map.
export function arrange(sprite, room, labels, below = 0) {
  const pixel = room >= 640 ? 3 : 1.93; // so that a phone has room for six images of 28
  let [width, height, gap] = [sprite.width * pixel, sprite.height * pixel, pixel].map(Math.round);
  if (sprite.cell) {
    const fit = Math.max(2, Math.floor(sprite.cell / Math.max(sprite.width, sprite.height)));
    [width, height, gap] = [sprite.width * fit, sprite.height * fit, 4];
  } else if (sprite.width === 1 && sprite.height === 1) {
    // With a name under each they stand in one row, however narrow the room.
    const most = labels ? Math.max(12, Math.min(26, Math.floor((room + 2) / sprite.count) - 2)) : 0;
    [width, height, gap] = labels ? [most, most, 2] : sprite.count > 300 ? [6, 12, 1] : [12, 24, 1];
  }
  const columns = Math.max(1, Math.min(sprite.count, Math.floor((room + gap) / (width + gap))));
  const across = width + gap;
  const down = height + gap + (below && below + 3 * gap);
  return { width, height, gap, columns, across, down, rows: Math.ceil(sprite.count / columns) };
}

export function paint(canvas, sheet, sprite, place) {
  const { width, height, gap, columns, rows, across, down } = place;
  const context = prepare(canvas, columns * across - gap, rows * down - gap);
  for (let n = 0; n < sprite.count; n++) {
    cut(context, sheet, sprite, n, (n % columns) * across, Math.floor(n / columns) * down, width, height);
  }
  return context;
}

// Lay an outline over one map of a layer.
export function put(row, cursor, map) {
  cursor.hidden = map === null || map === undefined || !row.place;
  if (cursor.hidden) return;
  const { width, height, across, down, columns } = row.place;
  Object.assign(cursor.style, {
    left: `${(map % columns) * across}px`,
    top: `${Math.floor(map / columns) * down}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
}
