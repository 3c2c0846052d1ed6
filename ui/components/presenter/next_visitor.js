// The button on a page that begins anew.

import { askToBeginAnew } from "./anew.js";

export default function ({ parentElement }) {
  parentElement.querySelector("button").onclick = askToBeginAnew;
}
