// Puts up what Python sends, for bars.js to read: a few lines that come with each stroke, while that file
// comes once for each page. data: bytes of a network, or an answer (ui/components/answer_bars/__init__.py).
export default function ({ data, parentElement }) {
  const board = (window.digitLabBoard ??= new Map());
  board.set(parentElement, data);
  window.dispatchEvent(new Event("digit-lab-board"));
  return () => {
    board.delete(parentElement);
    window.dispatchEvent(new Event("digit-lab-board"));
  };
}
