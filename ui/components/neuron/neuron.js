// A neuron that learns before one's eyes. data: see learning.js.

import { colours, isDark } from "../feature_maps/colours.js";
import { percent } from "../live/confidence.js";
import { accuracyOf, INPUTS, learnFrom, lossOf, newNeuron, sigmoidOf, sumOf, unpackImages } from "./learning.js";

const PER_FRAME = 2; // images: 120 a second
const MEAN_OF = 20;
const CURVE = 600; // points that are shown
const CEILING = 2; // nats: the highest that the curve shows

const fixed = (n, digits) => n.toFixed(digits).replace(/^-(?=.*[1-9])/, "\u2212").replace("-", ""); // 0 has no sign

function paintSquare(canvas, values, signed) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(28, 28);
  const lut = colours(signed, isDark(canvas));
  const largest = signed ? Math.max(...values.map(Math.abs), 1e-9) : 1;
  for (let i = 0; i < INPUTS; i++) {
    const code = signed ? 128 + Math.round((127 * values[i]) / largest) : 1 + Math.round(254 * values[i]);
    image.data.set([...(lut[code] ?? lut[0]), 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

function drawCurve(canvas, losses) {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const colour = getComputedStyle(canvas).color;
  const y = (loss) => height - 4 - ((height - 8) * Math.min(loss, CEILING)) / CEILING;
  context.strokeStyle = context.fillStyle = colour;
  context.font = "12px sans-serif";
  context.globalAlpha = 0.35;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(30, y(Math.LN2));
  context.lineTo(width, y(Math.LN2));
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 0.85;
  context.fillText("2", 8, y(CEILING) + 10);
  context.fillText("0.69", 0, y(Math.LN2) + 4);
  context.fillText("0", 8, y(0));
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.strokeStyle = "#5b60f0";
  context.beginPath();
  const step = (width - 34) / CURVE;
  losses.slice(-CURVE).forEach((loss, i) => context[i ? "lineTo" : "moveTo"](34 + i * step, y(loss)));
  context.stroke();
}

function begin() {
  return { neuron: newNeuron(), seen: 0, last: [], means: [], accuracy: NaN, current: 0 };
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".neuron");
  const find = (name) => root.querySelector(`.${name}`);
  const { pair, learn, test } = unpackImages(data);
  const rate = find("rate");
  const name = pair.join("-");
  if (root.run?.name !== name) {
    cancelAnimationFrame(root.run?.frame);
    root.run = { name, ...begin(), frame: 0 };
  }
  const { run } = root;

  const reading = () => {
    const { ink, truth } = learn[run.current];
    const z = sumOf(run.neuron, ink);
    const p = sigmoidOf(z);
    for (const [part, words] of [
      ["sum", fixed(z - run.neuron.bias, 3)],
      ["bias", fixed(run.neuron.bias, 3)],
      ["z", fixed(z, 3)],
      ["asked", `p(it is a ${pair[1]})`],
      ["probability", percent(p)],
      ["truth", `it is a ${pair[truth]}`],
      ["loss", lossOf(z, truth).toFixed(3)],
    ]) find(part).textContent = words;
    paintSquare(find("image"), ink, false);
    paintSquare(find("weights"), run.neuron.weights, true);
    paintSquare(find("products"), run.neuron.weights.map((w, i) => w * ink[i]), true);
  };

  const show = () => {
    reading();
    run.accuracy = run.seen ? accuracyOf(run.neuron, test) : NaN;
    find("accuracy").textContent = run.seen ? percent(run.accuracy) : "—";
    find("seen").textContent = run.seen.toLocaleString("en");
    find("rate-value").textContent = String(Number((10 ** Number(rate.value)).toPrecision(2)));
    find("play").textContent = run.frame ? "Pause" : "Play";
    drawCurve(find("curve"), run.means);
    root.dataset.seen = run.seen;
    root.dataset.accuracy = run.accuracy;
  };

  const one = () => {
    run.current = run.seen % learn.length;
    run.last.push(learnFrom(run.neuron, learn[run.current], 10 ** Number(rate.value)));
    if (run.last.length > MEAN_OF) run.last.shift();
    run.means.push(run.last.reduce((sum, loss) => sum + loss, 0) / run.last.length);
    if (run.means.length > CURVE) run.means.shift();
    run.seen++;
  };

  const stop = () => {
    cancelAnimationFrame(run.frame);
    run.frame = 0;
  };
  const frame = () => {
    if (!root.isConnected) return stop();
    for (let i = 0; i < PER_FRAME; i++) one();
    run.frame = requestAnimationFrame(frame);
    show();
  };

  find("play").onclick = () => {
    if (run.frame) stop();
    else run.frame = requestAnimationFrame(frame);
    show();
  };
  find("step").onclick = () => {
    stop();
    one();
    show();
  };
  find("reset").onclick = () => {
    stop();
    Object.assign(run, begin());
    show();
  };
  rate.oninput = show;
  show();
  return stop;
}
