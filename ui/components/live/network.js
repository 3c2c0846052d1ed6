// A network's forward pass in the browser, for what core/models/browser_export.py has packed.
// Images are Float32Array, rows first, then columns, then channels, as in TensorFlow.

import { forward, JOINS, ONE, wholeOf } from "./graph.js";
import { probabilitiesOf } from "./probabilities.js";

// bytes: Uint8Array, see core/models/browser_export.py. Returns {header, layers, outputs(image) -> Float32Array of 10 or 11,
// activations(image) -> what each layer makes of it, in order}. What they return is overwritten by the next call.
export function unpack(bytes) {
  const data = bytes.slice().buffer; // aligned
  const [length] = new Uint32Array(data, 0, 1);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const arrays = data.slice(4 + length);
  const layers = [];
  for (const [place, layer] of header.layers.entries()) {
    const inputs = layer.inputs ?? [place - 1];
    const given = inputs.map((at) => (at < 0 ? header.shape : layers[at].shape));
    const weights = arraysOf(layer, arrays);
    const built = JOINS[layer.kind] ? JOINS[layer.kind](given) : LAYERS[layer.kind](layer, given[0], weights);
    layers.push({ kind: layer.kind, inputs, ...(layer.activation === "softmax" ? shared(built) : built) });
  }
  const activations = (image) => forward(layers, image, ({ run }, values, others) => run(values, undefined, others));
  const outputs = (image) => activations(image).at(-1);
  return { header, layers, outputs, activations };
}

// Columns are taken eight at a time, so each row of the kernel is filled up to a multiple of eight.
const BLOCK = 8;

function arraysOf(layer, data) {
  const floats = (name) => new Float32Array(data, layer[name], layer.columns);
  if (layer.kind === "BatchNormalization") return { scale: floats("scale"), bias: floats("bias") };
  if (layer.kind === "PReLU") return { scale: floats("scale") };
  if (!layer.rows) return {};
  const { rows, columns } = layer;
  const width = Math.ceil(columns / BLOCK) * BLOCK;
  const high = new Int16Array(data, layer.high, rows * columns);
  const low = new Uint8Array(data, layer.low); // two of four bits in a byte, or one of eight
  const step = layer.bits === 24 ? 256 : 16;
  const lower = step === 256 ? (i) => low[i] : (i) => (i % 2 ? low[i >> 1] >> 4 : low[i >> 1] & 15);
  const scale = floats("scale");
  const kernel = new Float32Array(rows * width);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      kernel[row * width + column] = (high[i] * step + lower(i)) * scale[column];
    }
  }
  const bias = new Float64Array(width);
  bias.set(floats("bias"));
  return { kernel, bias, width };
}

const ACTIVATIONS = {
  linear: (x) => x,
  relu: (x) => (x > 0 ? x : 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => (x / 2) * (1 + erf(x * Math.SQRT1_2)),
  silu: (x) => x / (1 + Math.exp(-x)),
  log: (x) => Math.log(Math.max(x, 1e-30)), // of probabilities
  softmax: (x) => x, // and what follows when all are known: shared
};

// 'leaky_relu' has the slope 0.2 below 0, 'leaky_relu_0.3' another: core/nn/architectures.py.
function activationOf(name) {
  if (!name.startsWith("leaky_relu")) return ACTIVATIONS[name];
  const slope = Number(name.slice("leaky_relu_".length) || 0.2);
  return (x) => (x > 0 ? x : slope * x);
}

// A layer of units within the network whose numbers share out 100%; what it computes without that is `built`.
function shared(built) {
  const run = (values, part, others) => {
    const out = built.run(values, part, others);
    const largest = Math.max(...out);
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(out[i] - largest);
    const sum = out.reduce((a, b) => a + b);
    for (let i = 0; i < out.length; i++) out[i] /= sum;
    return out;
  };
  return { ...built, run };
}

// To 1.2e-7 of its size (Numerical Recipes, erfc by Chebyshev).
function erf(x) {
  const t = 1 / (1 + Math.abs(x) / 2);
  const series = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368];
  const sum = series.reduce((all, n) => all * t + n, 0) * t - 1.26551223;
  const rest = t * Math.exp(sum - x * x);
  return x >= 0 ? 1 - rest : rest - 1;
}

