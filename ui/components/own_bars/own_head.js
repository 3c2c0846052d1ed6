// A last layer for somebody's own classes, on what a network's last hidden layer makes of an image, or on the image
// itself: the same arithmetic as core/models/own_head.py, of what core/models/own_live.py has packed.

import { softmax } from "../live/probabilities.js";

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
const floats = (text) => new Float32Array(bytesOf(text));

/** said: what Python sends */
export function unpackHead(said) {
  const [kernel, bias, mean, spread, scale] = ["kernel", "bias", "mean", "spread", "scale"].map((name) => floats(said[name]));
  const known = new Int8Array(bytesOf(said.known));
  return { kernel, bias, mean, spread, scale, known, on: said.on, far: said.far, sharpness: said.sharpness };
}

/** network: as network.js unpacks it. @returns {number[]} the probability of each class, and that it is none */
export function answerOf(head, network, ink) {
  const features = head.on === "layer" ? network.activations(ink).at(-2) : ink;
  const none = noneOf(head, features);
  return [...softmax(logits(head, features)).map((probability) => probability * (1 - none)), none];
}

function logits({ kernel, bias }, features) {
  const sums = Array.from(bias);
  const count = sums.length;
  for (let i = 0, at = 0; i < features.length; i++, at += count) {
    const value = features[i];
    if (value) for (let k = 0; k < count; k++) sums[k] += value * kernel[at + k];
  }
  return sums;
}

// The farther it is from the nearest drawing, the more it is none of them.
function noneOf({ mean, spread, known, scale, far, sharpness }, features) {
  const own = Float32Array.from(features, (value, i) => (value - mean[i]) / spread[i]);
  const length = Math.max(Math.hypot(...own), 1e-9);
  let likeness = -Infinity;
  for (let n = 0, at = 0; n < scale.length; n++, at += own.length) {
    let sum = 0;
    for (let i = 0; i < own.length; i++) sum += known[at + i] * own[i];
    likeness = Math.max(likeness, (sum * scale[n]) / length);
  }
  const distance = Math.sqrt(Math.max(2 - 2 * likeness, 0));
  return 1 / (1 + Math.exp(-2 * sharpness * (distance / far - 1)));
}
