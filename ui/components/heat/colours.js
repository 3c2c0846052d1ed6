// Which ink decided, laid over the image of a `pixel_grid`: blue speaks for a class, orange against it.

// On light paper and on dark: blue and orange differ for everybody.
const SIGNS = { light: [[75, 80, 232], [214, 92, 14]], dark: [[128, 134, 255], [255, 150, 60]] }; // prettier-ignore
const PALEST = 0.5; // the power by which a small number keeps some colour

/**
 * grid: of messages.js's gridOf. map: a number for each cell, or null for no colours; framed: {top, bottom, left, right}, cells
 * to be framed, or null. size: cells of a side.
 */
export function colour(grid, map, framed, size) {
  const canvas = layerOf(grid, "heat", "canvas");
  grid.classList.toggle("warm", Boolean(map));
  if (canvas.width !== size) [canvas.width, canvas.height] = [size, size];
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, size, size);
  if (map) context.putImageData(imageOf(map, grid.values, isDark(grid), size), 0, 0);
  const mark = layerOf(grid, "mark", "div");
  mark.hidden = !framed;
  if (!framed) return;
  const percent = (n) => `${(100 * n) / size}%`;
  const { top, bottom, left, right } = framed;
  const place = { top: percent(top), height: percent(bottom - top), left: percent(left), width: percent(right - left) };
  Object.assign(mark.style, place);
}

function imageOf(map, values, dark, size) {
  const image = new ImageData(size, size);
  const [above, below] = SIGNS[dark ? "dark" : "light"];
  const most = map.reduce((large, n) => Math.max(large, Math.abs(n)), 0) || 1;
  map.forEach((n, i) => {
    const strength = values[i] * (Math.abs(n) / most) ** PALEST;
    image.data.set([...(n > 0 ? above : below), 255 * strength], 4 * i);
  });
  return image;
}

function layerOf(grid, name, tag) {
  const there = grid.querySelector(`.${name}`);
  if (there) return there;
  const made = Object.assign(document.createElement(tag), { className: name });
  grid.insertBefore(made, grid.querySelector(name === "heat" ? ".lines" : ".cursor"));
  return made;
}

const isDark = (grid) => Number(getComputedStyle(grid.querySelector(".ink")).color.match(/[\d.]+/g)[0]) > 127; // light text
