// The names on the map.

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
