// A finger that moves over a chart scrolls the page, as it does everywhere else: Plotly would take it for its
// zoom and never let it go. A tap still arrives, as the mouse's events that a browser makes of it.

function pass(event) {
  if (event.target.closest?.(".js-plotly-plot")) event.stopPropagation();
}

export default function () {
  window.addEventListener("touchstart", pass, { capture: true, passive: true });
  return () => window.removeEventListener("touchstart", pass, { capture: true });
}
