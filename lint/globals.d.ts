/** What a component's default export is called with; see Streamlit's components v2. */
interface Component {
  /** What Python said. */
  data: any;
  /** Where the component's HTML is; it stays the same element from call to call. */
  parentElement: any;
  /** Say something that Python keeps. */
  setStateValue(name: string, value: unknown): void;
  /** Say something once. */
  setTriggerValue(name: string, value: unknown): void;
}

interface Window {
  /** What is on the page of live/board.js; see live/PROTOCOL.md. */
  digitLabBoard?: Map<Element, any>;
  /** Plotly's bundle. */
  moduleName?: any;
}
