// All test images as the network sees them, laid out flat: to be moved through like a map, with a star where the drawing lies.
// data: {
//   map: the address of the map (map_data.js), data: of the data set; network: the key by which live/bars.js knows the network, worker: the address
//   of place_worker.js,
//   star: [x, y] of what is looked at, or null; own: its numbers in the hidden layer, or null where a browser has no use for them,
//   classes, colours: of the ten; noun, article, inColour, side: of an image, axes: what is said at the edges, or [],
// }
// Says: pick, the number of a test image, once.

import { camera, gestures } from "./camera.js";
import { followDrawing, glidingStar } from "./live_star.js";
import { islands } from "./islands.js";
import { mapOf } from "./map_data.js";
import { drawThumbnail, showNeighbours, words } from "./neighbours.js";
import { isShown, paintAbove, paintImages, thumbnailSide } from "./painter.js";
import { place } from "./placement.js";

const NEAR = 5;
const SELF = 1e-3; // the square of a distance at which it is the image itself
const stages = new WeakMap(); // by element

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".star-map");
  const before = stages.get(root);
  if (before?.address === data.map && before.told.network === data.network) before.tell(data, setTriggerValue);
  else begin(root, data, setTriggerValue);
  return () => setTimeout(() => root.isConnected || stages.get(root)?.end());
}

function begin(root, data, setTriggerValue) {
  stages.get(root)?.end();
  const controller = new AbortController();
  const end = () => controller.abort();
  stages.set(root, { address: "", end });
  root.classList.remove("missing");
  root.classList.add("waiting");
  mapOf(data.map).then(
    (map) => {
      if (controller.signal.aborted) return;
      root.classList.remove("waiting");
      const stage = build(root, map, controller.signal, data);
      stages.set(root, Object.assign(stage, { address: data.map, end }));
      stage.tell(data, setTriggerValue);
    },
    () => root.classList.replace("waiting", "missing"),
  );
}

function build(root, found, signal, first) {
  const find = (name) => root.querySelector(name);
  const [below, above, tip] = [find(".images"), find(".above"), find(".tip")];
  const map = { ...found, islands: islands(found), wrong: found.labels.filter((label, i) => label !== found.predicted[i]).length };
  const anew = () => schedule(true);
  const view = camera(map.size, anew);
  const star = glidingStar(() => schedule(false));
  const me = { told: first, tell };
  let [near, only, frame, isStale] = [[], "", 0, true];
  /** @type {(number: number) => void} */
  let pick = () => {};
  let live = false; // is it the browser's own star?

  function tell(told, setTriggerValue) {
    me.told = told;
    pick = (number) => setTriggerValue("pick", number);
    const style = getComputedStyle(root);
    view.ink = style.getPropertyValue("--st-text-color") || "#000";
    view.paper = style.getPropertyValue("--st-background-color") || "#fff";
    view.ring = view.ink;
    view.font = style.fontFamily;
    const what = `Map of the ${map.count.toLocaleString("en")} test ${told.noun}s`;
    above.setAttribute("aria-label", `${what}. Arrow keys move, + and - come nearer and go back, Enter opens what is in the middle.`);
    root.querySelectorAll(".axis").forEach((one, i) => (one.textContent = told.axes[i] ?? ""));
    legend();
    if (!live) shownByPython();
    schedule(true);
  }

  // Of a test image, or of an image that was brought: what the browser cannot know by itself.
  function shownByPython() {
    const { star: at, own } = me.told;
    near = at && own && map.width ? place(map, Float32Array.from(own)).near : [];
    star.goTo(at);
    neighbours();
  }

  function neighbours() {
    near = near.filter(({ square }) => square > SELF).slice(0, NEAR);
    find(".near").hidden = !near.length;
    showNeighbours(find(".near"), map, me.told, near, view.ink, (number) => pick(number));
  }

  function legend() {
    const choose = (value) => {
      only = only === value ? "" : value;
      legend();
      schedule(true);
    };
    find(".legend").querySelectorAll("button").forEach((button) => {
      const label = button.dataset.only;
      if (label !== "wrong") button.style.setProperty("--colour", me.told.colours[label]);
      button.lastChild.textContent = label === "wrong" ? `${me.told.inColour ? "wrong" : "read wrongly"} (${map.wrong})` : me.told.classes[label];
      button.setAttribute("aria-pressed", `${only === label}`);
      button.onclick = () => choose(label);
    });
  }

  function schedule(stale) {
    isStale ||= stale;
    frame ||= requestAnimationFrame(paint);
  }

  function paint() {
    frame = 0;
    if (!below.isConnected) return;
    if (isStale) paintImages(pens[0], map, view, me.told, only, anew);
    isStale = false;
    paintAbove(pens[1], map, view, me.told, { at: star.at, near }, only);
    root.dataset.zoom = view.zoom.toFixed(2);
    below.style.touchAction = above.style.touchAction = view.zoom > 1 ? "none" : "pan-y";
  }

  // The image at a place on the screen; -1 where there is none.
  function imageAt(left, top) {
    const [x, y] = view.toMap(left, top);
    const reach = Math.max(9, 0.6 * thumbnailSide(map, view)) / view.scale;
    let [best, nearest] = [reach ** 2, -1];
    for (let i = 0; i < map.count; i++) {
      const square = (map.points[2 * i] - x) ** 2 + (map.points[2 * i + 1] - y) ** 2;
      if (square < best && isShown(map, only, i)) [best, nearest] = [square, i];
    }
    return nearest;
  }

  function point(left = -1, top = -1) {
    const i = left < 0 ? -1 : imageAt(left, top);
    above.style.cursor = i < 0 ? "grab" : "pointer";
    tip.hidden = i < 0;
    if (i < 0) return;
    tip.querySelector("span").textContent = words(map, me.told, i);
    drawThumbnail(tip.querySelector("canvas"), map, me.told, i, view.ink);
    const [x, y] = view.toScreen(map.points[2 * i], map.points[2 * i + 1]);
    tip.style.left = `${Math.max(0, Math.min(view.width - 150, x - 75))}px`;
    tip.style.top = `${y > view.height / 2 ? y - 120 : y + 22}px`;
  }

  const pens = [below, above].map((canvas) => canvas.getContext("2d"));
  const sized = new ResizeObserver(() => {
    const [width, height, sharp] = [below.clientWidth, below.clientHeight, Math.min(2, devicePixelRatio)];
    for (const canvas of [below, above]) [canvas.width, canvas.height] = [width * sharp, height * sharp];
    for (const pen of pens) pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    if (width) view.resize(width, height);
  });
  sized.observe(below);
  signal.addEventListener("abort", () => sized.disconnect());

  gestures(above, view, signal, (left, top) => {
    const i = imageAt(left, top);
    if (i >= 0) pick(i);
  }, point);
  find(".in").onclick = () => view.zoomBy(1.8);
  find(".out").onclick = () => view.zoomBy(1 / 1.8);
  find(".whole").onclick = () => view.look(0, 0, 1);
  find(".to-star").onclick = () => star.at && view.look(...star.at, Math.max(view.zoom, 7));
  /** @param {number[]} at */
  const outside = ([x, y]) => x < 20 || y < 20 || x > view.width - 20 || y > view.height - 20;
  followDrawing(
    map,
    first,
    signal,
    () => 0,
    (now) => {
      live = true;
      near = now.near;
      star.goTo(now.at);
      if (outside(view.toScreen(...now.at))) view.look(...now.at);
      neighbours();
    },
    () => {
      live = false;
      shownByPython();
    },
  );
  return me;
}
