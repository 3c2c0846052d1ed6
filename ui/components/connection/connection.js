// Says in one sentence that the connection to the server is gone. When it is back it has the page run anew, with
// all that was done meanwhile: Streamlit does so sometimes only. And where a visitor uploads too much, the field for the
// file says so: Streamlit itself says the number of the error there.
// data: {refused: the sentence}
const PATIENCE = 1000; // milliseconds: a shorter gap is none
const GONE = "The connection to the server is gone: ";
const READS = "your browser goes on reading what you draw, and tries again by itself.";
const WAITS = "what you see stays, and it is tried again by itself.";

let stop = () => {};

// Called anew, without a word, when the theme changes.
const TOO_MUCH = "status code 429"; // ui/visits.py
const SHOWN = 200; // milliseconds after which Streamlit has written what became of an upload

export default function ({ data, parentElement, setTriggerValue }) {
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

  const uploads = new PerformanceObserver((list) => {
    if (list.getEntries().some(({ name }) => name.includes("/upload_file/"))) setTimeout(() => sayRefused(data.refused), SHOWN);
  });
  uploads.observe({ type: "resource" });
  const observer = new MutationObserver(look);
  observer.observe(app, { attributeFilter: ["data-test-connection-state"] });
  const dialogs = new MutationObserver(close);
  dialogs.observe(document.body, { childList: true });
  close();
  return (stop = () => {
    clearTimeout(timer);
    observer.disconnect();
    dialogs.disconnect();
    uploads.disconnect();
  });
}

function sayRefused(sentence) {
  for (const field of document.querySelectorAll(".stFileUploader, .stCameraInput")) {
    const texts = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) if (texts.currentNode.nodeValue?.includes(TOO_MUCH)) texts.currentNode.nodeValue = sentence;
  }
}
