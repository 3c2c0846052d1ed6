// A term is a link to #term-..., wherever on the page. What it means stands in one note below it, while the pointer is on
// the term or the note, or the focus on the term; a tap shows it and takes it away. The page's own elements are left as
// they are but for aria-describedby: React owns them. A term in a component's shadow root cannot be described by what lies
// outside of it: it is given the words themselves.

const ID = "dl-term-note";
const LEAVES = 200; // milliseconds in which the pointer may go from the term to its note

let stop = () => {};

// Called anew, without a word, when the theme changes.
export default function ({ data }) {
  stop();
  const controller = new AbortController();
  const note = document.createElement("div");
  Object.assign(note, { id: ID, role: "tooltip", hidden: true });
  document.body.append(note);
  let shown = null;
  let leaving = 0;

  const termOf = (event) => event.composedPath()[0]?.closest?.(`a[href^="${data.address}"]`) ?? null;
  const isOnNote = (event) => event.composedPath().includes(note);
  const hide = () => {
    clearTimeout(leaving);
    shown?.removeAttribute("aria-describedby");
    shown?.removeAttribute("aria-description");
    shown = null;
    note.hidden = true;
  };
  const show = (term) => {
    clearTimeout(leaving);
    const words = data.notes[term.getAttribute("href").slice(data.address.length)];
    if (term === shown || !words) return;
    hide();
    shown = term;
    observer.observe(term.getRootNode(), { childList: true, subtree: true });
    note.textContent = words;
    note.style.colorScheme = getComputedStyle(term).colorScheme; // the page's, which its body does not have
    note.hidden = false;
    if (term.getRootNode() === document) term.setAttribute("aria-describedby", ID);
    else term.setAttribute("aria-description", words);
    place(note, term);
  };
  const leave = () => {
    clearTimeout(leaving);
    leaving = setTimeout(hide, LEAVES);
  };

  const listen = (root, name, handler, options) =>
    root.addEventListener(name, handler, { ...options, signal: controller.signal });
  const observer = new MutationObserver(() => shown && !shown.isConnected && hide());
  const known = new WeakSet();
  // What goes on within a shadow root, from one element of it to another, is not heard outside.
  const watch = (root) => {
    if (known.has(root)) return;
    known.add(root);
    listen(root, "pointerover", over);
    listen(root, "focusin", focused);
    listen(root, "focusout", (event) => termOf(event) === shown && hide());
    listen(root, "scroll", hide, { capture: true, passive: true });
  };
  const watchAround = (event) => event.composedPath().forEach((root) => root instanceof ShadowRoot && watch(root));
  const over = (event) => {
    watchAround(event);
    if (event.pointerType !== "mouse") return;
    const term = termOf(event);
    if (term) show(term);
    else if (isOnNote(event)) clearTimeout(leaving);
    else if (shown && !shown.matches(":focus")) leave();
  };
  const focused = (event) => {
    watchAround(event);
    const term = termOf(event);
    if (term) show(term);
    else hide();
  };
  watch(document);

  let wasShown = null; // before the press, which moves the focus
  listen(document, "pointerdown", (event) => {
    wasShown = shown;
    if (!termOf(event) && !isOnNote(event)) hide();
  });
  listen(
    document,
    "click",
    (event) => {
      const term = termOf(event);
      if (!term) return;
      event.preventDefault(); // it leads nowhere
      if (event.detail && term === wasShown) hide();
      else show(term);
    },
    { capture: true },
  );
  listen(
    document,
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !shown) return;
      event.stopPropagation(); // else it would close what the term stands in, too
      hide();
    },
    { capture: true },
  );
  return (stop = () => {
    controller.abort();
    observer.disconnect();
    hide();
    note.remove();
  });
}

// Below the term, which may go on in a second line, or above where there is no room; never over the window's edge.
function place(note, term) {
  const { width, height } = note.getBoundingClientRect();
  const { top: upper, bottom } = term.getBoundingClientRect();
  const below = bottom + 6;
  const top = below + height > innerHeight ? upper - 6 - height : below;
  const { left } = term.getClientRects()[0];
  note.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  note.style.top = `${Math.max(8, top)}px`;
}
