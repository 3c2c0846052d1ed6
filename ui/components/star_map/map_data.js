// The map of a network's test images, as core/analysis/map_export.py packs it, and their thumbnails, as ui/map_routes.py
// serves them: both are fetched from this server once, and kept by the browser.

const maps = new Map(); // promises, by address
const sheets = new Map(); // by address; of ink in a colour, too

// address: data/fingerprint/name. Resolves to {map, count, width, perplexity, neighbours, points, vectors, middle, components,
// labels, predicted, ranks, size}: float32 [n, 2] ..., ranks: of each image among those of its class.
export function mapOf(address) {
  if (!maps.has(address)) {
    const found = fetchMap(new URL(`digit-lab/map/${address}`, document.baseURI));
    found.catch(() => maps.delete(address)); // another time
    maps.set(address, found);
  }
  return maps.get(address);
}

async function fetchMap(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the map is not there (${answer.status})`);
  return unpackMap(await answer.arrayBuffer());
}

export function unpackMap(data) {
  const [length] = new Uint32Array(data, 0, 1);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const { count, width, arrays } = header;
  const at = (name) => 4 + length + arrays[name];
  const points = new Float32Array(data, at("points"), 2 * count);
  const labels = new Uint8Array(data, at("labels"), count);
  const seen = new Array(10).fill(0);
  return {
    ...header,
    points,
    labels,
    predicted: new Uint8Array(data, at("predicted"), count),
    vectors: singles(new Uint16Array(data, at("vectors"), count * width)),
    middle: new Float32Array(data, at("middle"), width),
    components: new Float32Array(data, at("components"), 2 * width),
    ranks: Uint16Array.from(labels, (label) => seen[label]++),
    size: extent(points),
  };
}

// float16, as its bits -> float32: 1 bit for the sign, 5 for the exponent, 10 for the rest.
function singles(bits) {
  const found = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const exponent = (bits[i] >> 10) & 31;
    const rest = bits[i] & 1023;
    const size = exponent ? (1 + rest / 1024) * 2 ** (exponent - 15) : rest * 2 ** -24;
    found[i] = bits[i] & 32768 ? -size : size;
  }
  return found;
}

function extent(points) {
  const box = { left: Infinity, right: -Infinity, low: Infinity, high: -Infinity };
  for (let i = 0; i < points.length; i += 2) {
    box.left = Math.min(box.left, points[i]);
    box.right = Math.max(box.right, points[i]);
    box.low = Math.min(box.low, points[i + 1]);
    box.high = Math.max(box.high, points[i + 1]);
  }
  return box;
}

// ---- Where the name of each class stands: where most of it lies

const CELLS = 40;

// Returns [{label, x, y}], and of a class in two places both.
export function islands({ points, labels, size }) {
  const side = Math.max(size.right - size.left, size.high - size.low) / CELLS || 1;
  const column = (x) => Math.min(CELLS - 1, Math.floor((x - size.left) / side));
  const row = (y) => Math.min(CELLS - 1, Math.floor((y - size.low) / side));
  const counts = Array.from({ length: 10 }, () => new Float32Array(CELLS * CELLS));
  labels.forEach((label, i) => counts[label][row(points[2 * i + 1]) * CELLS + column(points[2 * i])]++);
  return counts.flatMap((one, label) => peaks(smooth(smooth(one))).map(([x, y]) => ({ label, x, y }))).map((found) => ({
    label: found.label,
    x: size.left + (found.x + 0.5) * side,
    y: size.low + (found.y + 0.5) * side,
  }));
}

function smooth(cells) {
  const found = new Float32Array(cells.length);
  for (let y = 0; y < CELLS; y++) {
    for (let x = 0; x < CELLS; x++) {
      let sum = 0;
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          const [i, j] = [x + dx, y + dy];
          if (i >= 0 && i < CELLS && j >= 0 && j < CELLS) sum += cells[j * CELLS + i];
        }
      }
      found[y * CELLS + x] = sum;
    }
  }
  return found;
}

// The highest cell, and a second far from it that is nearly as high.
function peaks(cells) {
  const highest = cells.indexOf(Math.max(...cells));
  const [x, y] = [highest % CELLS, Math.floor(highest / CELLS)];
  let second = -1;
  cells.forEach((n, i) => {
    const far = Math.hypot((i % CELLS) - x, Math.floor(i / CELLS) - y) > CELLS / 3;
    if (far && n > 0.7 * cells[highest] && n > (cells[second] ?? 0)) second = i;
  });
  return [[x, y], ...(second < 0 ? [] : [[second % CELLS, Math.floor(second / CELLS)]])];
}

// ---- Thumbnails

export const SHEET_COLUMNS = 32;

// The sheet of a class as something to draw from, its ink in this colour ("" where it has its own); null while it is on
// its way: then `onCome` is called once it is here.
export function sheetOf(data, label, colour, onCome) {
  const key = `${data}/${label}/${colour}`;
  if (!sheets.has(key)) {
    sheets.set(key, null);
    const image = new Image();
    image.onload = () => {
      sheets.set(key, colour ? tinted(image, colour) : image);
      onCome();
    };
    image.onerror = () => sheets.delete(key);
    image.src = new URL(`digit-lab/thumbnails/${data}/${label}`, document.baseURI).href;
  }
  return sheets.get(key);
}

function tinted(image, colour) {
  const made = document.createElement("canvas");
  [made.width, made.height] = [image.width, image.height];
  const pen = made.getContext("2d");
  pen.drawImage(image, 0, 0);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = colour;
  pen.fillRect(0, 0, made.width, made.height);
  return made;
}
