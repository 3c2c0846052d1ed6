// What Streamlit says of its server: PROTOCOL.md, "What else is relied on".

const AT_WORK = 20_000; // milliseconds that are waited for a server that is seen to work: thirty visitors have one

/** @type {() => DOMStringMap} */
const app = () => /** @type {HTMLElement | null} */ (document.querySelector(".stApp"))?.dataset ?? {};

export const isOnline = () => app().testConnectionState === "CONNECTED";

/** Is nothing on its way? Everything comes in order, and the end of the server's run comes last. */
export const isQuiet = () => isOnline() && app().testScriptState === "notRunning";

/** Is what was begun at `since` still to be waited for? `patience` milliseconds, and more while the server runs the page. */
export function isPatient(since, patience) {
  const waited = performance.now() - since;
  return waited < patience || (waited < AT_WORK && isOnline() && app().testScriptState === "running");
}
