// The arrow keys draw, while the canvas has the focus.

import { isPlain } from "../plain_key.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEY_STEP = 8; // pixels of the canvas for an arrow key; with Shift a quarter

// pen, and what it can do: see pen.js.
export function followKeys(listen, pen, { part, begin, go, end, extent }) {
  const keyDown = (event) => {
    const canvas = part(".canvas-root");
    if (!canvas || event.composedPath()[0] !== canvas || !isPlain(event)) return;
    if (event.key === " ") {
      if (!event.repeat) press();
    } else if (event.key in ARROWS) {
      pen.arrows.add(event.key);
      walk(event.shiftKey ? KEY_STEP / 4 : KEY_STEP);
    } else return;
    event.preventDefault();
  };

  const keyUp = (event) => {
    pen.arrows.delete(event.key);
    if (event.key === " " && pen.pressed && pen.pressed === pen.stroke && extent(pen.stroke) > 0) end(); // Space was held
    if (event.key === " ") pen.pressed = null;
  };

  // Space puts the pen down, and lifts it.
  const press = () => {
    pen.at ??= { x: pen.side / 2, y: pen.side / 2 };
    if (pen.stroke?.kind === "keys") return end();
    if (pen.stroke) end();
    begin("keys", null, pen.at);
    pen.pressed = pen.stroke;
  };

  const walk = (step) => {
    const within = (n) => Math.min(Math.max(n, 0), pen.side);
    const sum = (axis) => [...pen.arrows].reduce((total, key) => total + ARROWS[key][axis], 0);
    const { x, y } = pen.at ?? { x: pen.side / 2, y: pen.side / 2 };
    pen.at = { x: within(x + step * sum(0)), y: within(y + step * sum(1)) };
    Object.assign(part(".pen").style, { left: `${(100 * pen.at.x) / pen.side}%`, top: `${(100 * pen.at.y) / pen.side}%` });
    if (pen.stroke?.kind === "keys") go(pen.at, false);
  };

  listen("keydown", keyDown, true);
  listen("keyup", keyUp, true);
  listen("blur", () => pen.arrows.clear());
}
