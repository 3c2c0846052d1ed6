// All layers of a network: every map in small, one of them in large, and how its numbers were made.
// data: what `data` of ui/components/feature_maps/__init__.py returns.
// Says: view {layer, map, at: [row, column] or null, opened: [layers], topActivations}, and look: a test digit.

import { markTerms } from "../term_notes/mark_terms.js";
import { attend, freshSheets } from "./attend.js";
import { isDark } from "./colours.js";
import { inspect, inspector } from "./inspector.js";
import { layOut, section, showLayers } from "./layers.js";
import { drawSoftmax, softmaxBox } from "./softmax.js";
import { begun, kept, send, signature } from "./view.js";

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const net = parentElement.querySelector(".net");
  const own = (net.own ??= { view: { layer: null, map: 0, at: null, opened: [], topActivations: false }, sheets: {} });
  Object.assign(own, { data, setStateValue, setTriggerValue });
  if (own.signature !== signature(data)) build(net, own);
  own.dark = isDark(net);
  own.update = (own.update ?? 0) + 1;
  refresh(net, own, own.update);
  return attend(net, own, { layOut, refresh });
}

function build(net, own) {
  own.signature = signature(own.data);
  own.sheets = {};
  own.view = kept[own.signature] ?? begun(own);
  if (own.view.layer !== null || own.view.opened.length) setTimeout(() => send(own));
  own.rows = own.data.layers.map((layer, n) => section(net, own, layer, n));
  own.inspector = inspector(net, own);
  net.replaceChildren(...own.rows.map((row) => row.box), softmaxBox(own));
  markTerms(net); // the maps come later
}

async function refresh(net, own, update) {
  if (!(await freshSheets(own, update))) return;
  showLayers(own);
  drawSoftmax(own);
  own.width = 0;
  layOut(net, own);
  inspect(net, own);
}
