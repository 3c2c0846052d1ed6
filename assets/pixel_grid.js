// A picture of numbers: each cell's value is read by mouse, finger or arrow keys.
// data: {thousandths: rows of whole numbers 0..1000, 0 = paper, label: string, whole: what 1 stands for in whole numbers, or null}; a third as long as decimals

const picture = (values) => {
  const canvas = document.createElement("canvas");
  canvas.width = values[0].length;
  canvas.height = values.length;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  // Ink is opacity: the mask lets the theme's text colour through, so it follows light and dark.
  values.flat().forEach((value, i) => (image.data[4 * i + 3] = Math.round(255 * value)));
  context.putImageData(image, 0, 0);
  return `url(${canvas.toDataURL()})`;
};

export default function ({ parentElement, data }) {
  const { label, whole } = data;
  const values = data.thousandths.map((row) => row.map((n) => n / 1000));
  const [rows, columns] = [values.length, values[0].length];
  const grid = parentElement.querySelector(".grid");
  const ink = parentElement.querySelector(".ink");
  const cursor = parentElement.querySelector(".cursor");
  const readout = parentElement.querySelector(".readout");
  const hint = "Point at a pixel to read its value.";

  const url = picture(values);
  ink.style.maskImage = url;
  ink.style.webkitMaskImage = url;
  grid.setAttribute("aria-label", label);
  grid.style.setProperty("--columns", columns);
  grid.style.setProperty("--rows", rows);

  const show = () => {
    const at = grid.cell;
    cursor.hidden = !at;
    if (!at) {
      readout.textContent = hint;
      return;
    }
    const [row, column] = at;
    cursor.style.left = `${(100 * column) / columns}%`;
    cursor.style.top = `${(100 * row) / rows}%`;
    const value = values[row][column];
    const counted = whole ? `${Math.round(whole * value)} of ${whole}, ` : "";
    readout.textContent = `Row ${row + 1}, column ${column + 1}: ${counted}${value.toFixed(3)}`;
  };

  const clamp = (n, count) => Math.max(0, Math.min(count - 1, n));
  const point = (event) => {
    const box = grid.getBoundingClientRect();
    grid.cell = [
      clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), rows),
      clamp(Math.floor(((event.clientX - box.left) / box.width) * columns), columns),
    ];
    show();
  };

  grid.onpointermove = point;
  grid.onpointerdown = point;
  grid.onpointerleave = (event) => {
    if (event.pointerType !== "mouse") return;
    grid.cell = null;
    show();
  };
  grid.onblur = () => {
    grid.cell = null;
    show();
  };
  grid.onkeydown = (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const [row, column] = grid.cell ?? [rows >> 1, columns >> 1];
    grid.cell = [clamp(row + move[0], rows), clamp(column + move[1], columns)];
    show();
  };
  show();
}
