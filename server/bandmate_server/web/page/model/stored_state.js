// What outlasts a reload: `tabState` for one tab alone, `browserState` for all tabs, also when they are closed.

export const tabState = stateIn(() => sessionStorage);
export const browserState = stateIn(() => localStorage);

function stateIn(storage) {
  return {
    read(name) {
      try {
        return JSON.parse(storage().getItem(`bandmate.${name}`));
      } catch {
        return null;
      }
    },
    /** Returns whether it is kept: where storage is switched off or full, a value lasts only as long as the page. */
    write(name, value) {
      try {
        storage().setItem(`bandmate.${name}`, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** Calls `changed` when another tab wrote this value of the browser's. */
export function onOtherTab(name, changed) {
  window.addEventListener("storage", ({ key }) => key === `bandmate.${name}` && changed());
}
