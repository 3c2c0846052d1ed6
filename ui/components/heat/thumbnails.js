// Small images of this drawing on the buttons that lead on (ui/sections/ways_on.py): a map of the first layer, the heat on the ink,
// and what a training makes of it. A button without one shows its sign.

const WIDE = 56; // pixels of each
const TURNS = [-14, 9, 16, -6]; // degrees: as far as trainings turn their digits
const BLUE = [100, 106, 246];
const ORANGE = [230, 112, 30];

/** The canvas on a button, made where there is none; null where there is no button. Others may draw there, too. */
export function thumbnailOf(key) {
  const button = document.querySelector(`.st-key-${key} button`);
  if (!button) return null;
  const there = button.querySelector("canvas");
  if (there) return there;
  const made = Object.assign(document.createElement("canvas"), { className: "dl-live-thumb", width: WIDE, height: WIDE });
  made.setAttribute("aria-hidden", "true");
  return button.appendChild(made);
}

/** Is there a button that shows one? They come with the first ink that Python knows. */
export const hasThumbnails = () => Boolean(document.querySelector(".st-key-ways-on"));

// seen: see heat.js, or null where there is no ink; why: its heat for what is read.
export function paintThumbnails(seen, why) {
  if (!seen) return;
  const ink = { width: 28, height: 28, values: seen.ink };
  const most = why.reduce((large, n) => Math.max(large, Math.abs(n)), 0) || 1;
  const heat = (n) => [...(why[n] > 0 ? BLUE : ORANGE), 255 * ink.values[n] * (0.2 + 0.8 * Math.sqrt(Math.abs(why[n]) / most))];
  on("on-to-why", (context) => stretch(context, image(ink, heat)));
  on("on-to-train", (context, text) => turned(context, image(ink, (n) => [...text, 255 * ink.values[n]])));
  if (!seen.maps) return;
  const { values } = seen.maps;
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  on("on-to-look_inside", (context, text) => stretch(context, image(seen.maps, (n) => [...text, (255 * (values[n] - low)) / (high - low || 1)])));
}

// What an element's colour is asks for all styles at once, so it is asked for once in a theme.
/** @type {number[] | null} */
let textColour = null;

/** To be called when the theme changes. */
export function forgetColour() {
  textColour = null;
}

function on(key, draw) {
  const canvas = thumbnailOf(key);
  if (!canvas) return;
  textColour ??= getComputedStyle(canvas.closest(".stApp") ?? canvas).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, WIDE, WIDE);
  context.imageSmoothingEnabled = false;
  draw(context, textColour);
}

function image({ width, height, values }, colourOf) {
  const small = Object.assign(document.createElement("canvas"), { width, height });
  const data = new ImageData(width, height);
  values.forEach((_, n) => data.data.set(colourOf(n), 4 * n));
  small.getContext("2d").putImageData(data, 0, 0);
  return small;
}

const stretch = (context, small) => context.drawImage(small, 0, 0, WIDE, WIDE);

// Four of it, each turned a little, as a training sees one digit.
function turned(context, small) {
  const half = WIDE / 2;
  context.imageSmoothingEnabled = true;
  TURNS.forEach((degrees, n) => {
    context.save();
    context.translate(half * (n % 2) + half / 2, half * Math.floor(n / 2) + half / 2);
    context.rotate((degrees * Math.PI) / 180);
    context.drawImage(small, -half / 2, -half / 2, half, half);
    context.restore();
  });
}
