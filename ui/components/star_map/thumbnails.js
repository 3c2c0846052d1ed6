// Images of the test images, as ui/map_routes.py serves them: a sheet for each class, kept by the browser.

const sheets = new Map(); // by address; of ink in a colour, too
const waiting = new Map(); // for those that are on their way: who wants to be told

export const SHEET_COLUMNS = 32;

// The sheet of a class as something to draw from, its ink in this colour ("" where it has its own); null while it is on
// its way: then `onCome` is called once it is here, of everybody who asked.
export function sheetOf(data, label, colour, onCome) {
  const key = `${data}/${label}/${colour}`;
  if (!sheets.has(key)) {
    sheets.set(key, null);
    waiting.set(key, new Set());
    const image = new Image();
    image.onload = () => {
      sheets.set(key, colour ? tinted(image, colour) : image);
      const asked = waiting.get(key);
      waiting.delete(key);
      for (const tell of asked) tell();
    };
    image.onerror = () => [sheets, waiting].forEach((kept) => kept.delete(key));
    image.src = new URL(`digit-lab/thumbnails/${data}/${label}`, document.baseURI).href;
  }
  waiting.get(key)?.add(onCome);
  return sheets.get(key);
}

function tinted(image, colour) {
  const made = document.createElement("canvas");
  [made.width, made.height] = [image.width, image.height];
  const pen = made.getContext("2d");
  pen.drawImage(image, 0, 0);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = colour;
  pen.fillRect(0, 0, made.width, made.height);
  return made;
}
