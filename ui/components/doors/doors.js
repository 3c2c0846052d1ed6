// The navigation. On a wide screen: the doors in a row, below it the pages of the open one. On a phone: the doors at the
// bottom, where a thumb is; a door with several pages opens a menu of them, which closes after a choice.
// data: {doors: [{name, icon, pages: [{path, name, icon, does, href}]}], here: the page that is shown}
// Says: to, a page, once.

// Called anew for each page, into the same elements: they are built once, so that the focus stays.
export default function ({ parentElement, data, setTriggerValue }) {
  const doors = parentElement.querySelector(".dl-doors");
  const pages = parentElement.querySelector(".dl-pages");
  const scrim = parentElement.querySelector(".dl-scrim");

  const opened = () => doors.querySelector('[aria-expanded="true"]');
  const close = () => {
    opened()?.setAttribute("aria-expanded", "false");
    scrim.hidden = true;
  };
  const toggle = (opener) => {
    const wasOpen = opener === opened();
    close();
    opener.setAttribute("aria-expanded", `${!wasOpen}`);
    scrim.hidden = wasOpen;
  };

  const click = (event) => {
    const opener = event.target.closest("button");
    const followed = event.target.closest("a");
    if (opener) toggle(opener);
    // With a key held down the browser opens it its own way, as in a new tab.
    if (!followed || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    close();
    if (followed.dataset.page === doors.dataset.here) return;
    mark(followed.dataset.page); // at once; the page follows
    setTriggerValue("to", followed.dataset.page);
  };
  const mark = (here) => {
    doors.dataset.here = here;
    const its = data.doors.find((door) => door.pages.some((page) => page.path === here)) ?? data.doors[0];
    [...doors.children].forEach((one, place) => {
      const kind = its.pages.length > 1 ? "true" : "page";
      for (const door of one.querySelectorAll(".dl-door")) current(door, data.doors[place] === its && kind);
    });
    if (pages.dataset.of !== its.name) {
      pages.dataset.of = its.name;
      pages.setAttribute("aria-label", its.name);
      pages.replaceChildren(...its.pages.map((page) => link("dl-page", page, page.name)));
      pages.hidden = its.pages.length < 2;
    }
    for (const one of [...doors.querySelectorAll(".dl-entry"), ...pages.children])
      current(one, one.dataset.page === here && "page");
  };

  const told = JSON.stringify(data.doors);
  if (doors.dataset.told !== told) {
    doors.dataset.told = told;
    doors.replaceChildren(...data.doors.map(item));
  }
  mark(data.here);
  doors.onclick = pages.onclick = click;
  scrim.onclick = close; // a tap beside the menu begins no stroke
  doors.onkeydown = ({ key }) => {
    const opener = opened();
    if (key !== "Escape" || !opener) return;
    close();
    opener.focus();
  };
  doors.onfocusout = ({ relatedTarget }) => {
    if (relatedTarget && !opened()?.parentElement.contains(relatedTarget)) close();
  };
}

function item(door, place) {
  if (door.pages.length < 2) return element("div", "dl-item", link("dl-door", door.pages[0], sign(door.icon), door.name));
  const opener = element("button", "dl-door dl-narrow", sign(door.icon), door.name);
  opener.type = "button";
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", `dl-menu-${place}`);
  const menu = element("div", "dl-menu", ...door.pages.map(entry));
  menu.id = `dl-menu-${place}`;
  return element("div", "dl-item", link("dl-door dl-wide", door.pages[0], sign(door.icon), door.name), opener, menu);
}

function entry(page) {
  const words = element("span", "", element("b", "", page.name), element("small", "", page.does));
  return link("dl-entry", page, sign(page.icon), words);
}

function link(className, page, ...parts) {
  const made = element("a", className, ...parts);
  made.href = page.href;
  made.dataset.page = page.path;
  return made;
}

function sign(icon) {
  const made = element("span", "dl-sign", icon);
  made.setAttribute("aria-hidden", "true");
  made.translate = false;
  return made;
}

function element(tag, className, ...parts) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...parts);
  return made;
}

function current(one, said) {
  if (said) one.setAttribute("aria-current", said);
  else one.removeAttribute("aria-current");
}
