// The link to this page with what is set up on it, and a button that copies it.
// data: {query: without the question mark}

export default function ({ parentElement, data }) {
  const line = parentElement.querySelector("input");
  const status = parentElement.querySelector("[role=status]");
  const link = location.origin + location.pathname + (data.query ? `?${data.query}` : "");
  if (line.value !== link) {
    line.value = link;
    status.textContent = "";
  }
  line.onfocus = () => line.select();
  parentElement.querySelector("button").onclick = async () => {
    status.textContent = (await copied(line)) ? "Copied." : "Select the line and copy it.";
  };
}

async function copied(line) {
  try {
    await navigator.clipboard.writeText(line.value);
    return true;
  } catch {
    // Browsers give no clipboard to a page without HTTPS, such as one in a class's own network.
    line.select();
    return document.execCommand("copy");
  }
}
