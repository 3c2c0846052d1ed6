// A plain canvas over the page's, while there is no connection: it draws, keeps, and begins anew.

const SIDE = 560; // pixels of a drawing, as the page's canvas has
const CLOSE = 1.5; // of these, within which another point says nothing more

/** keep: is given {strokes: [[[x, y], ...], ...], brushes, canvas} for each drawing. */
export function padOf(element, keep) {
  const [canvas, title] = [element.querySelector("canvas"), element.querySelector("p")];
  const [next, clear] = element.querySelectorAll("button");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  let [strokes, current] = [[], null];

  const place = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    const hundredth = (n) => Math.round(100 * n) / 100;
    return [hundredth(((clientX - box.left) * SIDE) / box.width), hundredth(((clientY - box.top) * SIDE) / box.height)];
  };
  const paint = () => {
    context.clearRect(0, 0, SIDE, SIDE);
    Object.assign(context, { lineWidth: 28, lineCap: "round", lineJoin: "round", strokeStyle: "#5b60f0" });
    for (const stroke of strokes) {
      context.beginPath();
      stroke.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
      if (stroke.length === 1) context.lineTo(stroke[0][0] + 0.1, stroke[0][1]);
      context.stroke();
    }
    next.disabled = clear.disabled = !strokes.length;
  };
  const empty = () => {
    [strokes, current] = [[], null];
    paint();
  };
  canvas.onpointerdown = (event) => {
    if (!event.isPrimary || Math.max(event.width, event.height) > 64) return; // a palm
    canvas.setPointerCapture(event.pointerId);
    strokes.push((current = [place(event)]));
    paint();
  };
  canvas.onpointermove = (event) => {
    if (!current || !event.isPrimary) return;
    const at = place(event);
    if (Math.hypot(at[0] - current.at(-1)[0], at[1] - current.at(-1)[1]) < CLOSE) return;
    current.push(at);
    paint();
  };
  canvas.onpointerup = canvas.onpointercancel = () => (current = null);
  next.onclick = () => {
    keep({ strokes, brushes: strokes.map(() => 28), canvas: SIDE });
    empty();
  };
  clear.onclick = empty;
  element.oncancel = (event) => event.preventDefault(); // it goes by itself
  empty();
  return {
    show(isShown, label) {
      if (isShown) title.textContent = `${label}. The connection is gone: draw on, nothing is lost.`;
      if (isShown && !element.open) element.showModal();
      if (!isShown) element.close();
    },
  };
}
