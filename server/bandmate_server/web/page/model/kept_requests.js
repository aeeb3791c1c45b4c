// Where requests that wait are kept: in the tab while it is open, in the browser once it was closed.
import { browserState, onOtherTab, tabState } from "./stored_state.js";

const OWN = "outbox";
const LEFT = "left-requests";

/** The entries of this tab, also after a reload. What it left in the browser and another tab took is no longer among them. */
export function takeOwnRequests() {
  const left = leftRequests();
  const own = (tabState.read(OWN) ?? []).flatMap((entry) => (entry.isLeft ? left.filter(({ id }) => id === entry.id) : [entry]));
  keepOwnRequests(own);
  forgetLeftRequests(own);
  return own;
}

export function keepOwnRequests(entries) {
  tabState.write(OWN, entries);
}

/** The page goes: nobody knows yet whether it comes back. */
export function leaveRequests(entries) {
  if (entries.length === 0) return;
  const isLeft = browserState.write(LEFT, [...leftRequests(), ...entries]);
  if (isLeft) tabState.write(OWN, entries.map(({ id }) => ({ id, isLeft })));
}

/** The entries of tabs that were closed. */
export function leftRequests() {
  return browserState.read(LEFT) ?? [];
}

export function forgetLeftRequests(entries) {
  if (entries.length === 0) return;
  const ids = new Set(entries.map(({ id }) => id));
  browserState.write(LEFT, leftRequests().filter(({ id }) => !ids.has(id)));
}

export function onLeftRequests(changed) {
  onOtherTab(LEFT, changed);
}
