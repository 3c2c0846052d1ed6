// Keys of ours: not those of the browser, as Ctrl +, Alt + left or, on a Mac, Cmd + left are.

/** Is it pressed alone, or with Shift? @param {KeyboardEvent} event */
export const isPlain = (event) => !event.ctrlKey && !event.metaKey && !event.altKey;
