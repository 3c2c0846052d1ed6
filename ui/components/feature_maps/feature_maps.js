// All layers of a network: every map in small, one of them in large, and how its numbers were made.
// data: what `data` of ui/components/feature_maps/__init__.py returns. A sprite is a grey PNG of all maps of a layer: 0 is not a
// number, 1..255 the layer's scale; with negative numbers 128 is 0.
// Says: view {layer, map, at: [row, column] or null, opened: [layers], strongest}, and look: a test digit.

const POLL = 900; // milliseconds until we ask again how far a search is
const LARGE = 196; // side of the large pictures

// ---------------------------------------------------------------- colours

const SCALES = {
  light: { up: ["#ffffff", "#b9beff", "#7378f2", "#3f43cf", "#14164a"], down: ["#ffffff", "#fbc795", "#e77f2e", "#b54708", "#5c2304"] },
  dark: { up: ["#07080d", "#3a2a90", "#9a45cc", "#f5805c", "#fff3c4"], down: ["#07080d", "#0d4a57", "#138799", "#45cfc3", "#d8fff0"] },
};
const BROKEN = [229, 72, 77];

const parse = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function ramp(stops, share) {
  const at = Math.min(share, 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const [a, b] = [parse(stops[low]), parse(stops[low + 1])];
  return a.map((value, i) => Math.round(value + (b[i] - value) * (at - low)));
}

// The 256 colours of a scale: the paper's colour is 0, whatever the scale.
function palette(signed, dark) {
  const { up, down } = SCALES[dark ? "dark" : "light"];
  return Array.from({ length: 256 }, (_, code) => {
    if (code === 0) return BROKEN;
    if (!signed) return ramp(up, (code - 1) / 254);
    return code >= 128 ? ramp(up, (code - 128) / 127) : ramp(down, (128 - code) / 127);
  });
}

const palettes = new Map();
function colours(signed, dark) {
  const key = `${signed} ${dark}`;
  if (!palettes.has(key)) palettes.set(key, palette(signed, dark));
  return palettes.get(key);
}

function isDark(element) {
  const [r, g, b] = (getComputedStyle(element).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return r + g + b > 382; // light text
}

// ---------------------------------------------------------------- sprites

function load(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });
}

// A sprite with its colours, in a canvas from which maps are cut.
async function colour(sprite, dark) {
  const image = await load(sprite.sprite);
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [image.width, image.height];
  const context = sheet.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, sheet.width, sheet.height);
  if (sprite.colour) return sheet; // a picture that has its own
  const lut = colours(sprite.signed, dark);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const [r, g, b] = lut[pixels.data[i]];
    pixels.data[i] = r;
    pixels.data[i + 1] = g;
    pixels.data[i + 2] = b;
    pixels.data[i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return sheet;
}

function cut(context, sheet, sprite, number, x, y, width, height) {
  const [row, column] = [Math.floor(number / sprite.columns), number % sprite.columns];
  context.imageSmoothingEnabled = false;
  context.drawImage(
    sheet, column * sprite.width, row * sprite.height, sprite.width, sprite.height, x, y, width, height,
  );
}

function prepare(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// How the maps of a sprite lie in a room of that width: to scale, or as cells where each is one number.
// below: the height of what stands under each map.
function arrange(sprite, room, labels, below = 0) {
  const pixel = room >= 640 ? 3 : 1.93; // so that a phone has room for six pictures of 28
  let [width, height, gap] = [sprite.width * pixel, sprite.height * pixel, pixel].map(Math.round);
  if (sprite.cell) {
    const fit = Math.max(2, Math.floor(sprite.cell / Math.max(sprite.width, sprite.height)));
    [width, height, gap] = [sprite.width * fit, sprite.height * fit, 4];
  } else if (sprite.width === 1 && sprite.height === 1) {
    [width, height, gap] = labels ? [26, 26, 2] : sprite.count > 300 ? [6, 12, 1] : [12, 24, 1];
  }
  const columns = Math.max(1, Math.min(sprite.count, Math.floor((room + gap) / (width + gap))));
  const across = width + gap;
  const down = height + gap + (below && below + 3 * gap);
  return { width, height, gap, columns, across, down, rows: Math.ceil(sprite.count / columns) };
}

function paint(canvas, sheet, sprite, place) {
  const { width, height, gap, columns, rows, across, down } = place;
  const context = prepare(canvas, columns * across - gap, rows * down - gap);
  for (let n = 0; n < sprite.count; n++) {
    cut(context, sheet, sprite, n, (n % columns) * across, Math.floor(n / columns) * down, width, height);
  }
  return context;
}

// ---------------------------------------------------------------- words

const MINUS = "\u2212";
const minus = (text) => text.replace(/-/g, MINUS);

function number(value, digits = 3) {
  if (value === null || value === undefined) return "NaN";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 5e-4 || size >= 1e5) return minus(value.toExponential(1));
  const text = size >= 100 ? value.toFixed(1) : value.toFixed(digits);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

const signedTerm = (value) => (value < 0 ? `${MINUS} ${number(-value)}` : `+ ${number(value)}`);
const bracket = (value) => (value < 0 ? `(${number(value)})` : number(value));

function escape(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node.innerHTML;
}

const make = (tag, name = "", text = "") => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};

