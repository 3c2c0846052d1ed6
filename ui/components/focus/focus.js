// A browser takes the focus from a button that goes grey, such as Undo when there is nothing left to undo: who works by
// keyboard would begin at the page's top again. The focus stays at the button's place: Tab goes on from there, and the
// key that was pressed over and over presses no other button, as it would at the next one.

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
    if (!changes.some(({ target }) => target === last) || !last.disabled) return;
    const active = document.activeElement;
    if (active !== last && active !== document.body) return;
    const place = last.parentElement;
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { attributeFilter: ["disabled"], subtree: true });
  return (stop = () => {
    controller.abort();
    observer.disconnect();
  });
}
