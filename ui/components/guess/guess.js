// A digit that grows, stroke by stroke, or gets sharper, in the same time on every phone.
// data: {strokes: [[[x, y], ...], ...] within 0..1, seconds, left: seconds until it begins, negative since, knows: the seconds
// after which the network knows it, or null, shows: may that be said?, blur: 0, or by how much it is blurred at the beginning,
// in pixels of the 28 of a network's image}

let stop = () => {};

export default function ({ data, parentElement }) {
  stop();
  const canvas = parentElement.querySelector("canvas");
  const said = parentElement.querySelector("p");
  canvas.width = canvas.height = 600;
  const context = canvas.getContext("2d");
  const lengths = data.strokes.map((stroke) => stroke.slice(1).map(([x, y], n) => Math.hypot(x - stroke[n][0], y - stroke[n][1])));
  const total = lengths.flat().reduce((sum, one) => sum + one, 0) || 1;
  const began = performance.now() + 1000 * data.left;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let frame = 0;
  const pixel = () => ((480 / 20) * canvas.clientWidth) / 600; // of the network's: a digit is 20 of them long

  const at = ([x, y]) => [60 + 480 * x, 60 + 480 * y];
  const paint = (fraction) => {
    context.clearRect(0, 0, 600, 600);
    Object.assign(context, { lineWidth: 34, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(canvas).color });
    let left = fraction * total;
    data.strokes.forEach((stroke, s) => {
      if (left <= 0) return;
      context.beginPath();
      context.moveTo(...at(stroke[0]));
      for (let n = 0; n < lengths[s].length && left > 0; n++) {
        const part = Math.min(1, left / (lengths[s][n] || 1e-9));
        const [[ax, ay], [bx, by]] = [stroke[n], stroke[n + 1]];
        context.lineTo(...at([ax + part * (bx - ax), ay + part * (by - ay)]));
        left -= lengths[s][n];
      }
      context.stroke();
    });
  };
  const step = () => {
    const seconds = (performance.now() - began) / 1000;
    const done = Math.max(0, Math.min(1, seconds / data.seconds));
    const shown = still ? Math.floor(8 * done) / 8 : done;
    if (data.blur) canvas.style.filter = shown < 1 ? `blur(${data.blur * (1 - shown) * pixel()}px)` : "";
    paint(data.blur ? Number(seconds >= 0) : shown);
    if (seconds < 0) said.textContent = `It begins in ${Math.ceil(-seconds)}.`;
    else if (data.shows && data.knows !== null && seconds >= data.knows) said.textContent = `The network knew it after ${data.knows.toFixed(1)} s.`;
    else said.textContent = done < 1 ? "Who knows it first?" : "";
    if (done < 1) frame = requestAnimationFrame(step);
  };
  canvas.style.filter = "";
  step();
  return (stop = () => cancelAnimationFrame(frame));
}