// Each returns {shape, out, run, heard}: the shape of what comes out; the array that holds it, null where it is the one that
// came in; the function, which computes all of it, or a part only and leaves the rest as it was; and which part hears of a
// part of what comes in.
const LAYERS = {
  Conv2D(layer, [height, width, channels], weights) {
    const { kernel: side, stride, columns } = layer;
    const [rows, above] = windows(height, layer);
    const [across, before] = windows(width, layer);
    const out = new Float32Array(rows * across * columns);
    const sums = weightedSums(weights, side * side * channels, columns, layer.activation);
    const shape = [rows, across, columns];
    const run = (values, part = wholeOf(shape)) => {
      for (let row = part.top; row < part.bottom; row++) {
        const y0 = row * stride - above;
        let at = (row * across + part.left) * columns;
        for (let column = part.left; column < part.right; column++, at += columns) {
          const x0 = column * stride - before;
          sums.clear();
          for (let y = Math.max(0, -y0); y < side && y0 + y < height; y++) {
            const from = Math.max(0, -x0);
            const to = Math.min(side, width - x0);
            const start = ((y0 + y) * width + x0 + from) * channels;
            sums.take(values, start, (to - from) * channels, (y * side + from) * channels);
          }
          sums.put(out, at);
        }
      }
      return out;
    };
    const first = (n, before0) => Math.max(0, Math.ceil((n + before0 - side + 1) / stride));
    const last = (n, before0, most) => Math.min(most, Math.floor((n - 1 + before0) / stride) + 1);
    const heard = ({ top, bottom, left, right }) => ({
      top: first(top, above),
      bottom: last(bottom, above, rows),
      left: first(left, before),
      right: last(right, before, across),
    });
    return { shape, out, run, heard };
  },

  Dense(layer, [count], weights) {
    const out = new Float32Array(layer.columns);
    const sums = weightedSums(weights, count, layer.columns, layer.activation);
    const run = (values) => {
      sums.clear();
      sums.take(values, 0, count, 0);
      sums.put(out, 0);
      return out;
    };
    return { shape: [layer.columns], out, run, heard: () => ONE };
  },

  MaxPooling2D: (layer, shape) => pooling(layer.pool, shape, -Infinity, Math.max, 1),
  AveragePooling2D: (layer, shape) => pooling(layer.pool, shape, 0, (a, b) => a + b, layer.pool ** 2),

  BatchNormalization: (layer, shape, { scale, bias }) => cellwise(shape, (x, i) => x * scale[i] + bias[i]),
  Activation: (layer, shape) => cellwise(shape, activationOf(layer.activation)),
  // Its slopes are one for each channel, or for each number.
  PReLU: (layer, shape, { scale }) => cellwise(shape, (x, channel, i) => (x > 0 ? x : x * scale[scale.length > shape.at(-1) ? i : channel])),
  Flatten: (layer, shape) => ({ ...asItIs(shape), shape: [shape.reduce((a, b) => a * b)], heard: () => ONE }),
  Dropout: (layer, shape) => asItIs(shape), // does nothing when reading
};

// How many windows fit along a side, and how many cells of padding lie before the first: TensorFlow's rules.
function windows(size, { kernel, stride, padding }) {
  if (padding === "valid") return [Math.floor((size - kernel) / stride) + 1, 0];
  const count = Math.ceil(size / stride);
  return [count, Math.floor(Math.max((count - 1) * stride + kernel - size, 0) / 2)];
}

// Sums of values times rows of the kernel. Half of what a layer gets is 0 (paper, and what relu cut off), so
// only the others are taken; eight columns at a time stay in the processor's registers.
function weightedSums({ kernel, bias, width }, most, columns, name) {
  const activation = ACTIVATIONS[name];
  const values = new Float64Array(most);
  const places = new Int32Array(most);
  let count = 0;
  return {
    clear() {
      count = 0;
    },
    take(from, start, length, row) {
      for (let i = 0; i < length; i++) {
        const value = from[start + i];
        if (value === 0) continue;
        values[count] = value;
        places[count++] = (row + i) * width;
      }
    },
    put(out, at) {
      for (let column = 0; column < columns; column += BLOCK) {
        let [a, b, c, d] = [bias[column], bias[column + 1], bias[column + 2], bias[column + 3]];
        let [e, f, g, h] = [bias[column + 4], bias[column + 5], bias[column + 6], bias[column + 7]];
        for (let i = 0; i < count; i++) {
          const value = values[i];
          const place = places[i] + column;
          a += value * kernel[place];
          b += value * kernel[place + 1];
          c += value * kernel[place + 2];
          d += value * kernel[place + 3];
          e += value * kernel[place + 4];
          f += value * kernel[place + 5];
          g += value * kernel[place + 6];
          h += value * kernel[place + 7];
        }
        const eight = [a, b, c, d, e, f, g, h];
        const left = Math.min(BLOCK, columns - column);
        for (let i = 0; i < left; i++) out[at + column + i] = activation(eight[i]);
      }
    },
  };
}

