// Eleven outputs are ten digits and 'not a digit'; of any other number each is a class (core/nn/architectures.py).
export const classCount = (outputs) => (outputs === 11 ? 10 : outputs);

// Softmax of the classes' outputs; of an eleventh, how probable it is that this is one digit at all.
export function probabilitiesOf(outputs) {
  const logits = Array.from(outputs);
  const count = classCount(logits.length);
  const digits = logits.slice(0, count);
  const largest = Math.max(...digits);
  const exponentials = digits.map((z) => Math.exp(z - largest));
  const sum = exponentials.reduce((a, b) => a + b);
  const probabilities = exponentials.map((e) => e / sum);
  const isDigit = logits.length > count ? 1 / (1 + Math.exp(logits[count] - largest - Math.log(sum))) : null;
  return { probabilities, isDigit };
}
