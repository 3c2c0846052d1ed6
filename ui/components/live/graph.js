// How the layers of a network are joined: each names those that it reads by their places, -1 for the image, as in core/nn/graph.py.

// What `make` gives for each layer, in order, of what it gave for the layers that this one reads; `image` stands for the
// image. make: (layer, of the first of them, of the others) -> anything
export function forward(layers, image, make) {
  const made = [];
  const of = (at) => (at < 0 ? image : made[at]);
  for (const layer of layers) {
    const [first, ...others] = layer.inputs;
    made.push(make(layer, of(first), others.map(of)));
  }
  return made;
}

/** The cells of a layer from `top` to before `bottom`, and from `left` to before `right`.
 * @typedef {{top: number, bottom: number, left: number, right: number}} Part */

/** @returns {Part} all of them; what has no rows is one cell of many channels */
export const wholeOf = (shape) => (shape.length < 3 ? ONE : { top: 0, bottom: shape[0], left: 0, right: shape[1] });
export const ONE = { top: 0, bottom: 1, left: 0, right: 1 };

// What joins several layers: run is given what the others make, too.
export const JOINS = {
  Add: ([shape, ...others]) => joining(shape, [0, ...others.map(() => 0)], 1),
  Average: ([shape, ...others]) => joining(shape, [0, ...others.map(() => 0)], others.length + 1),
  Concatenate(shapes) {
    const channels = shapes.map((shape) => shape.at(-1));
    const starts = channels.map((_, n) => channels.slice(0, n).reduce((a, b) => a + b, 0));
    return joining([...shapes[0].slice(0, -1), channels.reduce((a, b) => a + b)], starts, 1);
  },
};

// Adds up what the layers give, from the channel on that each starts at, and divides it.
function joining(shape, starts, divisor) {
  const [channels, width] = [shape.at(-1), shape.length < 3 ? 1 : shape[1]];
  const out = new Float32Array(shape.reduce((a, b) => a * b));
  const ends = [...starts.slice(1), channels].map((end, n) => (end > starts[n] ? end : channels));
  const run = (values, part = wholeOf(shape), others = []) => {
    const all = [values, ...others];
    for (let row = part.top; row < part.bottom; row++) {
      for (let cell = row * width + part.left; cell < row * width + part.right; cell++) {
        out.fill(0, cell * channels, (cell + 1) * channels);
        all.forEach((from, n) => {
          const count = ends[n] - starts[n];
          const to = cell * channels + starts[n];
          for (let i = 0; i < count; i++) out[to + i] += from[cell * count + i];
        });
        if (divisor > 1) for (let i = cell * channels; i < (cell + 1) * channels; i++) out[i] /= divisor;
      }
    }
    return out;
  };
  return { shape, out, run, heard: (part) => part };
}
