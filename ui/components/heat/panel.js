// What is asked, and what was found, below the image: two questions, any other digit, and two sentences.

import { factOf, named } from "./words.js";

const SIDE_OF_PICTURE = 28;
const PANEL =
  '<div class="dl-asks" role="group" aria-label="What is asked"><button type="button"></button>' +
  '<button type="button"></button><select aria-label="Another digit to ask about"></select></div>' +
  '<p class="dl-speaks"></p><p class="dl-fact" role="status"></p>';

/**
 * Say it in the place's element; return the square that the fact is about, or null.
 * now: {seen, reading, target, isDown}, null where there is no ink. choose: (digit, "read" or "rival") => void
 */
export function sayWhy(element, data, { seen, reading, target, isDown }, choose) {
  const place = element.querySelector(".dl-asked");
  if (!data.on) {
    place.replaceChildren();
    delete place.dataset.classes;
    return null;
  }
  if (place.dataset.classes !== data.classes.join()) build(place, choose, data.classes);
  const [why, whyNot] = place.querySelectorAll("button");
  const other = place.querySelector("select");
  for (const one of [why, whyNot, other]) one.disabled = !reading;
  if (!reading) {
    put(why, `Why this ${data.what}?`);
    put(whyNot, "Why not another?");
    put(place.querySelector(".dl-fact"), "");
    put(place.querySelector(".dl-speaks"), `Draw a ${data.what}: its ink takes the colour of what it says.`);
    return null;
  }
  const asksRead = target === reading.read;
  const against = asksRead ? reading.rival : target;
  put(why, `Why ${named(reading.read, seen)}?`);
  put(whyNot, `Why not ${named(against, seen)}?`);
  why.setAttribute("aria-pressed", `${asksRead}`);
  whyNot.setAttribute("aria-pressed", `${!asksRead}`);
  for (const option of other.options) option.hidden = option.value === String(reading.read);
  speak(place.querySelector(".dl-speaks"), named(target, seen), asksRead, data.names[0]);
  const isWhole = !isDown && (seen.step === 1 || Boolean(data.found));
  const { text, square } = isWhole ? factOf(seen, reading.read, target, SIDE_OF_PICTURE) : { text: "…", square: null };
  put(place.querySelector(".dl-fact"), text);
  return square;
}

function build(place, choose, classes) {
  place.dataset.classes = classes.join();
  place.innerHTML = PANEL;
  const [why, whyNot] = place.querySelectorAll("button");
  const other = place.querySelector("select");
  const options = ["another …", ...classes];
  other.replaceChildren(...options.map((text, n) => new Option(text, n ? String(n - 1) : "")));
  why.onclick = () => choose("read");
  whyNot.onclick = () => choose("rival");
  other.onchange = () => {
    if (other.value) choose(Number(other.value));
    other.value = "";
  };
}

// Blue and orange differ for everybody; the words say which is which.
function speak(place, target, asksRead, name) {
  const by = name ? `, says ${name}` : "";
  const coloured = (word, kind) => Object.assign(document.createElement("b"), { textContent: word, className: kind });
  const words = asksRead
    ? [coloured("Blue", "dl-for"), ` ink speaks for ${target}, `, coloured("orange", "dl-against"), ` against it${by}.`]
    : [coloured("Orange", "dl-against"), ` ink speaks against ${target}, `, coloured("blue", "dl-for"), ` for it${by}.`];
  const text = words.map((word) => (typeof word === "string" ? word : word.textContent)).join("");
  if (place.textContent !== text) place.replaceChildren(...words);
}

function put(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
