// The last row: the outputs as shares of 100%.

import { percent } from "../live/confidence.js";
import { make } from "./words.js";

export function softmaxBox(own) {
  const box = make("section", "layer softmax");
  const head = make("div", "head");
  head.append(
    make("b", "", "Softmax"),
    make("span", "about", "e to the power of each number above, divided by their sum: shares of 100%"),
  );
  const judged = own.data.softmax.at(-1)?.[0] === "not a digit";
  own.bars = make("div", "bars");
  box.append(head, own.bars);
  if (judged) {
    box.append(make("p", "note", "The answer beside the picture shares 100% among the ten digits, and asks apart whether it is one."));
  }
  return box;
}

export function drawSoftmax(own) {
  const most = Math.max(...own.data.softmax.map(([, p]) => p ?? 0));
  if (own.bars.childElementCount !== own.data.softmax.length) {
    own.bars.replaceChildren(
      ...own.data.softmax.map(([label]) => {
        const row = make("div", "share");
        const track = make("div", "track");
        track.append(make("i"));
        row.append(make("span", "", label), track, make("span", "percent"));
        return row;
      }),
    );
  }
  own.data.softmax.forEach(([, p], n) => {
    const row = own.bars.children[n];
    row.classList.toggle("winner", p === most && p > 0);
    row.querySelector("i").style.width = `${100 * (p ?? 0)}%`;
    row.lastChild.textContent = p === null ? "NaN" : percent(p);
  });
}
