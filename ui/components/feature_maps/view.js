// What is looked at: said to Python, and kept.

export const signature = (data) => JSON.stringify([data.network, data.layers.map((l) => [l.title, l.shape, l.about])]);

// What is looked at, by signature: it outlives an empty canvas, which takes this part off the page, and not this script.
export const kept = {};

// What is looked at first: nothing, or what a link has asked for.
export function begun({ data: { begin }, view: { topActivations } }) {
  return { layer: begin?.[0] ?? null, map: begin?.[1] ?? 0, at: null, opened: [], topActivations };
}

export function send(own) {
  kept[own.signature] = own.view;
  own.setStateValue("view", { ...own.view });
}

// What was sent for the map that is looked at now; null while it is on its way.
export function current(own) {
  const { chosen } = own.data;
  return chosen && chosen.layer === own.view.layer && chosen.map === own.view.map ? chosen : null;
}

// The number that is explained: what was clicked on, else the largest.
export const spot = (own) => own.view.at ?? current(own)?.at ?? null;
