// All layers of a network: every map in small, one of them in large, and how its numbers were made.
// data: what `data` of ui/components/feature_maps/__init__.py returns.
// Says: view {layer, map, at: [row, column] or null, opened: [layers], topActivations}, and look: a test digit.

import { isDark } from "./colours.js";
import { inspect, inspector } from "./inspector.js";
import { layOut, section, showLayers } from "./layers.js";
import { drawSoftmax, softmaxBox } from "./softmax.js";
import { colour } from "./sprites.js";
import { kept, send, signature } from "./view.js";

const POLL = 900; // milliseconds until we ask again how far a search is

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const net = parentElement.querySelector(".net");
  const own = (net.own ??= { view: { layer: null, map: 0, at: null, opened: [], topActivations: false }, sheets: {} });
  Object.assign(own, { data, setStateValue, setTriggerValue });
  if (own.signature !== signature(data)) build(net, own);
  own.dark = isDark(net);
  own.update = (own.update ?? 0) + 1;
  refresh(net, own, own.update);

  const observer = new ResizeObserver(() => layOut(net, own));
  observer.observe(net);
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => setTimeout(() => {
    own.dark = isDark(net);
    own.sheets = {};
    refresh(net, own, ++own.update);
  }, 300);
  scheme.addEventListener("change", recolour);
  let pressed = false;
  const watch = new AbortController();
  const listening = { capture: true, signal: watch.signal };
  window.addEventListener("pointerdown", () => (pressed = true), listening);
  window.addEventListener("pointerup", () => (pressed = false), listening);
  window.addEventListener("pointercancel", () => (pressed = false), listening);
  const search = data.chosen?.topActivations;
  // Asked again and again while it works; not while somebody draws.
  const timer = search?.total ? setInterval(() => pressed || setTriggerValue("poll", Date.now()), POLL) : 0;
  return () => {
    observer.disconnect();
    scheme.removeEventListener("change", recolour);
    watch.abort();
    clearInterval(timer);
  };
}

function build(net, own) {
  own.signature = signature(own.data);
  own.sheets = {};
  own.view = kept[own.signature] ?? { layer: null, map: 0, at: null, opened: [], topActivations: own.view.topActivations };
  if (own.view.layer !== null || own.view.opened.length) setTimeout(() => send(own));
  own.rows = own.data.layers.map((layer, n) => section(net, own, layer, n));
  own.inspector = inspector(net, own);
  net.replaceChildren(...own.rows.map((row) => row.box), softmaxBox(own));
}

async function refresh(net, own, update) {
  const { data } = own;
  const fresh = async (key, sprite) => {
    const known = own.sheets[key];
    if (known?.url === sprite.sprite && known.signed === sprite.signed && known.dark === own.dark) return;
    const sheet = await colour(sprite, own.dark);
    if (own.update === update) own.sheets[key] = { sheet, url: sprite.sprite, signed: sprite.signed, dark: own.dark };
  };
  const work = [fresh("input", data.input)];
  data.layers.forEach((layer, n) => {
    if (layer.sprite) work.push(fresh(n, layer));
    if (layer.kernels) work.push(fresh(`kernels ${n}`, layer.kernels));
  });
  const { chosen } = data;
  if (chosen?.weights) work.push(fresh("weights", chosen.weights));
  if (chosen?.topActivations?.sprite) work.push(fresh("topActivations", chosen.topActivations));
  await Promise.all(work);
  if (own.update !== update) return;
  showLayers(own);
  drawSoftmax(own);
  own.width = 0;
  layOut(net, own);
  inspect(net, own);
}
