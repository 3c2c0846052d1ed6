// Streamlit loads and compiles Plotly, a second of work, when the first chart is shown. Where charts are to come, that is
// done while somebody reads; not where data are counted.

let asked = false;

export default function ({ data }) {
  const own = /** @type {HTMLScriptElement | null} */ (document.querySelector('script[src*="static/js/"]')); // Streamlit's
  if (asked || !own || (/** @type {any} */ (navigator).connection?.saveData)) return;
  asked = true;
  const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 1000)); // Safari has no idle callback
  later(() => import(new URL(data.script, own.src).href).catch(() => {})); // then it is loaded with the chart
}
