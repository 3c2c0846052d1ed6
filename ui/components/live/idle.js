// What is done while nothing else is to be: compiling a network that has come, and saying which drawing is shown now, for
// those who show more of it. PROTOCOL.md says how they hear of it.

import { imageOf } from "./ink.js";
import { predict } from "./network.js";

const LATEST = 40; // milliseconds after which it is no longer waited for
export const whenIdle = window.requestIdleCallback ?? ((then) => setTimeout(then, 16));

// The browser compiles what has run some times: here, while nobody draws, and not at the first stroke.
const SCRAWL = Float64Array.from({ length: 120 }, (_, i) => 50 + i * Math.sin(i / 7 + (i % 2)));

export function warmUp(network, times) {
  whenIdle(() => {
    const ink = imageOf([SCRAWL], [10], network.header.ink);
    predict(network.outputs(ink), ink, network.header);
    if (times > 1) warmUp(network, times - 1);
  });
}

// ink: what the network is given, or null; network: the first that reads it (network.js), or null where it is not here;
// moving: is the pen down?; asked: when it was drawn, as performance.now() has it.
let drawn = { ink: null, network: null, moving: false, asked: 0 };
let isDue = false;

/** Say it as soon as there is time; of several in between the last. */
export function showing(ink, network, moving) {
  drawn = { ink: ink && ink.slice(), network, moving, asked: performance.now() };
  tellAgain();
}

export function tellAgain() {
  if (isDue) return;
  isDue = true;
  whenIdle(tellShown, { timeout: LATEST });
}

function tellShown() {
  isDue = false;
  window.dispatchEvent(new CustomEvent("digit-lab-shown", { detail: drawn }));
}