// ---------------------------------------------------------------- the component

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const net = parentElement.querySelector(".net");
  const own = (net.own ??= { view: { layer: null, map: 0, at: null, opened: [], strongest: false }, sheets: {} });
  Object.assign(own, { data, setStateValue, setTriggerValue });
  if (own.signature !== signature(data)) build(net, own);
  own.dark = isDark(net);
  own.update = (own.update ?? 0) + 1;
  refresh(net, own, own.update);

  const observer = new ResizeObserver(() => layOut(net, own));
  observer.observe(net);
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => setTimeout(() => {
    own.dark = isDark(net);
    own.sheets = {};
    refresh(net, own, ++own.update);
  }, 300);
  scheme.addEventListener("change", recolour);
  let pressed = false;
  const watch = new AbortController();
  for (const [name, state] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]]) {
    window.addEventListener(name, () => (pressed = state), { capture: true, signal: watch.signal });
  }
  const search = data.chosen?.strongest;
  // Asked again and again while it works; not while somebody draws.
  const timer = search?.total ? setInterval(() => pressed || setTriggerValue("poll", Date.now()), POLL) : 0;
  return () => {
    observer.disconnect();
    scheme.removeEventListener("change", recolour);
    watch.abort();
    clearInterval(timer);
  };
}

const signature = (data) => JSON.stringify([data.network, data.layers.map((l) => [l.title, l.shape, l.about])]);

// What is looked at outlives an empty canvas, which takes this part off the page.
const kept = (window.digitLabMaps ??= {});

function send(own) {
  kept[own.signature] = own.view;
  own.setStateValue("view", { ...own.view });
}

function build(net, own) {
  own.signature = signature(own.data);
  own.sheets = {};
  own.view = kept[own.signature] ?? { layer: null, map: 0, at: null, opened: [], strongest: own.view.strongest };
  if (own.view.layer !== null || own.view.opened.length) setTimeout(() => send(own));
  own.rows = own.data.layers.map((layer, n) => section(net, own, layer, n));
  own.inspector = inspector(net, own);
  net.replaceChildren(...own.rows.map((row) => row.box), softmaxBox(own));
}

function section(net, own, layer, n) {
  const box = make("section", layer.thin ? "layer thin" : "layer");
  const head = make("div", "head");
  head.append(make("b", "", layer.title), make("span", "about", layer.thin ? layer.sentence : layer.about));
  const facts = [layer.shape];
  if (layer.parameters) facts.push(`${layer.parameters.toLocaleString("en")} parameters`);
  head.append(make("span", "facts", facts.join(" · ")));
  box.append(head);
  const row = { box, head };
  if (layer.thin) return row;
  row.body = make("div", "body");
  row.canvas = make("canvas", "sheet");
  row.frame = make("div", "frame");
  row.frame.tabIndex = 0;
  row.frame.setAttribute("role", "application");
  row.cursor = make("div", "cursor");
  row.picked = make("div", "cursor picked");
  row.cursor.hidden = row.picked.hidden = true;
  row.names = make("div", "names");
  row.frame.append(row.canvas, row.cursor, row.picked, row.names);
  row.legend = make("div", "legend");
  row.more = make("button", "more");
  row.more.onclick = () => {
    const { opened } = own.view;
    own.view = { ...own.view, opened: opened.includes(n) ? opened.filter((m) => m !== n) : [...opened, n] };
    if (own.view.layer === n) own.view = { ...own.view, layer: null, at: null };
    row.more.textContent = "…";
    send(own);
  };
  row.body.append(row.frame, row.legend, row.more);
  box.append(row.body);
  listen(net, own, row, n);
  return row;
}