function pooling(side, [height, width, channels], none, combine, divisor) {
  const [rows, columns] = [Math.floor(height / side), Math.floor(width / side)];
  const shape = [rows, columns, channels];
  const out = new Float32Array(rows * columns * channels);
  const run = (values, part = wholeOf(shape)) => {
    for (let row = part.top; row < part.bottom; row++) {
      for (let column = part.left; column < part.right; column++) {
        const to = (row * columns + column) * channels;
        out.fill(none, to, to + channels);
        for (let n = 0; n < side * side; n++) {
          const from = ((row * side + Math.floor(n / side)) * width + column * side + (n % side)) * channels;
          for (let i = 0; i < channels; i++) out[to + i] = combine(out[to + i], values[from + i]);
        }
        if (divisor > 1 && none === 0) for (let i = to; i < to + channels; i++) out[i] /= divisor;
      }
    }
    return out;
  };
  const heard = ({ top, bottom, left, right }) => ({
    top: Math.floor(top / side),
    bottom: Math.min(rows, Math.ceil(bottom / side)),
    left: Math.floor(left / side),
    right: Math.min(columns, Math.ceil(right / side)),
  });
  return { shape, out, run, heard };
}

// Of each number another, whatever its neighbours are. change: (number, its channel, its place) -> number.
function cellwise(shape, change) {
  const [channels, width] = [shape[shape.length - 1], shape.length < 3 ? 1 : shape[1]];
  const out = new Float32Array(shape.reduce((a, b) => a * b));
  const run = (values, part = wholeOf(shape)) => {
    for (let row = part.top; row < part.bottom; row++) {
      const from = (row * width + part.left) * channels;
      const to = (row * width + part.right) * channels;
      for (let i = from; i < to; i++) out[i] = change(values[i], i % channels, i);
    }
    return out;
  };
  return { shape, out, run, heard: (part) => part };
}

const asItIs = (shape) => ({ shape, out: null, run: (values) => values, heard: (part) => part });

// What core/models/classifiers.py and core/nn/calibration.py make of the outputs: {probabilities, isDigit, digit, abstention},
// null where an output is no number. rules: see core/models/browser_export.py.
export function predict(outputs, image, { rules, ink }) {
  if (!outputs.every(Number.isFinite)) return null;
  const { probabilities, isDigit } = probabilitiesOf(outputs);
  // Of letters and clothes nobody has measured what is none.
  const abstention = rules.judges ? abstain(image, ink.size, Math.max(...probabilities), isDigit, rules) : "";
  const digit = abstention ? null : probabilities.indexOf(Math.max(...probabilities));
  return { probabilities, isDigit, digit, abstention };
}

function abstain(image, size, confidence, isDigit, rules) {
  if (longerSide(image, size) < rules.shortestInk) return rules.dot;
  if (isDigit !== null) return isDigit >= rules.leastDigit ? "" : rules.noDigit;
  const amount = image.reduce((a, b) => a + b, 0);
  const needed = interpolated(amount, rules.inkAmounts, rules.leastCertainty);
  return amount > rules.tooMuchInk || confidence < needed ? rules.notOneDigit : "";
}

function longerSide(image, size) {
  let most = 0;
  for (const value of image) if (value > most) most = value;
  let [top, bottom, left, right] = [size, -1, size, -1];
  for (let row = 0, i = 0; row < size; row++) {
    for (let column = 0; column < size; column++, i++) {
      if (image[i] < most / 2) continue;
      top = Math.min(top, row);
      bottom = row;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
  }
  return Math.max(bottom - top, right - left) + 1;
}

function interpolated(x, xs, ys) {
  if (x <= xs[0]) return ys[0];
  for (let i = 1; i < xs.length; i++) {
    if (x <= xs[i]) return ys[i - 1] + ((x - xs[i - 1]) / (xs[i] - xs[i - 1])) * (ys[i] - ys[i - 1]);
  }
  return ys[ys.length - 1];
}
