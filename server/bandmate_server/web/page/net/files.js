// Files that leave the page.
import { fetchSigned } from "./access.js";

const KEEP_MS = 60_000;

/** Has the server make a file; returns where it can be fetched, and its name. Throws Refusal. */
export async function orderFile(order) {
  const answer = await fetchSigned("/console/download", { method: "POST", body: JSON.stringify(order) });
  return answer.json();
}

/** Has the browser save what lies at an address. */
export function saveAddress(address, name) {
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Has the browser save what the page made. */
export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  saveAddress(address, name);
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}
