// Holds what Python sends, for other scripts to ask for (messages.js): a few lines that come with each stroke, while
// bars.js comes once for each page. data: bytes of a network, or an answer (ui/components/answer_bars/__init__.py).
const said = new Map(); // to which element what was said

const tell = ({ detail }) => said.forEach((data, element) => detail.set(element, data));
const changed = () => window.dispatchEvent(new Event("digit-lab-messages"));

export default function ({ data, parentElement }) {
  said.set(parentElement, data);
  window.addEventListener("digit-lab-ask", tell); // once, however often it is said
  changed();
  return () => {
    said.delete(parentElement);
    if (!said.size) window.removeEventListener("digit-lab-ask", tell);
    changed();
  };
}
