// Streamlit keeps the choice of light, dark or the system's theme apart for each address at which the app was opened. It is
// one choice: what was chosen last, at whatever address, is kept for all of them.
// data: {pages: all names of pages}. Called anew when the theme changes.

const CHOICE = "digit-lab-theme";
const OF_AN_ADDRESS = /^stActiveTheme-.*-v2$/; // Streamlit 1.67's; tests/browser/test_presenter.py knows it, too

export default function ({ data }) {
  const timer = setTimeout(() => carryOver(data.pages), 200); // Streamlit keeps it after it has shown it
  return () => clearTimeout(timer);
}

function carryOver(pages) {
  try {
    const kept = localStorage.getItem(CHOICE);
    const chosen = Object.keys(localStorage).filter((key) => OF_AN_ADDRESS.test(key)).map((key) => localStorage.getItem(key));
    const last = chosen.find((choice) => choice && choice !== kept) ?? kept;
    if (!last) return;
    localStorage.setItem(CHOICE, last);
    const base = location.pathname.replace(/[^/]*$/, "");
    for (const page of ["", ...pages]) localStorage.setItem(`stActiveTheme-${base}${page}-v2`, last);
  } catch {
    // A browser may refuse to keep anything.
  }
}