function listen(net, own, row, n) {
  const at = (event) => {
    const box = row.canvas.getBoundingClientRect();
    const { across, down, columns } = row.place;
    const column = Math.floor((event.clientX - box.left) / across);
    const line = Math.floor((event.clientY - box.top) / down);
    const found = line * columns + column;
    return column >= 0 && column < columns && found >= 0 && found < own.data.layers[n].count ? found : null;
  };
  const point = (map) => {
    row.over = map;
    put(row, row.cursor, map);
    caption(own, row, n);
  };
  row.frame.onpointermove = (event) => row.place && point(at(event));
  row.frame.onpointerleave = () => point(null);
  row.frame.onblur = () => point(null);
  row.frame.onclick = (event) => {
    const map = row.place && at(event);
    if (map !== null && map !== undefined) choose(net, own, n, map);
  };
  row.frame.onkeydown = (event) => {
    if (!row.place) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row.place.columns, ArrowDown: row.place.columns }[event.key];
    const last = own.data.layers[n].count - 1;
    if (step) {
      event.preventDefault();
      const from = row.over ?? (own.view.layer === n ? own.view.map : step > 0 ? -step : 0);
      const to = from + step;
      if (to >= 0 && to <= last) point(to);
    } else if ((event.key === "Enter" || event.key === " ") && row.over !== null && row.over !== undefined) {
      event.preventDefault();
      choose(net, own, n, row.over);
    } else if (event.key === "Escape") close(net, own);
  };
}

