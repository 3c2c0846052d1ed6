// Where the drawing lies while the pen moves: for the large map and for the small one.

import { inTurn } from "../live/turns.js";
import { placer } from "./placer.js";

const GLIDE = 70; // milliseconds in which the star comes two thirds nearer to where it belongs

const mapIsCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// A star that glides. onMove: after each change; at: [x, y] on the map, or null.
export function glidingStar(onMove) {
  let target = null;
  let frame = 0;
  let then = 0;
  const me = { at: null, goTo };

  function goTo(next) {
    target = next;
    if (!next || !me.at || mapIsCalm()) {
      me.at = next;
      onMove();
    } else if (!frame) {
      then = performance.now();
      frame = requestAnimationFrame(glide);
    }
  }

  function glide(now) {
    frame = 0;
    if (!target || !me.at) return;
    const part = 1 - Math.exp(-Math.max(0, now - then) / GLIDE);
    then = now;
    const [dx, dy] = [target[0] - me.at[0], target[1] - me.at[1]];
    const isThere = Math.hypot(dx, dy) < 0.02;
    me.at = isThere ? target : [me.at[0] + part * dx, me.at[1] + part * dy];
    onMove();
    if (!isThere) frame = requestAnimationFrame(glide);
  }
  return me;
}

// What live/bars.js shows now, placed: onPlace({at, near, moving}) for ink that this network reads; onNothing() where there
// is no ink of the canvas. told: {network: its key, worker: the address of place_worker.js}. pause: see inTurn. Says
// digit-lab-star on window; tests and benchmarks listen to it.
export function followDrawing(map, told, signal, pause, onPlace, onNothing) {
  let [number, cleared] = [0, 0]; // of what is shown: of the last, and of the last that was nothing
  let latest = null; // of what is shown, with its network
  const nothing = () => {
    [cleared, latest] = [number, null];
    onNothing();
  };
  const ask = placer(map, told.worker, signal, ({ found, moving, asked, number: mine }) => {
    if (mine < cleared) return; // it was on its way when the canvas was cleared
    if (!found) return nothing();
    onPlace({ at: found.at, near: found.near, moving });
    window.dispatchEvent(new CustomEvent("digit-lab-star", { detail: { ...found, asked } }));
  });
  const { changed: askInTurn } = inTurn(() => latest && ask(latest.asked, latest.network), pause, signal);
  const shown = ({ detail: { ink, network, moving, asked } }) => {
    number += 1;
    if (!ink || !network || network.header.key !== told.network || !map.width) return nothing();
    latest = { network, asked: { ink, moving, asked, number } };
    askInTurn();
  };
  window.addEventListener("digit-lab-shown", shown, { signal });
  window.dispatchEvent(new Event("digit-lab-show-again"));
}

/** A star with five points. @param {CanvasRenderingContext2D} pen */
export function drawStar(pen, x, y, radius) {
  pen.beginPath();
  for (let i = 0; i < 10; i++) {
    const far = i % 2 ? 0.45 * radius : radius;
    pen.lineTo(x + far * Math.sin((i * Math.PI) / 5), y - far * Math.cos((i * Math.PI) / 5));
  }
  pen.closePath();
  pen.fillStyle = "#f5c518";
  pen.strokeStyle = "#1a1c2c";
  pen.lineWidth = Math.max(1, radius / 9);
  pen.lineJoin = "round";
  pen.fill();
  pen.stroke();
}
