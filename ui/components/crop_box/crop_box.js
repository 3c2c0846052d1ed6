// An image, in orange what was taken for ink in it, and a box that can be moved and resized.
// data: {
//   image: data URL of what was brought, aspect: its width / height,
//   ink: data URL of a PNG whose opacity is the ink, or "", inkAt: [left, top, width, height] of it,
//   box: [left, top, width, height], all fractions of the image's width and height, turn: counts what Python has set,
// }
// Sends: box, the same four numbers, when the pointer lets go or a key has moved it.

import { isPlain } from "../plain_key.js";

const LEAST = 0.04; // of the image's width and height: a smaller box cannot be taken hold of
const STEP = 0.02; // of an arrow key
const PAUSE = 500; // milliseconds after the last arrow key

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const place = (element, [left, top, width, height]) =>
  Object.assign(element.style, {
    left: `${100 * left}%`,
    top: `${100 * top}%`,
    width: `${100 * width}%`,
    height: `${100 * height}%`,
  });

const moved = ([left, top, width, height], dx, dy) => [
  clamp(left + dx, 0, 1 - width),
  clamp(top + dy, 0, 1 - height),
  width,
  height,
];

// corner: two letters, t or b and l or r.
const resized = ([left, top, width, height], corner, dx, dy) => {
  let [right, bottom] = [left + width, top + height];
  if (corner[1] === "l") left = clamp(left + dx, 0, right - LEAST);
  else right = clamp(right + dx, left + LEAST, 1);
  if (corner[0] === "t") top = clamp(top + dy, 0, bottom - LEAST);
  else bottom = clamp(bottom + dy, top + LEAST, 1);
  return [left, top, right - left, bottom - top];
};

const changed = (box, part, dx, dy) =>
  part.dataset.corner ? resized(box, part.dataset.corner, dx, dy) : moved(box, dx, dy);

const words = (box) => {
  const [left, top, width, height] = box.map((n) => Math.round(100 * n));
  return `Box: ${left}% from the left, ${top}% from the top, ${width}% wide, ${height}% high`;
};

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default function ({ parentElement, data, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame");
  const [box, hole] = [frame.querySelector(".box"), frame.querySelector(".veil div")];
  const status = parentElement.querySelector("[role=status]");
  const [image, ink] = [frame.querySelector("img"), frame.querySelector(".ink")];
  frame.style.setProperty("--aspect", data.aspect);
  if (image.src !== data.image) image.src = data.image;
  ink.style.setProperty("--ink", data.ink ? `url(${data.ink})` : "none");
  ink.hidden = !data.ink;
  if (data.ink) place(ink, data.inkAt);

  const show = (now) => {
    frame.now = now;
    place(box, now);
    place(hole, now);
  };
  // While someone holds the box, an answer to an earlier place of it does not move it.
  if (frame.turn !== data.turn && !frame.held) show(data.box);
  frame.turn = data.turn;

  const send = () => {
    clearTimeout(frame.wait);
    status.textContent = words(frame.now);
    setTriggerValue("box", frame.now);
  };

  frame.onpointerdown = (event) => {
    const part = event.target.closest("button");
    if (!part || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault(); // of the image's own dragging, and of scrolling
    part.focus({ preventScroll: true });
    part.setPointerCapture(event.pointerId);
    frame.held = { id: event.pointerId, part, x: event.clientX, y: event.clientY, box: frame.now };
  };
  frame.onpointermove = (event) => {
    const held = frame.held;
    if (held?.id !== event.pointerId) return;
    const { width, height } = frame.getBoundingClientRect();
    show(changed(held.box, held.part, (event.clientX - held.x) / width, (event.clientY - held.y) / height));
  };
  frame.onpointerup = (event) => {
    const held = frame.held;
    if (held?.id !== event.pointerId) return;
    frame.held = null;
    if (String(held.box) !== String(frame.now)) send();
  };
  frame.onpointercancel = () => {
    if (frame.held) show(frame.held.box);
    frame.held = null;
  };
  frame.onkeydown = (event) => {
    const part = event.target.closest("button");
    const arrow = ARROWS[event.key];
    if (!part || !arrow || !isPlain(event)) return;
    event.preventDefault();
    const step = event.shiftKey ? STEP / 4 : STEP;
    show(changed(frame.now, part, step * arrow[0], step * arrow[1]));
    clearTimeout(frame.wait);
    frame.wait = setTimeout(send, PAUSE);
  };
  return () => clearTimeout(frame.wait);
}
