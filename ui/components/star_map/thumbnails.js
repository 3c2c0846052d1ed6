// Pictures of the test images, as ui/map_routes.py serves them: a sheet for each class, kept by the browser.

const sheets = new Map(); // by address; of ink in a colour, too

export const SHEET_COLUMNS = 32;

// The sheet of a class as something to draw from, its ink in this colour ("" where it has its own); null while it is on
// its way: then `onCome` is called once it is here.
export function sheetOf(data, label, colour, onCome) {
  const key = `${data}/${label}/${colour}`;
  if (!sheets.has(key)) {
    sheets.set(key, null);
    const image = new Image();
    image.onload = () => {
      sheets.set(key, colour ? tinted(image, colour) : image);
      onCome();
    };
    image.onerror = () => sheets.delete(key);
    image.src = new URL(`digit-lab/thumbnails/${data}/${label}`, document.baseURI).href;
  }
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
