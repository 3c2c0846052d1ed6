// What views of a network do around their images: colour these, and notice what changes them from outside.

import { isDark } from "./colours.js";
import { colour } from "./sprites.js";

const POLL = 900; // milliseconds until we ask again how far a search is

/**
 * Colour what was sent and is not coloured yet; false where other data came meanwhile.
 * @param {any} own
 * @param {number} update which of the data it is for
 * @param {Object<string, any>} further sprites by name, besides those of the layers and of what is chosen
 */
export async function freshSheets(own, update, further = {}) {
  const { data } = own;
  const fresh = async (key, sprite) => {
    const known = own.sheets[key];
    if (known?.url === sprite.sprite && known.signed === sprite.signed && known.dark === own.dark) return;
    const sheet = await colour(sprite, own.dark);
    if (own.update === update) own.sheets[key] = { sheet, url: sprite.sprite, signed: sprite.signed, dark: own.dark };
  };
  const work = [fresh("input", data.input), ...Object.entries(further).map(([key, sprite]) => fresh(key, sprite))];
  data.layers.forEach((layer, n) => {
    if (layer.sprite) work.push(fresh(n, layer));
    if (layer.kernels) work.push(fresh(`kernels ${n}`, layer.kernels));
  });
  const { chosen } = data;
  if (chosen?.weights) work.push(fresh("weights", chosen.weights));
  if (chosen?.topActivations?.sprite) work.push(fresh("topActivations", chosen.topActivations));
  await Promise.all(work);
  return own.update === update;
}

// Lay out again at another width, show again in other colours, ask again while a search works; returns its end.
// Called at each change of the data, while Streamlit calls that end when the component leaves, and not before.
export function attend(net, own, { layOut, refresh }) {
  own.ends?.();
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
  const search = own.data.chosen?.topActivations;
  // Asked again and again while it works; not while somebody draws.
  const timer = search?.total ? setInterval(() => pressed || own.setTriggerValue("poll", Date.now()), POLL) : 0;
  return (own.ends = () => {
    observer.disconnect();
    scheme.removeEventListener("change", recolour);
    watch.abort();
    clearInterval(timer);
  });
}
