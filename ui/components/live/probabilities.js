// Eleven outputs are ten digits and 'not a digit'; of any other number each is a class (core/nn/architectures.py).
export const classCount = (outputs) => (outputs === 11 ? 10 : outputs);

/** ln of the sum of all e^z, without overflow. */
export function logSumExp(logits) {
  const largest = Math.max(...logits);
  return largest + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - largest), 0));
}

export function softmax(logits) {
  const largest = Math.max(...logits);
  const exponentials = logits.map((z) => Math.exp(z - largest));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((e) => e / sum);
}

// Softmax of the classes' outputs; of an eleventh, how probable it is that this is one digit at all.
export function probabilitiesOf(outputs) {
  const logits = Array.from(outputs);
  const count = classCount(logits.length);
  const digits = logits.slice(0, count);
  const isDigit = logits.length > count ? 1 / (1 + Math.exp(logits[count] - logSumExp(digits))) : null;
  return { probabilities: softmax(digits), isDigit };
}
