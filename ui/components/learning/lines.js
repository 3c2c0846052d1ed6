// What the network said of one drawing, as it learnt: a line for each class.

import { percent } from "../live/confidence.js";
import { penOf, write } from "./elements.js";

const LEFT = 34; // pixels around the lines
const RIGHT = 26;
const TOP = 8;
const BOTTOM = 22;

// The lines of the measurements on the way, and of the state that is shown the probabilities themselves.
export function drawLines(canvas, data, state, { ink, font }) {
  const { pen, width, height } = penOf(canvas, 0.5);
  const series = seriesOf(data);
  const last = series.images.at(-1) ?? 0;
  const end = Math.max(1, data.winds ? data.total : last, last);
  const x = (images) => LEFT + ((width - LEFT - RIGHT) * images) / end;
  const y = (p) => TOP + (height - TOP - BOTTOM) * (1 - p);
  pen.font = `12px ${font}`;
  pen.textBaseline = "middle";
  grid(pen, { x, y, width, ink, end });
  for (let label = 0; label < data.classes.length; label++) {
    pen.strokeStyle = pen.fillStyle = data.colours[label];
    pen.lineWidth = 2;
    pen.beginPath();
    series.p.forEach((row, i) => pen[i ? "lineTo" : "moveTo"](x(series.images[i]), y(row[label])));
    pen.stroke();
  }
  const said = saidOf(data, state);
  if (!said) return;
  if (data.winds) cursor(pen, x(state.images), height, ink);
  const [[p, label]] = ranked(said);
  pen.font = `700 13px ${font}`;
  pen.textAlign = "left";
  pen.fillStyle = data.colours[label];
  pen.fillText(data.classes[label], width - RIGHT + 6, y(p));
}

// The same in a sentence below.
export function linesSaid(figure, data, state) {
  const said = saidOf(data, state);
  if (!said) {
    write(figure.note, "It is read at the next point of the curves.");
    return;
  }
  const name = ([p, label]) => `${data.classes[label]}, ${percent(p)}`;
  const then = data.winds ? "Then it was read as" : "Now it is read as";
  const [first, second] = ranked(said).map(name);
  write(figure.note, `${then} ${first}; next comes ${second}.`);
  if (figure.shows === data.drawing) return;
  figure.shows = data.drawing;
  figure.querySelector("figcaption").style.setProperty("--drawing", `url(${data.drawing})`);
  figure.classList.add("of-drawing");
}

const saidOf = (data, state) => (data.winds && state.said) || seriesOf(data).p.at(-1);
const ranked = (said) => said.map((p, label) => [p, label]).sort((a, b) => b[0] - a[0]);

// After the training each state has read the drawing of now; on the way the measurements have.
function seriesOf({ winds, states, lines }) {
  const read = winds ? states.filter((state) => state.said) : [];
  return read.length ? { images: read.map((state) => state.images), p: read.map((state) => state.said) } : lines;
}

function grid(pen, { x, y, width, ink, end }) {
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  for (const p of [0, 0.5, 1]) {
    pen.globalAlpha = 0.15;
    pen.beginPath();
    pen.moveTo(LEFT, y(p));
    pen.lineTo(width - RIGHT, y(p));
    pen.stroke();
    pen.globalAlpha = 0.8;
    pen.fillText(`${100 * p}%`, LEFT - 4, y(p));
  }
  pen.fillText(`${end.toLocaleString("en")} images`, x(end), y(0) + 13);
  pen.globalAlpha = 1;
}

function cursor(pen, at, height, ink) {
  pen.strokeStyle = ink;
  pen.globalAlpha = 0.6;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(at, TOP);
  pen.lineTo(at, height - BOTTOM);
  pen.stroke();
  pen.globalAlpha = 1;
}
