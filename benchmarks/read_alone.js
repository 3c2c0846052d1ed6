// The functions that read in the browser, timed without the page around them.
import { imageOf } from "../ui/components/live/ink.js";
import { predict, unpack } from "../ui/components/live/network.js";

/**
 * Milliseconds of preprocessing, and of the forward pass with the rules, for each drawing.
 * @param {Uint8Array} packed  what core.models.browser_export makes of a network
 * @param {number[][][]} drawings  strokes of x, y, x, y, ..., pixels of the canvas
 * @returns {number[][]}
 */
export default function readAlone(packed, drawings) {
  const { header, outputs } = unpack(packed);
  return drawings.map((drawing) => {
    const strokes = drawing.map((stroke) => Float64Array.from(stroke));
    const start = performance.now();
    const image = imageOf(strokes, strokes.map(() => 18), header.ink);
    const drawn = performance.now();
    predict(outputs(image), image, header);
    return [drawn - start, performance.now() - drawn];
  });
}
