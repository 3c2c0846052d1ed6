// Has drawings placed by place_worker.js, one at a time: of those that come meanwhile the last. Where the browser starts no
// thread it places them itself.

import { placeInk } from "./placement.js";

// What the thread needs of a map (map_data.js).
const needed = ({ map, count, width, perplexity, neighbours, points, vectors, middle, components }) => ({
  map, count, width, perplexity, neighbours, points, vectors, middle, components,
}); // prettier-ignore

/**
 * worker: the address of place_worker.js (ui/map_routes.py). onPlaced({found, ...}): what was asked, without its ink, and
 * what placeInk found.
 * Returns ask({ink, ...}, network), network: live/network.js's, always the same.
 */
export function placer(map, worker, signal, onPlaced) {
  /** @type {Worker | null} */
  let thread = null;
  let isThreadless = false;
  let [isBusy, sent, next] = [false, null, null];

  function ask(asked, network) {
    if (!isThreadless && !thread) start(network);
    if (isThreadless) return byItself(asked, network);
    next = { asked, network };
    if (!isBusy) send();
  }

  function start(network) {
    try {
      thread = new Worker(new URL(worker, document.baseURI), { type: "module" });
      thread.onmessage = ({ data }) => onAnswer(data);
      thread.onerror = giveUp;
      thread.postMessage({ network: network.bytes, map: needed(map) });
      signal.addEventListener("abort", () => thread?.terminate());
    } catch {
      giveUp();
    }
  }

  function send() {
    isBusy = true;
    thread.postMessage(next.asked);
    sent = next;
    next = null;
  }

  function onAnswer(answer) {
    isBusy = false;
    if (signal.aborted) return;
    if (next) send();
    onPlaced(answer);
  }

  function giveUp() {
    [thread, isThreadless] = [null, true];
    const left = next ?? sent;
    if (left && !signal.aborted) byItself(left.asked, left.network);
  }

  function byItself({ ink, ...asked }, network) {
    onPlaced({ ...asked, found: placeInk(network, map, ink) });
  }

  return ask;
}
