// The map of a network's test images, as core/analysis/map_export.py packs it and ui/map_routes.py serves it: it is fetched
// once, and kept by the browser.

const maps = new Map(); // promises, by address

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

function unpackMap(data) {
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
