// The page's half of a sign-in. The cookie is the browser's half; the server wants both.

const STORED = "bandmate.key";
let kept = null; // where storage is switched off, the key lasts as long as the page

export const KEY_SUBPROTOCOL = "bandmate.key.";

/** What the server said no to: a sentence, and what would work. */
export class Refusal extends Error {
  constructor({ sentence, remedy = "", code = "", models = [], wording = null, remedy_wording = null }, status = 0) {
    super(sentence);
    this.remedy = remedy;
    this.wording = wording;
    this.remedy_wording = remedy_wording;
    this.code = code;
    this.models = models;
    this.status = status;
  }
}

export function currentKey() {
  try {
    return localStorage.getItem(STORED) ?? kept;
  } catch {
    return kept;
  }
}

function keepKey(key) {
  kept = key;
  try {
    if (key === null) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, key);
  } catch {
    // Storage is switched off.
  }
}

/** Exchanges the code in the address, if there is one; returns what went wrong, or an empty text. */
export async function signInFromLink() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return "";
  // It works once, so it must not stay in the history.
  history.replaceState(null, "", location.pathname);
  try {
    const answer = await fetch("/console/sign-in", { method: "POST", body: JSON.stringify({ code }) });
    const said = await answer.json();
    if (!answer.ok) return said.sentence;
    keepKey(said.key);
    return "";
  } catch {
    return "The server does not answer.";
  }
}

export async function signOut() {
  await fetchSigned("/console/sign-out", { method: "POST" }).catch(() => {});
  keepKey(null);
}

/** Fetches something of the console's own. Throws Refusal, and TypeError when no server answers. */
export async function fetchSigned(path, options = {}) {
  const headers = { ...options.headers, "X-Bandmate-Key": currentKey() ?? "" };
  const answer = await fetch(path, { ...options, headers });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({ sentence: `The server answered with status ${answer.status}.` }));
  throw new Refusal(said, answer.status);
}

/** Whether the server knows this sign-in; throws TypeError when no server answers. */
export async function isSignedIn() {
  if (currentKey() === null) return false;
  const answer = await fetch("/console/signed-in", { headers: { "X-Bandmate-Key": currentKey() } });
  return answer.ok;
}

/** Calls `left` when another tab of this browser signs out. */
export function onSignOut(left) {
  window.addEventListener("storage", (event) => {
    if (event.key === STORED && event.newValue === null) {
      kept = null;
      left();
    }
  });
}
