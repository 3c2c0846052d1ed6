// The signal runs through the network once, slowly: columns light up one after another, dots run along the lines.

import { light } from "./light.js";
import { along, atPlay, clearLinks, drawLinks } from "./links.js";

export const PLAY = "Play the signal";
const SECONDS = 6;
const UNLIT = 0.1; // opacity of what the signal has not reached
const DOTS = 48; // in one gap, those of the thickest lines

export function play(own) {
  if (!own.lines) return;
  light(own, null);
  const gaps = own.columns.length - 1;
  own.playing = { gaps, calm: matchMedia("(prefers-reduced-motion: reduce)").matches, reached: -1, shown: [], times: [] };
  for (const button of own.columns.flatMap((column) => column.shown)) button.classList.remove("flow-dim", "flow-lit");
  own.stage.classList.add("flow-plays");
  own.columns.at(-1).box.classList.add("flow-waits");
  own.playButton.classList.add("flow-stop");
  own.playButton.textContent = "Stop";
  own.playing.image = allLinks(own);
  own.playing.dots = dots(own);
  own.playing.middles = own.columns.map(({ box }) => Math.round(own.turned ? box.offsetTop + box.offsetHeight / 2 : box.offsetLeft + box.offsetWidth / 2));
  clearLinks(own);
  if (own.playing.calm) return stepOnce(own, 0);
  own.playing.frame = requestAnimationFrame((now) => {
    own.playing.began = now;
    frame(own, now);
  });
}

// It has come to its end, or somebody has ended it: what was resized meanwhile is laid out.
export function endPlaying(own) {
  stopPlaying(own);
  own.layOut();
}

export function stopPlaying(own) {
  if (!own.playing) return;
  cancelAnimationFrame(own.playing.frame);
  clearTimeout(own.playing.timer);
  own.frames = own.playing.times;
  own.playing = null;
  for (const { box } of own.columns) box.style.opacity = "";
  own.stage.classList.remove("flow-plays");
  own.columns.at(-1).box.classList.remove("flow-waits");
  own.playButton.classList.remove("flow-stop");
  own.playButton.textContent = PLAY;
  light(own, null);
}

// All lines as they are when the signal has run over them: one image, of which each frame shows a part.
function allLinks(own) {
  const image = document.createElement("canvas");
  [image.width, image.height] = [own.links.width, own.links.height];
  const context = image.getContext("2d");
  context.setTransform(own.links.getContext("2d").getTransform());
  drawLinks(context, own, atPlay);
  return image;
}

function dots(own) {
  return own.columns.map(({ place }) =>
    own.lines.filter((link) => link.gap === place && link.rank < 3).sort((a, b) => Math.abs(b.fraction) - Math.abs(a.fraction)).slice(0, DOTS),
  );
}

const smooth = (t) => t * t * (3 - 2 * t);

function frame(own, now) {
  const { playing } = own;
  playing.times.push(now);
  const t = ((now - playing.began) / (SECONDS * 1000)) * playing.gaps;
  if (t >= playing.gaps) return endPlaying(own);
  const gap = Math.floor(t);
  const part = smooth(t - gap);
  if (gap !== playing.reached) reach(own, gap);
  own.columns.forEach(({ box }, place) => {
    const opacity = place <= gap ? 1 : place === gap + 1 ? Math.max(UNLIT, (part - 0.6) / 0.4) : UNLIT;
    if (playing.shown[place] !== opacity) box.style.opacity = String((playing.shown[place] = opacity));
  });
  drawFront(own, gap, part);
  playing.frame = requestAnimationFrame((next) => frame(own, next));
}

function drawFront(own, gap, part) {
  const context = drawStrip(own, gap, part);
  for (const link of own.playing.dots[gap + 1]) {
    const [x, y] = along(link.curve, part);
    context.fillStyle = own.signs[link.fraction < 0 ? 1 : 0];
    context.beginPath();
    context.arc(x, y, 2 + 3 * Math.sqrt(Math.abs(link.fraction)), 0, 7);
    context.fill();
  }
}

// The lines between two columns as far as the signal has come: what lies before them is drawn already.
function drawStrip(own, gap, part) {
  const { image, middles, gaps } = own.playing;
  const context = own.links.getContext("2d");
  const ratio = context.getTransform().a;
  const [width, height] = [image.width / ratio, image.height / ratio];
  const strip = (from, to) => (own.turned ? [0, from, width, to - from] : [from, 0, to - from, height]);
  const from = gap ? middles[gap] : 0;
  const to = gap + 1 < gaps ? middles[gap + 1] : own.turned ? height : width;
  const [x, y, w, h] = strip(from, to);
  context.clearRect(x, y, w, h);
  const [, , over, down] = strip(from, middles[gap] + part * (middles[gap + 1] - middles[gap]));
  if (over * ratio >= 1 && down * ratio >= 1) context.drawImage(image, x * ratio, y * ratio, over * ratio, down * ratio, x, y, over, down);
  return context;
}

// The signal has come to a column: say what happens next, and keep it in sight.
function reach(own, gap) {
  const { playing } = own;
  playing.reached = gap;
  if (gap) drawStrip(own, gap - 1, 1);
  const next = own.columns[gap + 1];
  if (next === own.columns.at(-1)) next.box.classList.remove("flow-waits");
  const { plain, keras, layer } = next.said;
  own.hint.textContent = `${plain.replace(/^./, (letter) => letter.toUpperCase())}: ${keras.at(-1)}, ${own.data.layers[layer].about}.`;
  const behavior = playing.calm ? "auto" : "smooth";
  if (own.turned) next.box.scrollIntoView({ block: "nearest", behavior });
  else own.scroll.scrollTo({ left: playing.middles[gap + 1] - own.scroll.clientWidth / 2, behavior });
}

// Where motion is not wanted: one column after another is there, and nothing moves.
function stepOnce(own, gap) {
  const { playing } = own;
  if (gap >= playing.gaps) return endPlaying(own);
  reach(own, gap);
  own.columns.forEach(({ box }, place) => (box.style.opacity = String(place <= gap + 1 ? 1 : UNLIT)));
  drawFront({ ...own, playing: { ...playing, dots: playing.dots.map(() => []) } }, gap, 1);
  playing.timer = setTimeout(() => stepOnce(own, gap + 1), (SECONDS * 1000) / playing.gaps);
}

