// Streamlit leaves the new page scrolled as the old one was, if its content takes the old one's place quickly: on a phone
// the canvas would be a screen or two above what is seen. At its top a browser holds on to nothing that is seen there.

let shown;

// Called anew, without a word, when the theme changes.
export default function ({ data }) {
  if (shown !== undefined && shown !== data.page) document.querySelector(".stMain")?.scrollTo({ top: 0, behavior: "instant" });
  shown = data.page;
}
