// The map in small, with the star of this drawing, on the button that leads to the map (ui/sections/ways_on.py). It moves
// with the pen.
// data: {map: the address of the map (map_data.js), network: the key by which live/bars.js knows it, colours: of the classes,
// worker: the address of place_worker.js}

import { drawStar, followDrawing, glidingStar } from "./live_star.js";
import { mapOf } from "./map_data.js";

const WIDE = 144; // pixels of the image, whatever it is shown in
const BUTTON = ".st-key-on-to-map_of_digits button";
const PAUSE = 125; // milliseconds between two places while the pen is down: the star glides from one to the next
const AGAIN = [150, 600]; // milliseconds: the button comes with Python's answer
let stopSmall = () => {};

export default function ({ data }) {
  stopSmall();
  const controller = new AbortController();
  stopSmall = () => controller.abort();
  // Fetched with the first ink: whoever looks around need not load it.
  const first = ({ detail }) => {
    if (!detail.ink) return;
    window.removeEventListener("digit-lab-shown", first);
    mapOf(data.map).then((map) => controller.signal.aborted || follow(map, data, controller.signal), () => {});
  };
  window.addEventListener("digit-lab-shown", first, { signal: controller.signal });
  window.dispatchEvent(new Event("digit-lab-show-again"));
  return () => controller.abort();
}

function follow(map, data, signal) {
  const dots = paintDots(map, data.colours);
  const star = glidingStar(() => paintSmall(dots, map, star.at));
  followDrawing(
    map,
    data,
    signal,
    () => (document.querySelector(BUTTON) ? PAUSE : Infinity), // what is not shown is placed when the pen is lifted
    ({ at }) => {
      star.goTo(at);
      for (const wait of AGAIN) setTimeout(() => signal.aborted || paintSmall(dots, map, star.at), wait);
    },
    () => star.goTo(null),
  );
}

// From the map to the image: its longer side fills it.
function ofImage({ left, right, low, high }) {
  const scale = (WIDE - 8) / Math.max(right - left, high - low, 1e-9);
  return ([x, y]) => [WIDE / 2 + (x - (left + right) / 2) * scale, WIDE / 2 - (y - (low + high) / 2) * scale];
}

function paintDots(map, colours) {
  const made = document.createElement("canvas");
  made.width = made.height = WIDE;
  const pen = made.getContext("2d");
  const toImage = ofImage(map.size);
  pen.globalAlpha = 0.55;
  for (let i = 0; i < map.count; i++) {
    const [x, y] = toImage([map.points[2 * i], map.points[2 * i + 1]]);
    pen.fillStyle = colours[map.labels[i]];
    pen.fillRect(x - 0.9, y - 0.9, 1.8, 1.8);
  }
  return made;
}

function paintSmall(dots, map, at) {
  const button = document.querySelector(BUTTON);
  if (!button || !at) return;
  const canvas = button.querySelector("canvas") ?? button.appendChild(document.createElement("canvas"));
  if (canvas.width !== WIDE) {
    Object.assign(canvas, { className: "dl-live-thumb", width: WIDE, height: WIDE });
    canvas.setAttribute("aria-hidden", "true");
  }
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, WIDE, WIDE);
  pen.drawImage(dots, 0, 0);
  const [x, y] = ofImage(map.size)(at);
  drawStar(pen, x, y, 22);
}
