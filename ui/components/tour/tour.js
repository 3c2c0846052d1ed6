// The tour: a bar above the page that it steers. It says what to do now, notices that it was done, and leads on.
// data: {steps: [{name, page, text, then, click, seen}] (ui/content/tour.py), here: the page that is shown, ofDigits: is it about
// them, begun: rises when somebody asks for the tour}. Says: to, a page, once; it is about digits.
// Kept by the browser: {step, isOpen, wasOffered, begun}.

const KEPT = "digit-lab-tour";
const LOOK = 400; // milliseconds between two looks for what a step waits for
let stopTour = () => {};

function tourKept() {
  try {
    return { step: 0, isOpen: false, wasOffered: false, ...JSON.parse(localStorage.getItem(KEPT)) };
  } catch {
    return { step: 0, isOpen: false, wasOffered: false }; // a browser may refuse to keep anything
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  stopTour();
  const controller = new AbortController();
  const find = (name) => parentElement.querySelector(name);
  const state = tourKept();
  let isDone = false;

  const keep = (changes) => {
    Object.assign(state, changes);
    try {
      localStorage.setItem(KEPT, JSON.stringify(state));
    } catch {
      // As above.
    }
    render();
  };
  const open = () => {
    const last = data.steps.length;
    keep({ isOpen: true, wasOffered: true, step: state.step >= last ? 0 : state.step });
    go();
  };
  const isHere = (step) => data.ofDigits && step.page === data.here;
  const go = () => {
    isDone = false;
    const step = data.steps[state.step];
    if (step && !isHere(step)) setTriggerValue("to", step.page);
    else look();
    render();
  };
  const move = (by) => {
    if (state.step + by >= data.steps.length) return keep({ isOpen: false, step: data.steps.length });
    keep({ step: Math.max(0, state.step + by) });
    go();
  };

  // Is what the step waits for there, or was it done just now?
  const look = () => {
    const step = data.steps[state.step];
    if (!state.isOpen || isDone || !step || !isHere(step)) return;
    if (step.click || (step.seen && !document.querySelector(step.seen))) return;
    isDone = true;
    render();
  };
  const clicked = (event) => {
    const step = data.steps[state.step];
    const isIt = (element) => element instanceof Element && step?.click && element.matches(step.click);
    if (!state.isOpen || !step || !isHere(step) || !event.composedPath().some(isIt)) return;
    isDone = true;
    render();
  };

  function render() {
    const step = data.steps[state.step];
    find(".dl-tour-offer").hidden = data.here !== "draw" || state.wasOffered;
    find(".dl-tour").hidden = !state.isOpen || !step;
    if (!state.isOpen || !step) return;
    const isLast = state.step === data.steps.length - 1;
    const text = isDone && step.then ? step.then : isHere(step) ? step.text : "You left the path of the tour: go back to it, or look around.";
    put(find("section b"), `${state.step + 1}. ${step.name}${isDone ? " ✓" : ""}`);
    put(find("section span"), text);
    find("ol").replaceChildren(...data.steps.map((_, n) => dot(n < state.step || (n === state.step && isDone), n === state.step)));
    find(".back").hidden = !state.step;
    const next = find(".next");
    put(next, isHere(step) ? (isLast ? "Finish" : isDone ? `Next: ${data.steps[state.step + 1].name}` : "Skip") : `To ${step.name}`);
    next.classList.toggle("ready", isDone || !isHere(step));
    next.onclick = () => (isHere(step) ? move(1) : go());
  }

  find(".take").onclick = open;
  find(".decline").onclick = () => keep({ wasOffered: true });
  find(".back").onclick = () => move(-1);
  find(".leave").onclick = () => keep({ isOpen: false });
  document.addEventListener("click", clicked, { capture: true, signal: controller.signal });
  const timer = setInterval(look, LOOK);
  controller.signal.addEventListener("abort", () => clearInterval(timer));
  stopTour = () => controller.abort();
  if (data.begun && data.begun !== tourBegun) open();
  tourBegun = data.begun;
  look();
  render();
  return () => controller.abort();
}

let tourBegun = 0; // the last request that was followed

function dot(isPast, isNow) {
  const made = document.createElement("li");
  made.classList.toggle("past", isPast);
  made.classList.toggle("now", isNow);
  return made;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text; // what is said again is read out again
}
