// What part of the map is seen, and how hands move it: a wheel, a pinch, a drag, keys. Coordinates of the map go up.

import { isPlain } from "../plain_key.js";

const MOST = 60; // times as large as the whole
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// size: {left, right, low, high} of the map. onChange: after each change.
export function camera(size, onChange) {
  const me = { width: 1, height: 1, x: (size.left + size.right) / 2, y: (size.low + size.high) / 2, zoom: 1, scale: 1 };

  const whole = () => 0.92 * Math.min(me.width / (size.right - size.left || 1), me.height / (size.high - size.low || 1));
  const settle = () => {
    me.zoom = Math.max(1, Math.min(MOST, me.zoom));
    me.scale = me.zoom * whole();
    me.x = Math.max(size.left, Math.min(size.right, me.x));
    me.y = Math.max(size.low, Math.min(size.high, me.y));
    if (me.zoom === 1) [me.x, me.y] = [(size.left + size.right) / 2, (size.low + size.high) / 2];
    onChange();
  };
  const toScreen = (x, y) => [(x - me.x) * me.scale + me.width / 2, me.height / 2 - (y - me.y) * me.scale];
  const toMap = (left, top) => [(left - me.width / 2) / me.scale + me.x, (me.height / 2 - top) / me.scale + me.y];

  const resize = (width, height) => {
    [me.width, me.height] = [width, height];
    settle();
  };
  // Around a place on the screen, which stays where it is.
  const zoomBy = (factor, left = me.width / 2, top = me.height / 2) => {
    const [x, y] = toMap(left, top);
    me.zoom = Math.max(1, Math.min(MOST, me.zoom * factor));
    me.scale = me.zoom * whole();
    me.x = x - (left - me.width / 2) / me.scale;
    me.y = y + (top - me.height / 2) / me.scale;
    settle();
  };
  const moveBy = (dx, dy) => {
    me.x -= dx / me.scale;
    me.y += dy / me.scale;
    settle();
  };
  const look = (x, y, zoom = me.zoom) => {
    [me.x, me.y, me.zoom] = [x, y, zoom];
    settle();
  };
  return Object.assign(me, { toScreen, toMap, resize, zoomBy, moveBy, look });
}

// view: a camera; signal: when it ends. onPick(left, top): a click or a tap; onPoint(left, top) or onPoint(): a mouse over it, or none.
export function gestures(element, view, signal, onPick, onPoint) {
  const fingers = new Map();
  let moved = 0;
  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const spread = () => {
    const [[x1, y1], [x2, y2]] = [...fingers.values()];
    return { far: Math.hypot(x1 - x2, y1 - y2), x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
  };

  element.onpointerdown = (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    if (!fingers.size) moved = 0;
    fingers.set(event.pointerId, at(event));
  };
  element.onpointermove = (event) => {
    const now = at(event);
    const before = fingers.get(event.pointerId);
    if (!before) return onPoint(...now);
    const wide = fingers.size === 2 ? spread() : null;
    fingers.set(event.pointerId, now);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (wide) {
      const after = spread();
      view.zoomBy(after.far / (wide.far || 1), after.x, after.y);
      view.moveBy(after.x - wide.x, after.y - wide.y);
    } else if (fingers.size === 1) view.moveBy(now[0] - before[0], now[1] - before[1]);
  };
  element.onpointerup = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (!fingers.size && moved < 6) onPick(...at(event));
  };
  element.onpointercancel = (event) => fingers.delete(event.pointerId);
  element.onpointerleave = () => onPoint();
  // Where it is whole already, the page scrolls on.
  element.addEventListener(
    "wheel",
    (event) => {
      if (view.zoom === 1 && event.deltaY > 0) return;
      event.preventDefault();
      view.zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), ...at(event));
    },
    { passive: false, signal },
  );
  element.onkeydown = (event) => {
    if (!isPlain(event)) return;
    const [dx, dy] = KEYS[event.key] ?? [0, 0];
    if (dx || dy) view.moveBy(-dx * 60, dy * 60);
    else if (event.key === "+" || event.key === "=") view.zoomBy(1.5);
    else if (event.key === "-") view.zoomBy(1 / 1.5);
    else if (event.key === "0") view.look(0, 0, 1);
    else if (event.key === "Enter") onPick(view.width / 2, view.height / 2);
    else return;
    event.preventDefault();
  };
}