// Lay an outline over one map of a layer.
function put(row, cursor, map) {
  cursor.hidden = map === null || map === undefined || !row.place;
  if (cursor.hidden) return;
  const { width, height, across, down, columns } = row.place;
  Object.assign(cursor.style, {
    left: `${(map % columns) * across}px`,
    top: `${Math.floor(map / columns) * down}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
}

const called = (layer, map) =>
  layer.labels ? (/^\d$/.test(layer.labels[map]) ? `digit ${layer.labels[map]}` : layer.labels[map]) : `${layer.what} ${map + 1} of ${layer.count}`;

function caption(own, row, n) {
  const layer = own.data.layers[n];
  if (!layer.sprite) return;
  const over = row.over ?? null;
  row.words.textContent = over === null ? row.usual : called(layer, over);
}

function legend(own, layer) {
  const bar = make("canvas", "bar");
  const context = prepare(bar, 72, 9);
  const lut = colours(layer.signed, own.dark);
  for (let x = 0; x < 72; x++) {
    context.fillStyle = `rgb(${lut[1 + Math.round((x / 71) * 254)].join()})`;
    context.fillRect(x, 0, 1, 9);
  }
  const [low, high] = layer.scale.includes("…") ? layer.scale.split(" … ") : ["", layer.scale];
  const parts = [make("span", "", low), bar, make("span", "", high)];
  return layer.scale.includes("…") ? parts : [make("span", "", layer.scale)];
}

async function refresh(net, own, update) {
  const { data } = own;
  const fresh = async (key, sprite) => {
    const known = own.sheets[key];
    if (known?.url === sprite.sprite && known.signed === sprite.signed && known.dark === own.dark) return;
    const sheet = await colour(sprite, own.dark);
    if (own.update === update) own.sheets[key] = { sheet, url: sprite.sprite, signed: sprite.signed, dark: own.dark };
  };
  const work = [fresh("input", data.input)];
  data.layers.forEach((layer, n) => {
    if (layer.sprite) work.push(fresh(n, layer));
    if (layer.kernels) work.push(fresh(`kernels ${n}`, layer.kernels));
  });
  const { chosen } = data;
  if (chosen?.weights) work.push(fresh("weights", chosen.weights));
  if (chosen?.strongest?.sprite) work.push(fresh("strongest", chosen.strongest));
  await Promise.all(work);
  if (own.update !== update) return;
  data.layers.forEach((layer, n) => {
    const row = own.rows[n];
    if (layer.thin) return;
    row.more.hidden = Boolean(layer.sprite) && !own.view.opened.includes(n);
    row.frame.hidden = row.legend.hidden = !layer.sprite;
    row.more.textContent = `${layer.sprite ? "Hide" : "Show"} the ${layer.count} ${layer.what}s`;
    if (!layer.sprite) return;
    const many = layer.count === 1 ? `one ${layer.what}` : `${layer.count} ${layer.what}s`;
    row.usual = layer.count === 1 ? many : `${many}, one scale`;
    if (layer.kernels) row.usual += `; under each its kernel, ${layer.kernels.scale}`;
    if (layer.broken) row.usual += `; ${layer.broken} of these numbers are not numbers (red)`;
    row.words = make("span", "words", row.usual);
    row.legend.replaceChildren(...legend(own, layer), row.words);
    row.frame.setAttribute("aria-label", `${layer.title}: ${many}, ${layer.scale}. Arrow keys choose one, Enter opens it.`);
  });
  drawSoftmax(own);
  own.width = 0;
  layOut(net, own);
  inspect(net, own);
}

function layOut(net, own) {
  const room = net.clientWidth - 2 * parseFloat(getComputedStyle(net).getPropertyValue("--pad")); // less the padding of a layer's box
  if (room <= 0 || own.width === room) return;
  own.width = room;
  own.data.layers.forEach((layer, n) => {
    const row = own.rows[n];
    if (!layer.sprite || !own.sheets[n]) return;
    const { kernels } = layer;
    const sheet = own.sheets[`kernels ${n}`]?.sheet;
    const side = kernels && sheet ? kernelSide(layer, room) : 0;
    row.place = arrange(layer, room, layer.labels, side);
    const context = paint(row.canvas, own.sheets[n].sheet, layer, row.place);
    for (let k = 0; side && k < layer.count; k++) {
      const { columns, across, down, height, gap } = row.place;
      cut(context, sheet, kernels, k, (k % columns) * across, Math.floor(k / columns) * down + height + gap, side, side);
    }
    row.names.classList.toggle("upright", layer.labels?.[0]?.length > 1);
    row.names.replaceChildren(...(layer.labels ?? []).map((label) => make("span", "", label)));
    put(row, row.picked, own.view.layer === n ? own.view.map : null);
  });
}

// As large as fits under a map, each of its numbers a whole number of pixels.
function kernelSide(layer, room) {
  const most = Math.min(layer.width * (room >= 640 ? 3 : 2), 36);
  return Math.max(1, Math.floor(most / layer.kernels.width)) * layer.kernels.width;
}

function softmaxBox(own) {
  const box = make("section", "layer softmax");
  const head = make("div", "head");
  head.append(
    make("b", "", "Softmax"),
    make("span", "about", "e to the power of each number above, divided by their sum: shares of 100%"),
  );
  const judged = own.data.softmax.length > 10;
  own.bars = make("div", "bars");
  box.append(head, own.bars);
  if (judged) {
    box.append(make("p", "note", "The answer beside the picture shares 100% among the ten digits, and asks apart whether it is one."));
  }
  return box;
}

function drawSoftmax(own) {
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
    row.lastChild.textContent = p === null ? "NaN" : `${(100 * p).toFixed(1)}%`;
  });
}

// ---------------------------------------------------------------- one map in large

function choose(net, own, layer, map) {
  const same = own.view.layer === layer && own.view.map === map;
  if (same) return close(net, own);
  const keep = own.view.layer === layer ? own.view.at : null;
  own.view = { ...own.view, layer, map, at: keep };
  own.channel = 0;
  send(own);
  inspect(net, own);
  if (own.inspector.getBoundingClientRect().top > window.innerHeight - 240) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    own.inspector.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }
}

function close(net, own) {
  own.view = { ...own.view, layer: null, at: null };
  send(own);
  inspect(net, own);
}

function ask(net, own, at) {
  own.view = { ...own.view, at };
  own.over = null;
  send(own);
  inspect(net, own);
}

function inspector(net, own) {
  const box = make("div", "inspector");
  box.innerHTML = `
    <div class="title"><button class="step" data-by="-1" aria-label="The map before">‹</button><b></b>
      <button class="step" data-by="1" aria-label="The next map">›</button><span class="grow"></span>
      <button class="step close" aria-label="Close">×</button></div>
    <div class="views">
      <div class="pair">
        <figure><div class="large picture"><canvas></canvas><div class="field" hidden></div></div><figcaption>the picture</figcaption></figure>
        <figure class="the-map"><div class="large map" tabindex="0" role="application"><canvas></canvas><div class="pixel over" hidden></div><div class="pixel" hidden></div></div><figcaption></figcaption></figure>
        <div class="readout" aria-live="polite"></div>
      </div>
      <div class="sum" aria-live="polite"></div>
    </div>
    <div class="weights"><p></p><canvas></canvas></div>
    <div class="strongest"></div>`;
  for (const button of box.querySelectorAll("[data-by]")) {
    button.onclick = () => {
      const { layer, map } = own.view;
      const { count } = own.data.layers[layer];
      choose(net, own, layer, (map + Number(button.dataset.by) + count) % count);
    };
  }
  box.querySelector(".close").onclick = () => close(net, own);
  const large = box.querySelector(".large.map");
  const place = (event) => {
    const layer = own.data.layers[own.view.layer];
    const frame = large.getBoundingClientRect();
    const clamp = (n, most) => Math.max(0, Math.min(most - 1, Math.floor(n)));
    return [
      clamp(((event.clientY - frame.top) / frame.height) * layer.height, layer.height),
      clamp(((event.clientX - frame.left) / frame.width) * layer.width, layer.width),
    ];
  };
  const over = (at) => {
    own.over = at;
    marks(own);
  };
  large.onpointermove = (event) => over(place(event));
  large.onpointerleave = () => over(null);
  large.onblur = () => over(null);
  large.onclick = (event) => ask(net, own, place(event));
  large.onkeydown = (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const layer = own.data.layers[own.view.layer];
    const from = own.over ?? spot(own) ?? [0, 0];
    if (move) {
      event.preventDefault();
      over([
        Math.max(0, Math.min(layer.height - 1, from[0] + move[0])),
        Math.max(0, Math.min(layer.width - 1, from[1] + move[1])),
      ]);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      ask(net, own, from);
    } else if (event.key === "Escape") close(net, own);
  };
  return box;
}

// What was sent for the map that is looked at now; null while it is on its way.
function current(own) {
  const { chosen } = own.data;
  return chosen && chosen.layer === own.view.layer && chosen.map === own.view.map ? chosen : null;
}

// The number that is explained: what was clicked on, else the largest.
const spot = (own) => own.view.at ?? current(own)?.at ?? null;

function inspect(net, own) {
  const { layer: n, map } = own.view;
  const { inspector: box } = own;
  own.rows.forEach((row, place) => {
    if (!row.picked) return;
    put(row, row.picked, place === n ? map : null);
    row.box.classList.toggle("open", place === n);
  });
  const layer = own.data.layers[n];
  if (n === null || !layer?.sprite || !own.sheets[n]) {
    box.remove();
    return;
  }
  if (box.parentElement !== own.rows[n].body) own.rows[n].body.append(box);
  const chosen = current(own);
  const picture = layer.what === "map";
  box.querySelector(".title b").textContent = `${layer.title}: ${called(layer, map)}`;
  box.querySelector(".the-map").hidden = !picture;
  const pictureCanvas = box.querySelector(".picture canvas");
  cut(prepare(pictureCanvas, LARGE, LARGE), own.sheets.input.sheet, own.data.input, 0, 0, 0, LARGE, LARGE);
  if (picture) {
    const scale = LARGE / Math.max(layer.height, layer.width);
    const [width, height] = [layer.width * scale, layer.height * scale];
    cut(prepare(box.querySelector(".map canvas"), width, height), own.sheets[n].sheet, layer, map, 0, 0, width, height);
    box.querySelector(".the-map figcaption").textContent = `${layer.what} ${map + 1}, ${layer.height} x ${layer.width}, ${layer.scale}`;
  }
  box.querySelector(".large.map").setAttribute("aria-label", `${layer.title}, ${layer.what} ${map + 1}. Arrow keys move, Enter shows how a number was made.`);
  marks(own);
  const sum = box.querySelector(".sum");
  const waits = !chosen || JSON.stringify(chosen.asked ?? null) !== JSON.stringify(own.view.at ?? null);
  sum.classList.toggle("waits", waits);
  box.querySelector(".weights").hidden = !chosen?.weights;
  if (waits) return;
  sum.replaceChildren(...explain(net, own, chosen));
  drawWeights(own, layer, chosen);
  drawStrongest(net, own, layer, chosen);
}

// Outline what is explained, what the pointer is over, and what that number sees of the picture.
function marks(own) {
  const { layer: n } = own.view;
  if (n === null) return;
  const layer = own.data.layers[n];
  const box = own.inspector;
  const [over, pixel] = box.querySelectorAll(".pixel");
  const cell = (node, at) => {
    node.hidden = !at || layer.what !== "map";
    if (node.hidden) return;
    Object.assign(node.style, {
      left: `${(100 * at[1]) / layer.width}%`,
      top: `${(100 * at[0]) / layer.height}%`,
      width: `${100 / layer.width}%`,
      height: `${100 / layer.height}%`,
    });
  };
  const chosen = current(own);
  const at = own.over ?? spot(own);
  cell(over, own.over);
  cell(pixel, spot(own));
  const field = box.querySelector(".field");
  const readout = box.querySelector(".readout");
  field.hidden = true;
  if (!layer.sees || !at || layer.what !== "map") {
    readout.textContent = layer.what === "map" ? "" : "It sees the whole picture.";
    return;
  }
  const [[top, bottom], [left, right]] = [layer.sees.rows[at[0]], layer.sees.columns[at[1]]];
  const picture = own.data.input;
  field.hidden = false;
  Object.assign(field.style, {
    left: `${(100 * left) / picture.width}%`,
    top: `${(100 * top) / picture.height}%`,
    width: `${(100 * (right - left)) / picture.width}%`,
    height: `${(100 * (bottom - top)) / picture.height}%`,
  });
  const value = chosen?.values?.[at[0]]?.[at[1]];
  const said = value === undefined ? "" : `: ${number(value, 4)}`;
  const size = `${bottom - top} x ${right - left}`;
  readout.textContent = `Row ${at[0] + 1}, column ${at[1] + 1}${said}. It sees the ${size} pixels in the frame.`;
}

// ---------------------------------------------------------------- the arithmetic

function explain(net, own, chosen) {
  const { sum } = chosen;
  const draw = { Conv2D: convolution, Dense: dense, MaxPooling2D: pooling, AveragePooling2D: pooling, BatchNormalization: normalisation };
  const layer = own.data.layers[chosen.layer];
  const where = chosen.at ? `row ${chosen.at[0] + 1}, column ${chosen.at[1] + 1}` : called(layer, chosen.map);
  const title = make("p", "lead");
  const largest = chosen.at && !chosen.asked && sum.found !== "not a number" ? ", the largest of this map" : "";
  title.innerHTML = `How <b>${escape(sum.value)}</b> came about <span>(${escape(where + largest)})</span>`;
  return [title, ...(draw[sum.kind] ?? func)(net, own, chosen, sum), make("p", "remark", sum.remark)];
}

const FORMULAS = {
  relu: (z, y) => `ReLU keeps what is positive and makes the rest 0: max(0, ${z}) = <b>${y}</b>`,
  sigmoid: (z, y) => `sigmoid: 1 / (1 + e<sup>${MINUS}(${z})</sup>) = <b>${y}</b>`,
  tanh: (z, y) => `tanh(${z}) = <b>${y}</b>`,
  softmax: (z, y) => `softmax: e<sup>${z}</sup> divided by the sum of all such = <b>${y}</b>`,
};

function result(sum) {
  const node = make("p", "result");
  const formula = FORMULAS[sum.activation];
  if (formula) node.innerHTML = formula(escape(sum.before), escape(sum.value));
  else node.innerHTML = `The result is <b>${escape(sum.value)}</b>${sum.kind === "Dense" ? "" : ": no function follows"}.`;
  return node;
}

// A square of numbers; coloured on a signed scale of its own whose end is `most`.
function grid(values, side, own, { most, inside, marked, name }) {
  const figure = make("figure", "numbers");
  const table = make("div", side > 7 ? "cells tiny" : "cells");
  table.style.setProperty("--side", side);
  const lut = colours(true, own.dark);
  values.forEach((value, i) => {
    const outside = inside && !inside[i];
    const cell = make("span", outside ? "outside" : "", side > 7 ? "" : outside ? "0" : brief(value, side, most));
    cell.title = outside ? "beyond the edge: 0" : number(value, 5);
    if (!outside) {
      const share = value === null ? null : most ? value / most : 0;
      const [r, g, b] = share === null ? BROKEN : lut[Math.max(1, Math.min(255, Math.round(128 + 127 * share)))];
      cell.style.background = `rgb(${r},${g},${b})`;
      cell.style.color = 0.3 * r + 0.59 * g + 0.11 * b > 140 ? "#16182a" : "#fff";
    }
    if (marked === i) cell.classList.add("marked");
    table.append(cell);
  });
  figure.append(table, make("figcaption", "", name));
  return figure;
}

// Short enough for a cell: three decimals without their 0 where all are small.
function brief(value, side, most) {
  if (value === null) return "NaN";
  if (value === 0) return "0";
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : most < 0.1 ? value.toFixed(3).replace("0.", ".") : value.toFixed(side > 5 ? 1 : 2);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

const sizeOf = (values) => Math.max(...values.map((v) => Math.abs(v ?? 0)), 0);
const sign = (text) => make("span", "sign", text);

function convolution(net, own, chosen, sum) {
  const shown = Math.min(own.channel ?? 0, sum.channels.length - 1);
  const channel = sum.channels[shown];
  const parts = [];
  const many = sum.channels.length > 1;
  if (channel.inputs) {
    const products = channel.inputs.map((value, i) => (value === null || channel.weights[i] === null ? null : value * channel.weights[i]));
    const row = make("div", "product");
    row.append(
      grid(channel.inputs, sum.side, own, { most: sizeOf(channel.inputs), inside: sum.inside, name: many ? inputName(sum, channel) : "input" }),
      sign("×"),
      grid(channel.weights, sum.side, own, { most: sizeOf(channel.weights), name: "kernel" }),
      sign("="),
      grid(products, sum.side, own, { most: sizeOf(products), inside: sum.inside, name: `products, sum ${number(channel.sum)}` }),
    );
    parts.push(row);
  }
  if (many) parts.push(channels(net, own, sum, shown));
  const total = sum.channels.reduce((all, c) => all + (c.sum ?? NaN), 0);
  const line = make("p", "total");
  const inputs = sum.names ? "three colours" : `${sum.channels.length} input maps`;
  const count = many ? `sum of the ${inputs}` : "sum of the products";
  line.innerHTML = `${count} ${number(Number.isNaN(total) ? null : total)}, bias ${number(sum.bias)}: together <b>${escape(sum.before)}</b>`;
  return [...parts, line, result(sum)];
}

const inputName = (sum, channel) => sum.names?.[channel.map] ?? `input map ${channel.map + 1}`;

// What each input map adds, the largest first; a click shows its numbers.
function channels(net, own, sum, shown) {
  const box = make("div", "channels");
  const FEW = 8;
  const most = Math.abs(sum.channels[0].sum ?? 0) || 1;
  const list = own.all ? sum.channels : sum.channels.slice(0, FEW);
  list.forEach((channel, n) => {
    const button = make("button", n === shown ? "channel on" : "channel");
    button.disabled = !channel.inputs;
    button.style.setProperty("--share", Math.min(1, Math.abs(channel.sum ?? 0) / most));
    button.classList.toggle("less", channel.sum < 0);
    button.append(make("small", "", sum.names?.[channel.map] ?? `map ${channel.map + 1}`), make("span", "", number(channel.sum)));
    button.onclick = () => {
      own.channel = n;
      own.inspector.querySelector(".sum").replaceChildren(...explain(net, own, current(own)));
    };
    box.append(button);
  });
  const left = sum.channels.slice(FEW);
  if (left.length) {
    const rest = left.reduce((all, c) => all + (c.sum ?? NaN), 0);
    const more = make("button", "channel rest");
    more.append(
      make("small", "", own.all ? "show" : `${left.length} others`),
      make("span", "", own.all ? "fewer" : number(Number.isNaN(rest) ? null : rest)),
    );
    more.onclick = () => {
      own.all = !own.all;
      own.inspector.querySelector(".sum").replaceChildren(...explain(net, own, current(own)));
    };
    box.append(more);
  }
  return box;
}

function dense(net, own, chosen, sum) {
  const table = make("table", "terms");
  const most = sizeOf([...sum.terms.map((term) => term[3]), sum.rest, sum.bias]) || 1;
  const left = sum.count - sum.terms.length;
  const line = (cells, product) => {
    const row = make("tr");
    row.append(...cells.map((text) => make("td", "", text)));
    const bar = make("td", "bar");
    const fill = make("i", product < 0 ? "less" : "");
    fill.style.width = `${(50 * Math.abs(product ?? 0)) / most}%`;
    bar.append(fill);
    row.append(bar);
    return row;
  };
  const head = make("tr");
  head.append(...["input", "value", "× weight", "= product", ""].map((text) => make("th", "", text)));
  table.append(head, ...sum.terms.map(([name, x, w, p]) => line([name, number(x), number(w), number(p)], p)));
  const none = sum.zeros === left ? (left === 1 ? ", which is 0" : ", all 0") : sum.zeros ? ` (${sum.zeros.toLocaleString("en")} are 0)` : "";
  if (left > 0) table.append(line([`the other ${left.toLocaleString("en")}${none}`, "", "", number(sum.rest)], sum.rest));
  table.append(line(["bias", "", "", number(sum.bias)], sum.bias));
  const total = make("p", "total");
  total.innerHTML = `All together <b>${escape(sum.before)}</b>`;
  const parts = [table, total];
  if (sum.activation !== "linear") parts.push(result(sum));
  else if (chosen.layer === own.data.layers.length - 1) parts.push(make("p", "result", "The softmax below turns this number and the others into shares of 100%."));
  return parts;
}

function pooling(net, own, chosen, sum) {
  const largest = sum.inputs.reduce((best, v, i) => (v !== null && v > (sum.inputs[best] ?? -Infinity) ? i : best), 0);
  const max = sum.kind === "MaxPooling2D";
  const row = make("div", "product");
  const window_ = grid(sum.inputs, sum.side, own, { most: sizeOf(sum.inputs), marked: max ? largest : -1, name: `rows ${sum.first[0] + 1} to ${sum.first[0] + sum.side}, columns ${sum.first[1] + 1} to ${sum.first[1] + sum.side} of the same map before` });
  row.append(window_);
  const line = make("p", "result");
  line.innerHTML = max
    ? `The largest of these ${sum.inputs.length} numbers is <b>${escape(sum.value)}</b>; where it lay is forgotten.`
    : `Their sum divided by ${sum.inputs.length} is <b>${escape(sum.value)}</b>.`;
  return [row, line];
}

function normalisation(net, own, chosen, sum) {
  const { mean, variance, gamma, beta } = sum.numbers;
  const line = make("p", "result");
  line.innerHTML = `(x ${MINUS} mean) / √(variance + 0.001) × gamma + beta<br>= (${number(sum.input, 4)} ${MINUS} ${bracket(mean)}) / √(${number(variance, 4)} + 0.001) × ${bracket(gamma)} ${signedTerm(beta)} = <b>${escape(sum.value)}</b>`;
  return [line, make("p", "total", `Mean and variance were gathered from the training ${own.data.noun}; gamma and beta were learnt.`)];
}

function func(net, own, chosen, sum) {
  const line = result(sum);
  return [line];
}

// ---------------------------------------------------------------- weights, and the strongest digits

function drawWeights(own, layer, chosen) {
  const box = own.inspector.querySelector(".weights");
  const { weights } = chosen;
  if (!weights || !own.sheets.weights) return;
  box.hidden = weights.count === 1;
  const name = weights.what === "kernel" ? "Its kernel" : "Its weights";
  box.firstElementChild.textContent = `${name}, one picture for each ${weights.unit} (${weights.count}), ${weights.scale}`;
  if (weights.count === 1) box.firstElementChild.textContent = `${name} as a picture, ${weights.scale}`;
  if (weights.width === 1) box.firstElementChild.textContent = `${name}, one for each ${weights.unit} (${weights.count}), ${weights.scale}`;
  const sprite = { ...weights, cell: weights.width > 1 ? (weights.count === 1 ? LARGE : 28) : 0 };
  if (weights.what === "weights" && weights.count === 1) box.hidden = false;
  paint(box.querySelector("canvas"), own.sheets.weights.sheet, sprite, arrange(sprite, own.width - 24, null));
}

function drawStrongest(net, own, layer, chosen) {
  const box = own.inspector.querySelector(".strongest");
  const { strongest } = chosen;
  const name = layer.labels ? "output" : layer.what;
  const { noun } = own.data;
  const one = noun.slice(0, -1);
  if (!strongest) {
    if (chosen.absent) return box.replaceChildren(make("p", "", chosen.absent));
    const button = make("button", "more", `Find the test ${noun} that excite this ${name} most`);
    button.onclick = () => {
      own.view = { ...own.view, strongest: true };
      button.disabled = true;
      send(own);
    };
    box.replaceChildren(button, make("small", "", ` reads all 10,000: ${chosen.seconds}`));
    return;
  }
  if (strongest.failed) return box.replaceChildren(make("p", "", strongest.failed));
  if (strongest.total) {
    const bar = make("progress");
    [bar.max, bar.value] = [strongest.total, strongest.done];
    const words = make("span", "", ` ${strongest.done.toLocaleString("en")} of ${strongest.total.toLocaleString("en")} test ${noun} read`);
    return box.replaceChildren(bar, words);
  }
  if (!strongest.digits.length) return box.replaceChildren(make("p", "", `No test ${one} excites this ${name}: it is 0 for all 10,000.`));
  const row = make("div", "digits");
  strongest.digits.forEach((digit, n) => {
    const button = make("button", "digit");
    button.title = `Look at test ${one} ${digit.number}, ${/^[aeiou]/.test(digit.label) ? "an" : "a"} ${digit.label}`;
    button.setAttribute("aria-label", button.title);
    const canvas = make("canvas");
    cut(prepare(canvas, 84, 84), own.sheets.strongest.sheet, strongest, n, 0, 0, 84, 84);
    button.append(canvas);
    if (digit.box) {
      const scale = 84 / strongest.width;
      const [top, bottom, left, right] = digit.box;
      const mark = make("i");
      Object.assign(mark.style, { left: `${scale * left}px`, top: `${scale * top}px`, width: `${scale * (right - left)}px`, height: `${scale * (bottom - top)}px` });
      button.append(mark);
    }
    button.append(make("small", "", digit.value));
    button.onclick = () => own.setTriggerValue("look", digit.number);
    row.append(button);
  });
  const box_ = strongest.digits[0].box ? ", and where: the frame is what its largest number sees" : "";
  const count = { 1: `The one test ${one} that excites`, 9: `The nine test ${noun} that excite` }[strongest.digits.length];
  const words = `${count ?? `The ${strongest.digits.length} test ${noun} that excite`} this ${name} most${box_}. Click one to look at it.`;
  box.replaceChildren(make("p", "", words), row);
}
