// Probabilities as they are said: core/words.py has the same words.

export const CLOSE = 0.2; // a runner-up with at least this probability is named

/** 0.873 -> '87.3%' */
export const percent = (probability) => `${(100 * probability).toFixed(1)}%`;

/** Nothing is rounded to a certainty: 0.9996 -> 'over 99.9%'. */
export const confidence = (probability) => (probability > 0.999 ? "over 99.9%" : percent(probability));
