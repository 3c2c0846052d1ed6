// Below a map in large: its weights as images, and the test digits that excite it most.

import { arrange, cut, LARGE, paint, prepare } from "./sprites.js";
import { send } from "./view.js";
import { withArticle } from "../live/article.js";
import { make } from "./words.js";

export function drawWeights(own, layer, chosen) {
  const box = own.inspector.querySelector(".weights");
  const { weights } = chosen;
  if (!weights || !own.sheets.weights) return;
  box.hidden = weights.count === 1;
  const name = weights.what === "kernel" ? "Its kernel" : "Its weights";
  box.firstElementChild.textContent = `${name}, one picture for each ${weights.unit} (${weights.count}), ${weights.scale}`;
  if (weights.count === 1) box.firstElementChild.textContent = `${name} as a picture, ${weights.scale}`;
  if (weights.width === 1) box.firstElementChild.textContent = `${name}, one for each ${weights.unit} (${weights.count}), ${weights.scale}`;
  const sprite = { ...weights, cell: weights.width > 1 ? (weights.count === 1 ? LARGE : 28) : 0 };
  if (weights.what === "weights" && weights.count === 1) box.hidden = false;
  paint(box.querySelector("canvas"), own.sheets.weights.sheet, sprite, arrange(sprite, own.width - 24, null));
}

export function drawTopActivations(net, own, layer, chosen) {
  const box = own.inspector.querySelector(".top-activations");
  const { topActivations } = chosen;
  const name = layer.labels ? "output" : layer.what;
  const { noun, tested } = own.data;
  const one = noun.slice(0, -1);
  if (!topActivations) {
    if (chosen.absent) return box.replaceChildren(make("p", "", chosen.absent));
    const button = make("button", "more", `Find the test ${noun} that excite this ${name} most`);
    button.onclick = () => {
      own.view = { ...own.view, topActivations: true };
      button.disabled = true;
      send(own);
    };
    box.replaceChildren(button, make("small", "", ` reads all ${tested.toLocaleString("en")}: ${chosen.seconds}`));
    return;
  }
  if (topActivations.failed) return box.replaceChildren(make("p", "", topActivations.failed));
  if (topActivations.total) {
    const bar = make("progress");
    [bar.max, bar.value] = [topActivations.total, topActivations.done];
    const words = make("span", "", ` ${topActivations.done.toLocaleString("en")} of ${topActivations.total.toLocaleString("en")} test ${noun} read`);
    return box.replaceChildren(bar, words);
  }
  if (!topActivations.digits.length) return box.replaceChildren(make("p", "", `No test ${one} excites this ${name}: it is 0 for all ${tested.toLocaleString("en")}.`));
  const row = make("div", "digits");
  topActivations.digits.forEach((digit, n) => {
    const button = make("button", "digit");
    button.title = `Look at test ${one} ${digit.number}, ${withArticle(String(digit.label))}`;
    button.setAttribute("aria-label", button.title);
    const canvas = make("canvas");
    cut(prepare(canvas, 84, 84), own.sheets.topActivations.sheet, topActivations, n, 0, 0, 84, 84);
    button.append(canvas);
    if (digit.box) {
      const scale = 84 / topActivations.width;
      const [top, bottom, left, right] = digit.box;
      const mark = make("i");
      Object.assign(mark.style, { left: `${scale * left}px`, top: `${scale * top}px`, width: `${scale * (right - left)}px`, height: `${scale * (bottom - top)}px` });
      button.append(mark);
    }
    button.append(make("small", "", digit.value));
    button.onclick = () => own.setTriggerValue("look", digit.number);
    row.append(button);
  });
  const box_ = topActivations.digits[0].box ? ", and where: the frame is what its largest number sees" : "";
  const count = { 1: `The one test ${one} that excites`, 9: `The nine test ${noun} that excite` }[topActivations.digits.length];
  const words = `${count ?? `The ${topActivations.digits.length} test ${noun} that excite`} this ${name} most${box_}. Click one to look at it.`;
  box.replaceChildren(make("p", "", words), row);
}
