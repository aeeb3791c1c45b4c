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
    write(name, value) {
      try {
        storage().setItem(`bandmate.${name}`, JSON.stringify(value));
      } catch {
        // Storage is switched off or full: the value lasts as long as the page.
      }
    },
  };
}
