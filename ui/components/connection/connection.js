// Says in one sentence that the connection to the server is gone. When it is back it has the page run anew, with
// all that was done meanwhile: Streamlit does so sometimes only.
const PATIENCE = 1000; // milliseconds: a shorter gap is none
const GONE = "The connection to the server is gone: ";
const READS = "your browser goes on reading what you draw, and tries again by itself.";
const WAITS = "what you see stays, and it is tried again by itself.";

let stop = () => {};

// Called anew, without a word, when the theme changes.
export default function ({ parentElement, setTriggerValue }) {
  stop();
  const app = /** @type {HTMLElement} */ (document.querySelector(".stApp"));
  const sentence = parentElement.querySelector(".dl-gone");
  let [gone, timer] = [false, 0];

  const look = () => {
    clearTimeout(timer);
    if (app.dataset.testConnectionState !== "CONNECTED") {
      gone = true;
      timer = setTimeout(say, PATIENCE);
    } else if (gone) {
      gone = false;
      sentence.textContent = "";
      setTriggerValue("back", true);
    }
  };
  const say = () => {
    sentence.textContent = GONE + (document.querySelector("[data-live=yes]") ? READS : WAITS);
  };

  // Streamlit's own dialogs would lie over the page, and tell its visitors which command to type, or, where the server has
  // just begun, that there is no such page, while Draw is shown. Closed once, they stay away.
  const close = () => {
    const dialog = document.querySelector(".stDialog");
    /** @type {HTMLElement | null | undefined} */
    const button = dialog?.querySelector('[aria-label="Close"]');
    if (gone || dialog?.textContent.startsWith("Page not found")) button?.click();
  };

  const observer = new MutationObserver(look);
  observer.observe(app, { attributeFilter: ["data-test-connection-state"] });
  const dialogs = new MutationObserver(close);
  dialogs.observe(document.body, { childList: true });
  close();
  return (stop = () => {
    clearTimeout(timer);
    observer.disconnect();
    dialogs.disconnect();
  });
}
