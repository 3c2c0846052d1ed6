// Takes a teacher's key out of the address, /class#code=K7QXM4&key=..., and tells Python.
// Says: opened, {code, key}, once.

let stop = () => {};

export default function ({ setTriggerValue }) {
  stop();
  const take = () => {
    const said = new URLSearchParams(location.hash.slice(1));
    const [code, key] = [said.get("code"), said.get("key")];
    if (!code || !key) return;
    // In its place, so that neither the address nor 'back' has it any more.
    history.replaceState(history.state, "", location.pathname + location.search);
    setTriggerValue("opened", { code, key });
  };
  const controller = new AbortController();
  window.addEventListener("hashchange", take, { signal: controller.signal }); // the link was opened where this page is
  take();
  return (stop = () => controller.abort());
}
