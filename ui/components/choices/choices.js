// A page of small images, any of which can be chosen: by click or tap, a range with Shift, by Space or Enter.
// data: {cells: [{id, url, caption, title, wrong}]}; url: a PNG whose ink is opacity.
// Says: selected, a list of ids.

export default function ({ parentElement, data, setStateValue }) {
  const grid = parentElement.querySelector(".grid");
  const all = parentElement.querySelector(".all");
  const chosen = (parentElement.chosen ??= new Set());
  for (const id of chosen) if (!data.cells.some((cell) => cell.id === id)) chosen.delete(id);
  let last = null;

  const show = () => {
    [...grid.children].forEach((button, i) => button.setAttribute("aria-pressed", chosen.has(data.cells[i].id)));
    all.textContent = chosen.size === data.cells.length ? "Choose none" : "Choose all of this page";
    all.hidden = !data.cells.length;
  };
  const say = () => {
    show();
    setStateValue("selected", [...chosen]);
  };
  const toggle = (place, range) => {
    const on = !chosen.has(data.cells[place].id);
    const [from, to] = range && last !== null ? [Math.min(last, place), Math.max(last, place)] : [place, place];
    for (const { id } of data.cells.slice(from, to + 1)) on ? chosen.add(id) : chosen.delete(id);
    last = place;
    say();
  };

  grid.replaceChildren(
    ...data.cells.map((cell, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = cell.title;
      button.setAttribute("aria-label", cell.title);
      button.classList.toggle("wrong", cell.wrong);
      const ink = document.createElement("span");
      ink.className = "ink";
      ink.style.webkitMaskImage = ink.style.maskImage = `url(${cell.url})`;
      const caption = document.createElement("span");
      caption.className = "caption";
      caption.textContent = cell.caption;
      button.append(ink, caption);
      button.onclick = (event) => toggle(place, event.shiftKey);
      return button;
    })
  );
  all.onclick = () => {
    if (chosen.size === data.cells.length) chosen.clear();
    else data.cells.forEach((cell) => chosen.add(cell.id));
    say();
  };
  show();
}
