// What the map of a class shows: MNIST's test digits as small points, the class's drawings above them.

export const FEW = 160; // drawings, up to which each is shown as it was drawn
const SIDE = [18, 42]; // pixels of one, at least and at most
const FALSE = "#dd6b20";

/** Where things lie. size: of the map, {left, right, low, high}; box: of the canvas, in pixels of the page. */
export function frameOf({ left, right, low, high }, { width, height }, dark) {
  const side = Math.max(SIDE[0], Math.min(SIDE[1], Math.min(width, height) / 18));
  const room = side; // at each edge
  const scale = Math.min((width - 2 * room) / (right - left || 1), (height - 2 * room) / (high - low || 1));
  const toScreen = ([x, y]) => [width / 2 + (x - (left + right) / 2) * scale, height / 2 - (y - (low + high) / 2) * scale];
  return { width, height, dark, side, sharp: Math.min(2, devicePixelRatio), toScreen };
}

/** The test digits, once for each size. */
export function paintDigits(map, view, colours) {
  const made = document.createElement("canvas");
  [made.width, made.height] = [view.width * view.sharp, view.height * view.sharp];
  const pen = /** @type {CanvasRenderingContext2D} */ (made.getContext("2d"));
  pen.setTransform(view.sharp, 0, 0, view.sharp, 0, 0);
  pen.globalAlpha = view.dark ? 0.5 : 0.4;
  for (let i = 0; i < map.count; i++) {
    const [x, y] = view.toScreen([map.points[2 * i], map.points[2 * i + 1]]);
    pen.fillStyle = colours[map.labels[i]];
    pen.fillRect(x - 1, y - 1, 2, 2);
  }
  return made;
}

/** The digit of each island, below the drawings while they are few. */
export function paintNames(pen, names, view) {
  Object.assign(pen, { font: `700 ${view.side}px "Source Sans", sans-serif`, textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 7 });
  for (const { label, x, y } of names) {
    const at = view.toScreen([x, y]);
    pen.strokeStyle = view.dark ? "#11131c" : "#fff";
    pen.strokeText(`${label}`, at[0], at[1]);
    pen.fillStyle = view.dark ? "#f1f2f6" : "#262833";
    pen.fillText(`${label}`, at[0], at[1]);
  }
}

/** shown: [{one: [id, label, read, right], image: a canvas, at: [left, top]}], the latest last. Misread ones lie on top. */
export function paintDrawings(pen, shown, view, colours) {
  const isFalse = ({ one }) => one[3] === false;
  const inOrder = [...shown.filter((each) => !isFalse(each)), ...shown.filter(isFalse)];
  for (const each of inOrder) {
    const colour = each.one[1] < 0 ? "#888" : colours[each.one[1]];
    (shown.length <= FEW ? card : disc)(pen, each, colour, isFalse(each), view);
  }
}

function card(pen, { image, at: [x, y] }, colour, wrong, { dark, side }) {
  const half = side / 2;
  pen.beginPath();
  pen.roundRect(x - half, y - half, side, side, 6);
  pen.fillStyle = dark ? "#1a1d29" : "#fff";
  pen.fill();
  pen.filter = dark ? "invert(1)" : "none";
  pen.drawImage(image, x - half + 2, y - half + 2, side - 4, side - 4);
  pen.filter = "none";
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.stroke();
  if (wrong) ring(pen, x, y, 1.4 * half);
}

function disc(pen, { at: [x, y] }, colour, wrong, { dark, side }) {
  const radius = side / 5;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = dark ? "#11131c" : "#fff";
  pen.lineWidth = 2;
  pen.stroke();
  if (wrong) ring(pen, x, y, radius + 4);
}

function ring(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.strokeStyle = FALSE;
  pen.lineWidth = 3.5;
  pen.stroke();
}
