// What the first layer of a network makes of the image that it was asked about last.

/** Of the first layer's maps the one in which the ink shows most, whose numbers differ most: {height, width, values, index};
 * null where it makes no maps. */
export function strongestMap({ layers }) {
  let last = layers.findIndex(({ kind }) => kind === "Conv2D");
  if (last < 0) return null;
  while (["BatchNormalization", "Activation", "PReLU"].includes(layers[last + 1]?.kind) && layers[last + 1].inputs[0] === last) last += 1;
  const { out, shape } = layers[last];
  const [height, width, channels] = shape;
  const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)];
  out.forEach((value, i) => {
    sums[i % channels] += value;
    squares[i % channels] += value * value;
  });
  const spreads = squares.map((square, k) => square - (sums[k] * sums[k]) / (height * width));
  const index = spreads.indexOf(Math.max(...spreads));
  return { height, width, index, values: out.filter((_, i) => i % channels === index) };
}
