// 'a 7', 'an 8', 'an F', 'an ankle boot': as core/words.py's with_article says it.

const VOWEL = /^(8|[AEFHILMNORSX]$|[aefhilmnorsx]$|[aeiou][a-z])/;

export const withArticle = (name) => `${VOWEL.test(name) ? "an" : "a"} ${name}`;
