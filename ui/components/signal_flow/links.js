// The lines between maps and those that feed them: where they lie, and drawing them.
// Thickness is a source's fraction of all that is added to the target's largest number; the colour is its sign.

const THICK = 7; // pixels of a line that is all there is
const AT_REST = 3; // lines into each map that are drawn while none is looked at

/**
 * @typedef {object} Link
 * @property {number} gap the column it leads to
 * @property {any} source a button
 * @property {any} target a button
 * @property {number} fraction -1..1
 * @property {number} rank among those of its target, from 0
 * @property {number[]} curve x and y of its ends and of the two points that bend it
 */

// Find all lines between what is shown, and make the canvas as large as the image.
export function linkUp(own) {
  const { stage, links } = own;
  links.style.width = links.style.height = "0"; // or it would be what makes the stage so large
  const [width, height] = [stage.scrollWidth, stage.scrollHeight];
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  [links.width, links.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  Object.assign(links.style, { width: `${width}px`, height: `${height}px` });
  links.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(stage);
  own.signs = [style.getPropertyValue("--plus").trim(), style.getPropertyValue("--minus").trim()];
  own.lines = own.columns.slice(1).flatMap((column) => into(own, column));
  own.from = new Map();
  own.to = new Map();
  for (const link of own.lines) {
    own.from.set(link.source, [...(own.from.get(link.source) ?? []), link]);
    own.to.set(link.target, [...(own.to.get(link.target) ?? []), link]);
  }
}

// The column of a layer, -1 for the image's.
export const columnOf = (own, layer) => own.columns.find(({ said }) => (said?.layer ?? -1) === layer);

function into(own, column) {
  const feeding = column.said.from.map((layer) => columnOf(own, layer));
  const sources = feeding.map((before) => new Map((before.said?.maps ?? [0]).map((map, n) => [map, before.shown[n]])));
  const found = [];
  column.shown.forEach((target, n) => {
    let rank = 0;
    for (const [map, fraction, which = 0] of column.said.feeds[n]) {
      const source = sources[which].get(map);
      if (source) found.push({ gap: column.place, source, target, fraction, rank: rank++, curve: curve(own, source, target) });
    }
  });
  return found;
}

function curve(own, source, target) {
  const [a, b] = [source, target].map((node) => ({ x: node.offsetLeft, y: node.offsetTop, width: node.offsetWidth, height: node.offsetHeight }));
  if (own.turned) {
    const [x0, y0, x1, y1] = [a.x + a.width / 2, a.y + a.height, b.x + b.width / 2, b.y];
    return [x0, y0, x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, x1, y1];
  }
  const [x0, y0, x1, y1] = [a.x + a.width, a.y + a.height / 2, b.x, b.y + b.height / 2];
  return [x0, y0, (x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1];
}

// The point of a line at t, 0..1: a cubic Bezier curve.
export function along([x0, y0, x1, y1, x2, y2, x3, y3], t) {
  const [a, b, c, d] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
  return [a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3];
}

// One of few sources is no broad band: a line's thickness says how much of many it is.
const thickness = (own, link) => {
  const few = own.columns[link.gap].said.sources === 1 || Math.abs(link.fraction) > 0.999;
  return few ? 1.75 : 0.75 + THICK * Math.abs(link.fraction);
};

/**
 * @param {CanvasRenderingContext2D} context
 * @param {any} own
 * @param {(link: Link) => number} opacity of each line, 0 for none
 */
export function drawLinks(context, own, opacity) {
  context.lineCap = "round";
  for (const link of own.lines) {
    const alpha = opacity(link);
    if (!alpha) continue;
    const [x0, y0, x1, y1, x2, y2, x3, y3] = link.curve;
    context.globalAlpha = alpha;
    context.strokeStyle = own.signs[link.fraction < 0 ? 1 : 0];
    context.lineWidth = thickness(own, link);
    context.beginPath();
    context.moveTo(x0, y0);
    context.bezierCurveTo(x1, y1, x2, y2, x3, y3);
    context.stroke();
  }
  context.globalAlpha = 1;
}

export const atRest = (link) => (link.rank < AT_REST ? 0.16 + 0.3 * Math.abs(link.fraction) : 0);
export const atPlay = (link) => (link.rank < AT_REST ? 0.35 + 0.5 * Math.abs(link.fraction) : 0);

export function clearLinks(own) {
  const context = own.links.getContext("2d");
  context.clearRect(0, 0, own.links.width, own.links.height);
  return context;
}
