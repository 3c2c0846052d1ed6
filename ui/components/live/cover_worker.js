// What takes longer than a frame, in a thread of its own, so that the bars wait for nothing: which ink decided, and what
// the first layer makes of it. cover_client.js starts it, and says `begin(self)`.
// Hears {network: bytes} and {id, key, ink, at, finest}; says {id, key, ink, at, maps, least, outputs, places, found, step},
// see heat.js: first of every COARSE pixels, and of every `finest`, where those are fewer, as soon as nothing new has been
// asked for REST milliseconds.

import { COARSE, coverer, inkedPlaces } from "./cover.js";
import { unpack } from "./network.js";
import { strongestMap } from "./strongest_map.js";

const REST = 150; // Python's answer comes first
const SLICE = 8; // milliseconds, after which it hears whether something else is asked
const KEPT = 4; // networks
const WARM_UPS = 4; // the browser compiles what has run some times

export default function begin(scope) {
  const networks = new Map();
  let asked = null;
  let isAtWork = false;

  const keep = (bytes) => {
    const network = unpack(bytes);
    networks.set(network.header.key, network);
    if (networks.size > KEPT) networks.delete(networks.keys().next().value);
    const { size } = network.header.ink;
    const line = Float32Array.from({ length: size * size }, (_, i) => Number(Math.abs((i % size) - i / size) < 2));
    for (let n = 0; n < WARM_UPS; n++) look(network, { ink: line });
  };
  const work = async () => {
    isAtWork = true;
    while (asked && networks.has(asked.key)) {
      const mine = asked;
      const network = networks.get(mine.key);
      const seen = look(network, mine);
      scope.postMessage(seen.told);
      if (mine.finest < COARSE) await later(REST);
      if (asked === mine && mine.finest < COARSE) await lookClosely(network, mine, seen, scope, () => asked === mine);
      if (asked === mine) asked = null;
    }
    isAtWork = false;
  };
  scope.onmessage = ({ data }) => {
    if (data.network) keep(data.network);
    else asked = data;
    if (asked === data) waiting?.();
    if (!isAtWork) work();
  };
}

let waiting = null; // ends the wait

const later = (milliseconds) =>
  new Promise((/** @type {(value?: unknown) => void} */ go) => {
    const timer = setTimeout(go, milliseconds);
    waiting = () => (clearTimeout(timer), go());
  });

function look(network, { id = 0, key = "", ink, at = 0 }) {
  const { size } = network.header.ink;
  const { outputs, covered } = coverer(network, ink, size);
  const maps = strongestMap(network);
  const places = inkedPlaces(ink, size, COARSE);
  const found = places.map(covered);
  const least = network.header.rules.leastDigit;
  return { covered, told: { id, key, ink, at, maps, least, outputs, places, found, step: COARSE } };
}

async function lookClosely({ header }, mine, { covered, told }, scope, isWanted) {
  const known = new Map(told.places.map((place, n) => [place, told.found[n]]));
  const places = inkedPlaces(mine.ink, header.ink.size, mine.finest);
  let until = performance.now() + SLICE;
  for (const place of places) {
    if (!known.has(place)) known.set(place, covered(place));
    if (performance.now() < until) continue;
    await later(0);
    if (!isWanted()) return;
    until = performance.now() + SLICE;
  }
  scope.postMessage({ ...told, places, found: places.map((place) => known.get(place)), step: mine.finest });
}
