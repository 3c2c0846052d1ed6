// One neuron: z = w . x + b, p = 1 / (1 + exp(-z)), and what an image teaches it.

export const INPUTS = 784;

/**
 * data: two digits, how many images to learn from (two bytes), then for each image 784 bytes of ink and 1 where it
 * shows the second digit.
 */
export function unpackImages(bytes) {
  const count = (bytes.length - 4) / (INPUTS + 1);
  const images = Array.from({ length: count }, (_, n) => {
    const start = 4 + n * (INPUTS + 1);
    const ink = Float32Array.from(bytes.subarray(start, start + INPUTS), (value) => value / 255);
    return { ink, truth: bytes[start + INPUTS] };
  });
  const learn = bytes[2] + 256 * bytes[3];
  return { pair: [bytes[0], bytes[1]], learn: images.slice(0, learn), test: images.slice(learn) };
}

export const newNeuron = () => ({ weights: new Float32Array(INPUTS), bias: 0 });

export function sumOf({ weights, bias }, ink) {
  let sum = bias;
  for (let i = 0; i < INPUTS; i++) sum += weights[i] * ink[i];
  return sum;
}

export const sigmoidOf = (z) => 1 / (1 + Math.exp(-z));

// Cross-entropy, in nats; written so that a large z costs no more than it does.
export const lossOf = (z, truth) => Math.max(z, 0) - z * truth + Math.log1p(Math.exp(-Math.abs(z)));

/** One step of plain descent: each weight less rate * (p - truth) * x. Returns what the loss was before it. */
export function learnFrom(neuron, { ink, truth }, rate) {
  const z = sumOf(neuron, ink);
  const error = sigmoidOf(z) - truth;
  for (let i = 0; i < INPUTS; i++) neuron.weights[i] -= rate * error * ink[i];
  neuron.bias -= rate * error;
  return lossOf(z, truth);
}

export const accuracyOf = (neuron, images) =>
  images.filter(({ ink, truth }) => sumOf(neuron, ink) > 0 === (truth === 1)).length / Math.max(images.length, 1);
