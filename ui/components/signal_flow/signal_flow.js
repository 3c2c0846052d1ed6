// A network from left to right on one screen, or from top to bottom on a phone.
// data: what `data` of ui/components/signal_flow/__init__.py returns. Says what feature_maps says.

import { attend, freshSheets } from "../feature_maps/attend.js";
import { isDark } from "../feature_maps/colours.js";
import { close, inspect, inspector } from "../feature_maps/inspector.js";
import { begun, current, kept, send, signature } from "../feature_maps/view.js";
import { make } from "../feature_maps/words.js";
import { drawColumns, makeColumns, measure } from "./columns.js";
import { light } from "./light.js";
import { linkUp } from "./links.js";
import { endPlaying, PLAY, play, stopPlaying } from "./play.js";
import { drawRun, runBox, stopRun } from "./window_run.js";

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const net = parentElement.querySelector(".net");
  const own = (net.own ??= { view: { layer: null, map: 0, at: null, opened: [], topActivations: false }, sheets: {} });
  Object.assign(own, { data, setStateValue, setTriggerValue });
  if (own.signature !== signature(data)) setUp(net, own);
  own.dark = isDark(net);
  own.update = (own.update ?? 0) + 1;
  showFlow(net, own, own.update);
  const end = attend(net, own, { layOut: resize, refresh: showFlow });
  return () => {
    end();
    stopAll(own);
  };
}

function stopAll(own) {
  stopPlaying(own);
  stopRun(own);
}

function setUp(net, own) {
  stopAll(own);
  own.shown = "";
  own.signature = signature(own.data);
  own.sheets = {};
  own.view = kept[own.signature] ?? begun(own);
  if (own.view.layer !== null || own.view.opened.length) setTimeout(() => send(own));
  const bar = make("div", "flow-bar");
  own.playButton = make("button", "flow-play", PLAY);
  own.playButton.onclick = () => (own.playing ? endPlaying(own) : play(own));
  own.layOut = () => resize(net, own);
  own.hint = make("p", "flow-hint");
  own.hint.setAttribute("aria-live", "polite");
  bar.append(own.playButton, own.hint);
  own.scroll = make("div", "flow-scroll");
  own.scroll.onscroll = () => fade(own);
  own.stage = make("div", "flow-stage");
  own.stage.setAttribute("role", "group");
  own.links = make("canvas", "flow-links");
  own.columns = makeColumns(net, own);
  own.stage.append(own.links, ...own.columns.map((column) => column.box));
  own.scroll.append(own.stage);
  const panel = make("div", "flow-panel");
  own.run = runBox(own);
  own.panel = panel;
  own.rows = own.data.layers.map(() => ({ box: panel, body: panel }));
  own.inspector = inspector(net, own);
  net.replaceChildren(bar, own.scroll, panel);
  net.onkeydown = (event) => {
    if (event.key === "Escape" && own.view.layer !== null && !own.inspector.contains(event.composedPath()[0])) close(net, own);
  };
}

async function showFlow(net, own, update) {
  const { flow } = own.data;
  const further = {};
  for (const column of flow.columns) if (column.sprite) further[`column ${column.layer}`] = column;
  if (flow.run?.sprite) further.run = flow.run;
  if (!(await freshSheets(own, update, further))) return;
  // What moves goes on where only the panel has changed.
  const shown = JSON.stringify([own.data.input.sprite, own.dark, own.view.opened, flow.columns, flow.answers]);
  if (own.shown !== shown) {
    own.shown = shown;
    stopPlaying(own);
    own.width = own.size = 0;
    net.classList.toggle("flow-dark", own.dark);
    drawColumns(net, own);
  }
  resize(net, own);
  light(own);
  inspect(net, own);
  drawRun(own);
  if (current(own) || own.view.layer === null) own.panel.style.minHeight = "";
  if (own.opens && current(own)) intoView(own);
}

// The panel of a map that was clicked on, where hardly any of it can be seen.
function intoView(own) {
  own.opens = false;
  if (own.panel.getBoundingClientRect().top < window.innerHeight - 240) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  own.panel.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function resize(net, own) {
  const room = net.clientWidth;
  if (room <= 0 || own.playing || !own.columns[0].shown.length) return; // or nothing is there yet
  const size = () => `${room} x ${own.stage.offsetHeight}`; // which a font that comes late changes, too
  if (own.size === size()) return;
  if (own.width !== room) measure(own, (own.width = room));
  own.size = size();
  linkUp(own);
  light(own);
  fade(own);
}

// Where the image goes on beyond the edge it fades there.
function fade(own) {
  const { scrollLeft, scrollWidth, clientWidth } = own.scroll;
  own.scroll.classList.toggle("flow-before", scrollLeft > 8);
  own.scroll.classList.toggle("flow-beyond", scrollWidth - clientWidth - scrollLeft > 8);
}
