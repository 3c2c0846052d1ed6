// Ink on the layer over the canvas (canvas.html): that of a stroke in progress, and what an eraser leaves.

const ROUND = { lineCap: /** @type {const} */ ("round"), lineJoin: /** @type {const} */ ("round") };

/** Paint a stroke's points from one of them on: a curve through the middles, as the canvas will. stroke: see pen.js. */
export function paintStroke(layer, { points, brush }, from, ink) {
  const context = layer.getContext("2d");
  Object.assign(context, { strokeStyle: ink, lineWidth: brush, ...ROUND });
  for (let i = from; i < points.length; i++) segment(context, points, i);
}

// To the point of that number: a curve through the middles, and its rest.
function segment(context, points, i) {
  const [before, from, to] = [points[Math.max(i - 2, 0)], points[Math.max(i - 1, 0)], points[i]];
  context.beginPath();
  context.moveTo((before.x + from.x) / 2, (before.y + from.y) / 2);
  context.quadraticCurveTo(from.x, from.y, (from.x + to.x) / 2, (from.y + to.y) / 2);
  context.lineTo(to.x, to.y);
  context.stroke();
}

export const wipe = (layer) => layer?.getContext("2d").clearRect(0, 0, layer.width, layer.height);

/** Paint strokes as they are: Float64Array of x, y, x, y, ... each, and their widths. */
export function paintLines(layer, { strokes, brushes }, ink) {
  wipe(layer);
  const context = layer.getContext("2d");
  strokes.forEach((stroke, n) => {
    Object.assign(context, { strokeStyle: ink, lineWidth: brushes[n], ...ROUND });
    context.beginPath();
    context.moveTo(stroke[0], stroke[1]);
    for (let i = 0; i < stroke.length; i += 2) context.lineTo(stroke[i], stroke[i + 1]);
    context.stroke();
  });
}
