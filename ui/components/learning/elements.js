// The elements that the images stand in.

export function element(tag, kind = "", text = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}

// An image with its title above and a sentence below.
export function block(title, drawn, note) {
  const made = element("figure", "block");
  const below = element("p", "note", note);
  made.append(element("figcaption", "", title), drawn, below);
  Object.assign(made, { note: below });
  if (drawn.tagName === "CANVAS") {
    Object.assign(made, { canvas: drawn });
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", title);
  }
  return made;
}

// A canvas as sharp as the screen: returns its pen, in CSS pixels. ratio: of the height to the width.
// Its width is asked for once, for that lays out the page: `room` is 0 where it has changed. So is its font.
export function penOf(canvas, ratio, font = "") {
  canvas.room ||= canvas.clientWidth;
  const width = canvas.room;
  const height = Math.round(width * ratio);
  const sharp = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * sharp), Math.round(height * sharp)];
  if (canvas.width !== w || canvas.height !== h) {
    Object.assign(canvas, { width: w, height: h });
    canvas.style.height = `${height}px`;
    canvas.font = "";
  }
  const pen = canvas.getContext("2d");
  if (font && canvas.font !== font) pen.font = canvas.font = font;
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

// What all images are drawn with and on.
export function paperOf(box) {
  const style = getComputedStyle(box);
  return { ink: style.color, font: style.fontFamily, background: style.getPropertyValue("--st-background-color") || "#fff" };
}

// Text, where it is another.
export const write = (cell, text) => cell.textContent === text || (cell.textContent = text);
