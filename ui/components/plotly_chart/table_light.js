// The run whose row is pointed at, or whose cell is focused, in a table of Streamlit's is lit up in the charts.
// data: {table: class of the container that holds it}. The table is painted; its words stand in a hidden one, for those who do not
// see: of each row that is in sight a cell for each column.

import { light } from "./light.js";

const ROW = 35; // pixels of a row and of the header: Streamlit 1.67's

let stop = () => {};

export default function ({ data }) {
  stop(); // Streamlit calls it when this leaves the page alone
  let lit = null;
  const say = (number) => {
    if (number !== lit) light((lit = number));
  };
  const box = () => document.querySelector(`.${data.table}`);
  // By keyboard: after a click nothing stays lit.
  const focused = () => {
    const cell = document.activeElement?.closest(`.${data.table} td`);
    return cell?.matches(":focus-visible") ? runIn(box(), cell.id.split("-").at(-1)) : null;
  };
  const moved = (event) => {
    const canvas = event.target.closest?.(`.${data.table} .stDataFrame`)?.querySelector("canvas");
    const y = canvas ? event.clientY - canvas.getBoundingClientRect().top : 0;
    const row = y < ROW ? null : Math.floor((y - ROW + box().querySelector(".dvn-scroller").scrollTop) / ROW);
    const inCharts = event.target.closest?.(".live-chart");
    if (!inCharts) say(row === null ? focused() : runIn(box(), row));
  };
  const went = () => say(focused());
  document.addEventListener("pointermove", moved);
  document.addEventListener("focusin", went);
  return (stop = () => {
    document.removeEventListener("pointermove", moved);
    document.removeEventListener("focusin", went);
  });
}

// The number in the column 'run', wherever it stands.
function runIn(table, row) {
  const head = [...table.querySelectorAll("th")].find((cell) => cell.textContent === "run");
  const cell = head && table.querySelector(`[id="glide-cell-${head.getAttribute("aria-colindex")}-${row}"]`);
  return cell ? Number(cell.textContent) : null;
}
