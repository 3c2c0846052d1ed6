// A plain canvas over the page's, while there is no connection: it draws, keeps, and begins anew. When the connection is
// back it goes; not while there is ink on it, which is kept or cleared first.

const SIDE = 560; // pixels of a drawing, as the page's canvas has
const CLOSE = 1.5; // of these, within which another point says nothing more

/** One for an element. `keep` of what it returns is given {task, label, strokes: [[[x, y], ...], ...], brushes, canvas} for each drawing. */
export function padOf(element) {
  const [canvas, title] = [element.querySelector("canvas"), element.querySelector("p")];
  const [next, clear] = element.querySelectorAll("button");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  let [strokes, current] = [[], null]; // current: {id: of its pointer, points}
  let [asked, isLeaving] = [{ task: 0, label: 0, words: "" }, false];
  const me = { keep: /** @type {(drawing: object) => void} */ (() => {}), show, leave };

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
    if (isLeaving) element.close();
  };
  canvas.onpointerdown = (event) => {
    if (!event.isPrimary || Math.max(event.width, event.height) > 64) return; // a palm
    if (current && event.pointerType !== "pen") return; // and a hand that rests while a pen draws
    canvas.setPointerCapture(event.pointerId);
    current = { id: event.pointerId, points: [place(event)] };
    strokes.push(current.points);
    paint();
  };
  canvas.onpointermove = (event) => {
    if (current?.id !== event.pointerId) return;
    const [at, last] = [place(event), current.points.at(-1)];
    if (Math.hypot(at[0] - last[0], at[1] - last[1]) < CLOSE) return;
    current.points.push(at);
    paint();
  };
  canvas.onpointerup = canvas.onpointercancel = ({ pointerId }) => {
    if (current?.id === pointerId) current = null;
  };
  next.onclick = () => {
    me.keep({ task: asked.task, label: asked.label, strokes, brushes: strokes.map(() => 28), canvas: SIDE });
    empty();
  };
  clear.onclick = empty;
  element.oncancel = (event) => event.preventDefault(); // it goes by itself
  empty();
  return me;

  // now: {task: the number of the one that asks, label: the digit, words: for it}. What has been begun stays what was asked for then.
  function show(now) {
    isLeaving = false;
    if (!strokes.length) asked = now;
    title.textContent = `${asked.words}. The connection is gone: draw on, nothing is lost.`;
    if (!element.open) element.showModal();
  }

  function leave() {
    if (!element.open || isLeaving) return;
    if (!strokes.length) return element.close();
    isLeaving = true;
    title.textContent = `${asked.words}. The connection is back: finish this one.`;
  }
}
