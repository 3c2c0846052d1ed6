// Streamlit puts each change of an address into the browser's history. The switch between digits and images is one for
// all pages: the address with another `of` takes the place of the one before, so that Back leads to the page before.
const SWITCH = "of";

/** @param {URL} address */
const turnsTheSwitch = (address) =>
  address.pathname === location.pathname &&
  address.searchParams.get(SWITCH) !== new URLSearchParams(location.search).get(SWITCH);

// Called anew, without a word, when the theme changes.
export default function () {
  if (Object.hasOwn(history, "pushState")) return;
  history.pushState = function (state, title, address) {
    const turns = turnsTheSwitch(new URL(address ?? "", location.href));
    (turns ? History.prototype.replaceState : History.prototype.pushState).call(history, state, title, address);
  };
}
