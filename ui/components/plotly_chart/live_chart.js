// A Plotly figure that is updated in place. Streamlit's own chart builds a new one for each change of its
// data, which flickers and forgets the zoom.
// data: {figure: a Plotly figure as JSON text, config: of all our charts}. Plotly itself comes as the component of ui/components/plotly_chart/__init__.py.

import { lightUp, onLight, point } from "./light.js";

const OWN = {
  responsive: true,
  doubleClick: "autosize",
  modeBarButtonsToRemove: ["select2d", "lasso2d"],
};
const WAIT = 50; // milliseconds until we look again for Plotly, which is loaded beside us

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".live-chart");
  place.ends?.(); // what came before and still waits for Plotly would be drawn after this

  const first = /** @type {any} */ (document.querySelector(".live-chart"));
  place.lit ??= first?.lit ?? null; // a new chart is as the one that is there already
  let timer = 0;
  const draw = () => {
    if (!window.moduleName?.react) timer = setTimeout(draw, WAIT);
    else react(place, data);
  };
  const dark = onLight((number) => lightUp(place, (place.lit = number)));

  draw();
  place.ends = () => {
    dark();
    clearTimeout(timer);
  };
  return () => {
    place.ends();
    if (place.listens) window.moduleName.purge(place); // else Plotly keeps it, and listens to the window for it
    place.shows = place.listens = null;
  };
}

// Draw what has changed since the last time, if anything has.
function react(place, data) {
  const shows = data.figure + getComputedStyle(place).color; // the theme's
  if (place.shows === shows) return;
  const { data: traces, layout } = JSON.parse(data.figure);
  place.zoom ??= {};
  window.moduleName.react(place, traces, themed(layout, place), { ...data.config, ...OWN });
  place.shows = shows;
  if (!place.listens) place.on("plotly_relayout", (event) => remember(place.zoom, event));
  if (!place.listens) point(place);
  place.listens = true;
  if (place.lit !== null) lightUp(place, place.lit);
}

// The axes that someone has zoomed keep their range, until a double click; the others follow the data.
function remember(zoom, event) {
  for (const [name, value] of Object.entries(event)) {
    const [axis, what] = name.split(".");
    if (what === "range[0]") zoom[axis] = [value, event[`${axis}.range[1]`]];
    if (what === "autorange") delete zoom[axis];
  }
}

// Text and lines take the colours of the page, whichever theme it has now.
function themed(layout, place) {
  const style = getComputedStyle(place);
  const line = style.getPropertyValue("--st-border-color") || "#8888";
  const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  const axis = (name) => ({
    ...layout[name],
    ...(place.zoom[name] && { range: place.zoom[name] }),
    gridcolor: line,
    zerolinecolor: line,
    linecolor: line,
  });
  return {
    ...layout,
    ...Object.fromEntries(axes.map((name) => [name, axis(name)])),
    template: undefined,
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    font: { color: style.color, family: style.fontFamily, size: 13 },
    hoverlabel: { font: { family: style.fontFamily } },
    modebar: { bgcolor: "transparent", color: line, activecolor: style.color },
  };
}
