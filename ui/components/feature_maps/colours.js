// The colours of a scale, on light paper and on dark.

const SCALES = {
  light: { up: ["#ffffff", "#b9beff", "#7378f2", "#3f43cf", "#14164a"], down: ["#ffffff", "#fbc795", "#e77f2e", "#b54708", "#5c2304"] },
  dark: { up: ["#07080d", "#3a2a90", "#9a45cc", "#f5805c", "#fff3c4"], down: ["#07080d", "#0d4a57", "#138799", "#45cfc3", "#d8fff0"] },
};
export const BROKEN = [229, 72, 77];

const parse = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function ramp(stops, share) {
  const at = Math.min(share, 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const [a, b] = [parse(stops[low]), parse(stops[low + 1])];
  return a.map((value, i) => Math.round(value + (b[i] - value) * (at - low)));
}

// The 256 colours of a scale: the paper's colour is 0, whatever the scale.
function palette(signed, dark) {
  const { up, down } = SCALES[dark ? "dark" : "light"];
  return Array.from({ length: 256 }, (_, code) => {
    if (code === 0) return BROKEN;
    if (!signed) return ramp(up, (code - 1) / 254);
    return code >= 128 ? ramp(up, (code - 128) / 127) : ramp(down, (128 - code) / 127);
  });
}

const palettes = new Map();
export function colours(signed, dark) {
  const key = `${signed} ${dark}`;
  if (!palettes.has(key)) palettes.set(key, palette(signed, dark));
  return palettes.get(key);
}

// Black or white, whichever is read better on that colour: WCAG's contrast is then 4.5 at least.
export function ink(rgb) {
  const [r, g, b] = rgb.map((value) => (value <= 10 ? value / 3294 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

export function isDark(element) {
  const [r, g, b] = (getComputedStyle(element).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return r + g + b > 382; // light text
}
