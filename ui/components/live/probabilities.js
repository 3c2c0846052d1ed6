// Softmax of the first ten outputs; of an eleventh, how probable it is that this is one digit at all.
export function probabilitiesOf(outputs) {
  const logits = Array.from(outputs);
  const digits = logits.slice(0, 10);
  const largest = Math.max(...digits);
  const exponentials = digits.map((z) => Math.exp(z - largest));
  const sum = exponentials.reduce((a, b) => a + b);
  const probabilities = exponentials.map((e) => e / sum);
  const isDigit = logits.length > 10 ? 1 / (1 + Math.exp(logits[10] - largest - Math.log(sum))) : null;
  return { probabilities, isDigit };
}
