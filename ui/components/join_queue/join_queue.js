// Keeps what a pupil has drawn until the server has it. A tap on 'next' keeps the drawing in this browser before it is sent;
// what the server does not confirm, because the connection or the server is gone, is sent when it is back. While it is
// gone one can go on drawing, on a plain canvas that lies over the page's.
// data: {room, turn: how many 'next' this session's Python has handled, task: the number of the task that asks, 0 for none,
// asked: the digit, taken: ids that are stored,
// label: words for it, which are read out, too, draws: is there something to draw?, full: why nothing more will ever be taken, or ""}
// Says: sent, [{id, task, label, strokes, brushes, canvas}], what is to be stored; task and label are what asked for it.

import { pairsOf } from "../live/kept_drawing.js";
import { drawnNow } from "../live/messages.js";
import { padOf } from "./pad.js";

const LATE = 4000; // milliseconds after which a tap that was not confirmed is sent again
const AGAIN = 3000; // and between two tries
const PATIENCE = 1500; // a shorter gap is none

let stop = () => {};
let turn = 0;

const app = () => /** @type {HTMLElement | null} */ (document.querySelector(".stApp"));
const isOnline = () => app()?.dataset.testConnectionState === "CONNECTED";
const newId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;

function storeOf(room) {
  const name = `digit-lab-kept-${room}`;
  let memory = []; // where a browser refuses to keep anything
  return {
    all() {
      try {
        return JSON.parse(localStorage.getItem(name) ?? "[]");
      } catch {
        return memory;
      }
    },
    put(list) {
      memory = list;
      try {
        localStorage.setItem(name, JSON.stringify(list));
      } catch {
        // It stays in memory.
      }
    },
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  stop();
  const kept = storeOf(data.room);
  const controller = new AbortController();
  const { signal } = controller;

  // What Python says of what was kept before.
  const waits = kept.all().filter(({ id }) => !data.taken.includes(id));
  for (let n = turn; n < data.turn; n++) {
    const first = waits.findIndex(({ tapped }) => tapped);
    if (first >= 0) waits.splice(first, 1);
  }
  turn = data.turn;
  kept.put(waits);

  const add = (drawing, tapped) => {
    if (!drawing.strokes.length) return;
    kept.put([...kept.all(), { id: newId(), tapped, at: Date.now(), ...drawing }]);
    say();
  };
  const tap = (event) => {
    const button = event.composedPath().find((element) => element.matches?.("button"));
    if (!button?.closest(".st-key-next") || event.defaultPrevented) return;
    const { strokes, brushes } = drawnNow();
    add({ task: data.task, label: data.asked, strokes: strokes.map(pairsOf), brushes, canvas: 560 }, true);
  };
  window.addEventListener("click", tap, { signal });

  // Read out when it changes: this element stays while the large words on the page are put up anew.
  const asked = parentElement.querySelector(".dl-now-asked");
  const words = data.draws ? data.label : "";
  if (asked.textContent !== words) asked.textContent = words;

  const said = parentElement.querySelector(".dl-kept");
  const sheet = parentElement.querySelector(".dl-pad");
  const pad = (sheet.pad ??= padOf(sheet)); // this is called anew when Python is heard of again, and what is on it stays
  pad.keep = (drawing) => add(drawing, false);
  let [wasOnline, gone] = [true, 0];
  const due = () => kept.all().filter(({ tapped, at }) => !tapped || Date.now() - at > LATE);
  const say = () => {
    const online = isOnline();
    const count = due().length;
    if (count && data.full) said.textContent = `${data.full} ${count} more ${count === 1 ? "stays" : "stay"} on this phone.`;
    else said.textContent = count ? `${count} kept on this phone, to be sent${online ? " now" : " when the connection is back"}.` : "";
    if (online) {
      clearTimeout(gone);
      if (!wasOnline) pad.leave();
    } else if (wasOnline && data.draws) gone = setTimeout(() => isOnline() || pad.show({ task: data.task, label: data.asked, words: data.label }), PATIENCE);
    wasOnline = online;
  };
  const send = () => {
    say();
    if (!isOnline() || data.full) return;
    const waiting = due();
    if (waiting.length) setTriggerValue("sent", waiting.slice(0, 20));
  };
  const timer = setInterval(send, AGAIN);
  const observer = new MutationObserver(send);
  if (app()) observer.observe(app(), { attributeFilter: ["data-test-connection-state"] });
  send();

  return (stop = () => {
    controller.abort();
    clearInterval(timer);
    clearTimeout(gone);
    observer.disconnect();
    pad.leave();
  });
}
