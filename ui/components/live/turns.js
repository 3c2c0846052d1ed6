// What is shown beside the bars takes its turn after them: a thread that works all the time takes a processor from the bars,
// and from the server's answer where both are one computer with two. Who takes turns is told of the pen from here, too.

import { isAhead } from "./messages.js";

const ANSWERED = 300; // milliseconds after the pen was lifted in which Python's answer comes first
const DRAWN = 50; // and after which it has been drawn

/**
 * Has `act` called after something has changed: while the pen is down once in `pause()` milliseconds, and never where that
 * is Infinity; after that as soon as Python has answered.
 * @param {() => void} onPen called when the pen has been put down or lifted, before its turn comes
 * @returns {{changed: () => void, isPenDown: () => boolean}} `changed` is to be called when something has changed
 */
export function inTurn(act, pause, signal, onPen = () => {}) {
  let isDown = false;
  let isDue = false;
  let [last, lifted] = [0, 0]; // when it was called, and when the pen was lifted
  let timer = 0;

  const due = () => {
    if (isDown || (!lifted && isAhead())) return last + pause(); // it may have been down before this began
    return isAhead() ? lifted + ANSWERED : 0;
  };
  function go() {
    clearTimeout(timer);
    if (!isDue || signal.aborted) return;
    const [now, then] = [performance.now(), due()];
    if (then > now) {
      if (then < Infinity) timer = setTimeout(go, then - now);
      return;
    }
    [isDue, last] = [false, now];
    act();
  }
  const follow = ({ detail: { what } }) => {
    const wasDown = isDown;
    isDown = what === "begin" || what === "go";
    if (!isDown) lifted = performance.now();
    if (isDown !== wasDown) onPen();
    if (!isDown) go();
  };
  window.addEventListener("digit-lab-pen", follow, { signal });
  window.addEventListener("digit-lab-messages", () => setTimeout(go, DRAWN), { signal });
  const changed = () => {
    isDue = true;
    go();
  };
  return { changed, isPenDown: () => isDown };
}
