// What one tab keeps over a reload, and no other tab sees.

export function readTabState(name) {
  try {
    return JSON.parse(sessionStorage.getItem(`bandmate.${name}`));
  } catch {
    return null;
  }
}

export function writeTabState(name, value) {
  try {
    sessionStorage.setItem(`bandmate.${name}`, JSON.stringify(value));
  } catch {
    // Storage is switched off or full: then a reload starts afresh.
  }
}
