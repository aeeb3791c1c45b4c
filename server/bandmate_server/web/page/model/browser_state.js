// What a browser keeps for all tabs, also when they are closed.

export function readBrowserState(name) {
  try {
    return JSON.parse(localStorage.getItem(`bandmate.${name}`));
  } catch {
    return null;
  }
}

export function writeBrowserState(name, value) {
  try {
    localStorage.setItem(`bandmate.${name}`, JSON.stringify(value));
  } catch {
    // Storage is switched off or full: the value lasts as long as the page.
  }
}
