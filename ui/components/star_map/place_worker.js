// Where a drawing lies on the map, in a thread of its own, so that the bars wait for nothing. placer.js starts it;
// ui/map_routes.py serves it, with `begin(self)` at its end.
// Hears {network: bytes, map} once, then {ink, ...}; says {found, ...}, see placeInk.

import { unpack } from "../live/network.js";
import { placeInk } from "./placement.js";

export default function begin(scope) {
  let [network, map] = [null, null];
  scope.onmessage = ({ data: { ink, ...asked } }) => {
    if (ink) scope.postMessage({ ...asked, found: placeInk(network, map, ink) });
    else [network, map] = [unpack(asked.network), asked.map];
  };
}
