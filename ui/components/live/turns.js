// What is shown beside the bars takes its turn after them: a thread that works all the time takes a processor from the bars,
// and from the server's answer where both are one computer with two.

import { isAhead } from "./messages.js";

const ANSWERED = 300; // milliseconds after the pen was lifted in which Python's answer comes first
const DRAWN = 50; // and after which it has been drawn

/**
 * Has `act` called after something has changed: while the pen is down once in `pause()` milliseconds, and never where that
 * is Infinity; after that as soon as Python has answered.
 * @returns {() => void} to be called when something has changed
 */
export function inTurn(act, pause, signal) {
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
  const onPen = ({ detail: { what } }) => {
    isDown = what === "begin" || what === "go";
    if (isDown) return;
    lifted = performance.now();
    go();
  };
  window.addEventListener("digit-lab-pen", onPen, { signal });
  window.addEventListener("digit-lab-messages", () => setTimeout(go, DRAWN), { signal });
  return () => {
    isDue = true;
    go();
  };
}
