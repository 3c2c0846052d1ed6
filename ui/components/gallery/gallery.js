// Many small images from one sheet; a click, a tap or Enter chooses one.
// data: {
//   sheet: data URL of a PNG with `columns` times `rows` images of equal size, row by row,
//   columns, rows: of the sheet,
//   colour: false where the ink is opacity and takes the text's colour,
//   aspect: width / height of an image,
//   items: [{number, caption, title, mark: "" | "label-error"}], in the order of the sheet,
//   heads: words before each row, or null; across, narrow: images in a row on a desktop and on a phone,
//   chosen: the number that is chosen, or null,
//   answer: CSS class of what shows the chosen one; on a phone it is scrolled to,
// }

import { isPlain } from "../plain_key.js";

const PHONE = 640; // pixels: narrower pages have one column

const make = (kind, parent, className, text) => {
  const element = document.createElement(kind);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
};

const at = (place, count) => (count > 1 ? `${(100 * place) / (count - 1)}%` : "0%");

// The sheet is moved until the image that is wanted lies in the cell.
const show = (element, data, place) => {
  const position = `${at(place % data.columns, data.columns)} ${at(Math.floor(place / data.columns), data.rows)}`;
  const size = `${100 * data.columns}% ${100 * data.rows}%`;
  if (data.colour) {
    Object.assign(element.style, { backgroundPosition: position, backgroundSize: size });
  } else {
    Object.assign(element.style, {
      maskPosition: position,
      maskSize: size,
      webkitMaskPosition: position,
      webkitMaskSize: size,
    });
  }
};

const build = (gallery, data, pick) => {
  gallery.replaceChildren();
  gallery.style.setProperty("--sheet", `url(${data.sheet})`);
  gallery.style.setProperty("--across", data.across);
  gallery.style.setProperty("--narrow", data.narrow);
  gallery.style.setProperty("--aspect", data.aspect);
  gallery.classList.toggle("headed", Boolean(data.heads));
  gallery.classList.toggle("coloured", data.colour);
  data.items.forEach((item, place) => {
    if (data.heads && place % data.across === 0) make("span", gallery, "head", data.heads[place / data.across]);
    if (!item) return make("span", gallery, "none");
    const button = make("button", gallery, `one ${item.mark}`);
    button.type = "button";
    button.title = item.title;
    button.setAttribute("aria-label", item.title);
    button.dataset.number = item.number;
    show(make("span", make("span", button, "frame"), "image"), data, place);
    if (item.caption) make("span", button, "caption", item.caption);
    button.onclick = () => pick(item.number, button);
  });
};

const choose = (gallery, number) =>
  gallery.querySelectorAll(".one").forEach((button) => {
    const chosen = Number(button.dataset.number) === number;
    button.setAttribute("aria-pressed", chosen);
    button.tabIndex = chosen ? 0 : -1;
  });

// Only one image is a stop of the Tab key; the arrows go from there.
const walk = (gallery, event) => {
  const buttons = [...gallery.querySelectorAll(".one")];
  const here = buttons.indexOf(event.target.closest(".one"));
  const first = buttons[0]?.getBoundingClientRect().top;
  const across = buttons.filter((button) => button.getBoundingClientRect().top === first).length || 1;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
  if (here < 0 || !step || !isPlain(event)) return;
  event.preventDefault();
  buttons[Math.max(0, Math.min(buttons.length - 1, here + step))].focus();
};

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export default function ({ parentElement, data, setTriggerValue }) {
  const gallery = parentElement.querySelector(".gallery");
  const pick = (number, button) => {
    choose(gallery, number);
    setTriggerValue("pick", number);
    if (data.answer && innerWidth <= PHONE) {
      document.querySelector(`.${data.answer}`)?.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "start" });
    }
    button.focus({ preventScroll: true });
  };
  const { chosen, ...rest } = data;
  const shown = JSON.stringify(rest);
  if (gallery.shown !== shown) build(gallery, data, pick); // else the focus stays where it is
  gallery.shown = shown;
  choose(gallery, chosen);
  if (!gallery.querySelector('[tabindex="0"]')) gallery.querySelector(".one")?.setAttribute("tabindex", "0");
  gallery.onkeydown = (event) => walk(gallery, event);
}
