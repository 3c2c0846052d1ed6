// Says on an empty canvas what it is for (canvas.html), until the first touch.

import { answer, isAhead } from "../live/messages.js";
import { pen } from "./pen.js";

export function invite(listen, root) {
  const show = (tries = 40) => {
    const [canvas, paper] = [answer()?.canvas, root()?.querySelector(".canvas-root")];
    if (!paper && tries) setTimeout(show, 100, tries - 1); // the canvas is still to come
    const ghost = paper?.querySelector(".ghost");
    if (ghost && canvas?.ghost) ghost.textContent = canvas.ghost;
    const isTouched = pen.stroke || pen.ended.length || isAhead();
    paper?.classList.toggle("empty", !isTouched && canvas?.strokes.length === 0);
  };
  listen("digit-lab-messages", () => requestAnimationFrame(() => show()));
  listen("digit-lab-pen", ({ detail }) => {
    if (detail.what === "begin") root()?.querySelector(".canvas-root")?.classList.remove("empty");
    if (detail.what === "drop") show();
  });
  show();
}
