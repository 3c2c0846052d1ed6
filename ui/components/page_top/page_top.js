// Streamlit leaves the new page scrolled as the old one was, if its content takes the old one's place quickly: on a phone
// the canvas would be a screen or two above what is seen. At its top a browser holds on to nothing that is seen there.

let shown;

const PATIENCE = 5000; // milliseconds until the place must be there
const SETTLING = 1500; // and for which it is followed: what comes above it moves it

function openAt(place) {
  let [until, found, left] = [performance.now() + PATIENCE, false, false];
  const leave = () => (left = true); // somebody scrolls by themselves
  const signs = ["wheel", "touchstart", "keydown", "pointerdown"];
  for (const sign of signs) addEventListener(sign, leave, { once: true, passive: true });
  const follow = () => {
    const element = document.getElementsByClassName(place)[0];
    if (element && !found) [found, until] = [true, performance.now() + SETTLING];
    element?.scrollIntoView({ block: "start", behavior: "instant" });
    if (!left && performance.now() < until) requestAnimationFrame(follow);
    else for (const sign of signs) removeEventListener(sign, leave);
  };
  follow();
}

// Called anew, without a word, when the theme changes.
export default function ({ data }) {
  if (shown !== undefined && shown !== data.page) {
    document.querySelector(".stMain")?.scrollTo({ top: 0, behavior: "instant" });
    if (data.place) openAt(data.place);
  }
  shown = data.page;
}
