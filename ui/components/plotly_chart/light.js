// A run that is pointed at is lit up in all live charts of the page that show it. A trace is a run's where its `meta` is the
// run's number.

const LIGHT = "digit-lab-light"; // an event of the window: detail is the number, or null
const DIM = 0.13;
const THICK = "4px";

export function light(number) {
  window.dispatchEvent(new CustomEvent(LIGHT, { detail: number }));
}

// What is pointed at in this chart, or in its legend.
export function point(place) {
  place.on("plotly_hover", (event) => light(event.points[0].data.meta ?? null));
  place.on("plotly_unhover", () => light(null));
  place.addEventListener("pointerover", (event) => {
    const number = runOf(event.target.closest?.(".legend .traces"));
    if (number !== null) light(number);
  });
  place.addEventListener("pointerleave", () => light(null));
}

// Calls what shows it anew; returns how to end that.
export function onLight(show) {
  const listen = (event) => show(event.detail);
  window.addEventListener(LIGHT, listen);
  return () => window.removeEventListener(LIGHT, listen);
}

export function lightUp(place, number) {
  const traces = [...place.querySelectorAll(".scatterlayer .trace")].map((trace) => [trace, runOf(trace)]);
  const lit = traces.some(([, run]) => run !== null && run === number) ? number : null;
  for (const [trace, run] of traces) {
    if (run === null) continue;
    trace.style.opacity = lit === null || run === lit ? "" : DIM;
    for (const line of trace.querySelectorAll(".js-line")) {
      line.dataset.width ??= line.style.strokeWidth;
      line.style.strokeWidth = run === lit ? THICK : line.dataset.width;
    }
  }
}

// Plotly keeps what it draws at what it has drawn.
function runOf(drawn) {
  return drawn?.__data__?.[0]?.trace?.meta ?? null;
}
