// Waits for changes of a room, and has Python look when there is one: ui/room_routes.py. A page that is not seen waits.
// data: {code, what: "all" or "orders", seen: the count that Python has looked at, calm: milliseconds between two looks}

const AGAIN = 1500; // milliseconds after the server could not be asked
const SLOW = 10_000; // and after it has not said anything

let stop = () => {};
let told = -Infinity; // when Python was last told

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const seenAgain = (signal) =>
  new Promise((done) => {
    document.addEventListener("visibilitychange", () => done(null), { once: true, signal });
    signal.addEventListener("abort", () => done(null));
  });

export default function ({ data, setTriggerValue }) {
  stop();
  const controller = new AbortController();
  const { signal } = controller;

  (async () => {
    while (!signal.aborted) {
      if (document.hidden) await seenAgain(signal);
      if (signal.aborted) return;
      try {
        const address = new URL(`digit-lab/room/${data.code}/${data.what}/${data.seen}`, new URL(".", document.baseURI));
        const answer = await fetch(address, { signal });
        if (!answer.ok) {
          // The class is over, or this browser keeps no cookie and so cannot say who waits: Python looks now and then.
          await pause(SLOW);
          if (!signal.aborted) setTriggerValue("changed", -1);
          continue;
        }
        const { count } = await answer.json();
        if (count !== data.seen) await pause(Math.max(0, told + data.calm - performance.now())); // others may come meanwhile
        if (count !== data.seen && !signal.aborted) {
          told = performance.now();
          setTriggerValue("changed", count);
          await pause(AGAIN); // until Python has looked, this is called anew with what it has seen
        }
      } catch {
        if (!signal.aborted) await pause(AGAIN);
      }
    }
  })();
  return (stop = () => controller.abort());
}
