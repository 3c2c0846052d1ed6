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

/** What scripts say to each other; see live/PROTOCOL.md. */
interface WindowEventMap {
  "digit-lab-ask": CustomEvent<Map<Element, any>>;
  "digit-lab-ahead": CustomEvent<{ isAhead: boolean }>;
  "digit-lab-messages": Event;
  "digit-lab-shown": CustomEvent<{ ink: Float32Array | null; network: any; moving: boolean; asked: number }>;
  "digit-lab-network": CustomEvent<{ key: string; bytes: Uint8Array | null }>;
  "digit-lab-pixels": CustomEvent<{ values: Float32Array }>;
  "digit-lab-heat": CustomEvent<any>;
  "digit-lab-light": CustomEvent<number | null>;
  "digit-lab-drawn": CustomEvent<{ strokes: Float64Array[]; brushes: number[] }>;
  "digit-lab-pen": CustomEvent<{ what: string; stroke: any }>;
}

interface Window {
  /** Plotly's bundle. */
  moduleName?: any;
}
