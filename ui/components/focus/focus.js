// A browser takes the focus from a button that goes grey, such as Undo when there is nothing left to undo: who works by
// keyboard would begin at the page's top again. The focus goes on to the nearest button beside it: to the next, or
// else to the one before.
const OTHERS = "button:not(:disabled), a[href], input:not(:disabled)";

let stop = () => {};

// Called anew, without a word, when the theme changes.
export default function () {
  stop();
  let last = null;
  const controller = new AbortController();
  const listen = (name, handler) => document.addEventListener(name, handler, { signal: controller.signal });
  listen("focusin", ({ target }) => (last = target));
  listen("focusout", ({ target }) => {
    if (!target.disabled) last = null; // left, and not lost
  });

  const look = (changes) => {
    const active = document.activeElement;
    if (!changes.some(({ target }) => target === last) || !last.disabled) return;
    if (active === last || active === document.body) beside(last)?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { attributeFilter: ["disabled"], subtree: true });
  return (stop = () => {
    controller.abort();
    observer.disconnect();
  });
}

function beside(button) {
  for (let around = button.parentElement; around && around !== document.body; around = around.parentElement) {
    const others = [...around.querySelectorAll(OTHERS)].filter((other) => other.checkVisibility());
    const follows = (other) => button.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (others.length) return others.find(follows) ?? others.at(-1);
  }
  return null;
}
