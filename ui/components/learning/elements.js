// The elements that the pictures stand in.

export function element(tag, kind = "", text = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}

// A picture with its title above and a sentence below.
export function block(title, picture, note) {
  const made = element("figure", "block");
  const below = element("p", "note", note);
  made.append(element("figcaption", "", title), picture, below);
  Object.assign(made, { note: below });
  if (picture.tagName === "CANVAS") picture.setAttribute("role", "img");
  if (picture.tagName === "CANVAS") picture.setAttribute("aria-label", title);
  return made;
}

// A canvas as sharp as the screen: returns its pen, in CSS pixels. ratio: of the height to the width.
export function penOf(canvas, ratio) {
  const width = canvas.clientWidth;
  const height = Math.round(width * ratio);
  const sharp = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * sharp), Math.round(height * sharp)];
  if (canvas.width !== w || canvas.height !== h) {
    Object.assign(canvas, { width: w, height: h });
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  return { pen, width, height, ink: style.color, font: style.fontFamily };
}
