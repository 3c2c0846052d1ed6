// Beginning anew: what this browser keeps of a visitor is forgotten, and the app opens as if for the first time, so that
// drawing and choices are gone. The theme stays, and so does everything that is stored on the computer that runs the app.

const FORGOTTEN = ["digit-lab-drawing", "digit-lab-tour"]; // live/bars.js, tour/tour.js
const ANEW = "digit-lab/anew"; // ui/visits.py: no script can read, or change, the cookie itself

const QUESTION =
  "<h2>Begin anew for the next visitor?</h2>" +
  "<p>The drawing and all choices in this tab are gone then. Digits and networks that were kept stay stored under the name " +
  "that this browser has had so far; the next visitor gets a new one.</p>" +
  '<div><button type="button" class="yes">Begin anew</button><button type="button" class="no">Stay</button></div>';

/** 'light' or 'dark', as the page is: what lies beside Streamlit's own part does not inherit it. */
export const schemeOfPage = () => getComputedStyle(document.querySelector(".stApp") ?? document.body).colorScheme;

/** Ask once, in a dialog; then begin anew. */
export function askToBeginAnew() {
  const dialog = document.createElement("dialog");
  dialog.className = "dl-anew";
  dialog.innerHTML = QUESTION;
  dialog.setAttribute("aria-label", "Begin anew for the next visitor?");
  dialog.onclose = () => dialog.remove();
  // While it is open no key undoes or clears, and Esc closes it alone.
  dialog.onkeydown = (event) => event.stopPropagation();
  /** @type {HTMLElement} */ (dialog.querySelector(".no")).onclick = () => dialog.close();
  /** @type {HTMLElement} */ (dialog.querySelector(".yes")).onclick = beginAnew;
  dialog.style.colorScheme = schemeOfPage();
  document.body.append(dialog);
  dialog.showModal();
}

function beginAnew() {
  try {
    sessionStorage.clear();
    for (const name of FORGOTTEN) localStorage.removeItem(name);
  } catch {
    // A browser may refuse to keep anything.
  }
  const root = new URL(".", document.baseURI);
  fetch(new URL(ANEW, root), { method: "POST" }).finally(() => location.assign(root));
}
