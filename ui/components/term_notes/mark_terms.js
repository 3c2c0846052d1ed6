// The glossary's terms in what a component has written.

// {pattern: of the words, keys: word in small letters -> key of its term}: in by `bundled` of ui/components/term_notes/__init__.py
const GLOSSARY = { pattern: "(?!)", keys: {} };
const LEFT_ALONE = "a, button, select, code, svg, script, style";

/**
 * Make a link of the first of each term in a part of the page; ui/components/term_notes shows what it means.
 * For texts of ours, once they stand there: what moves or is written anew many times a second is no place for a link.
 * @param {Element} part
 * @param {Set<string>} seen the terms that need no link any more; those that are found join them
 */
export function markTerms(part, seen = new Set()) {
  for (const text of textsIn(part)) if (!text.parentElement.closest(LEFT_ALONE)) text.replaceWith(...linked(text.data, seen));
}

/** @returns {any[]} the text nodes in a part of the page */
export function textsIn(part) {
  const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) found.push(texts.currentNode);
  return found;
}

function linked(text, seen) {
  const parts = [];
  let from = 0;
  for (const { 0: word, index } of text.matchAll(new RegExp(GLOSSARY.pattern, "gi"))) {
    const key = GLOSSARY.keys[word.toLowerCase()];
    if (seen.has(key)) continue;
    seen.add(key);
    parts.push(text.slice(from, index), Object.assign(document.createElement("a"), { href: `#term-${key}`, textContent: word }));
    from = index + word.length;
  }
  return [...parts, text.slice(from)];
}
