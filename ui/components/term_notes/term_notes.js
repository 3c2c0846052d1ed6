// A term is a link to #term-..., wherever on the page. What it means stands in one note below it, while the pointer is on
// the term or the note, or the focus on the term; a tap shows it and takes it away. The page's own elements are left as
// they are but for aria-describedby: React owns them.

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

  const termOf = (target) => target?.closest?.(`a[href^="${data.address}"]`) ?? null;
  const hide = () => {
    clearTimeout(leaving);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    note.hidden = true;
  };
  const show = (term) => {
    clearTimeout(leaving);
    const words = data.notes[term.getAttribute("href").slice(data.address.length)];
    if (term === shown || !words) return;
    hide();
    shown = term;
    note.textContent = words;
    note.style.colorScheme = getComputedStyle(term).colorScheme; // the page's, which its body does not have
    note.hidden = false;
    term.setAttribute("aria-describedby", ID);
    place(note, term);
  };
  const leave = () => {
    clearTimeout(leaving);
    leaving = setTimeout(hide, LEAVES);
  };

  const listen = (name, handler, options) =>
    document.addEventListener(name, handler, { ...options, signal: controller.signal });
  let wasShown = null; // before the press, which moves the focus
  listen("pointerover", ({ target, pointerType }) => {
    if (pointerType !== "mouse") return;
    const term = termOf(target);
    if (term) show(term);
    else if (note.contains(target)) clearTimeout(leaving);
    else if (shown && shown !== document.activeElement) leave();
  });
  listen("pointerdown", ({ target }) => {
    wasShown = shown;
    if (!termOf(target) && !note.contains(target)) hide();
  });
  listen("focusin", ({ target }) => (termOf(target) ? show(termOf(target)) : hide()));
  listen("focusout", ({ target }) => termOf(target) === shown && hide());
  listen(
    "click",
    (event) => {
      const term = termOf(event.target);
      if (!term) return;
      event.preventDefault(); // it leads nowhere
      if (event.detail && term === wasShown) hide();
      else show(term);
    },
    { capture: true },
  );
  listen("keydown", ({ key }) => key === "Escape" && hide());
  listen("scroll", hide, { capture: true, passive: true });
  const observer = new MutationObserver(() => shown && !shown.isConnected && hide());
  observer.observe(document.body, { childList: true, subtree: true });
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
