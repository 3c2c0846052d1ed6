// Numbers as words, and elements that hold them.

export const short = (number, digits = 3) => {
  const rounded = +number.toFixed(digits);
  return (rounded === 0 ? "0" : `${rounded}`).replace("-", "−");
};
export const bracketed = (text) => (/[-−/]/.test(text) ? `(${text.replace("-", "−")})` : text);

export const make = (kind, parent, className) => {
  const element = document.createElement(kind);
  element.className = className;
  parent.append(element);
  return element;
};
