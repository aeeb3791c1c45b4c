// Notes that were written and are not saved yet: this tab keeps them until they are.
import { tabState } from "./stored_state.js";

const STATE = "notes";

export class NoteDrafts {
  #drafts = tabState.read(STATE) ?? {};

  /** `{ text, before }`, with the note as it was before; undefined where nothing waits. */
  get(job) {
    return this.#drafts[job];
  }

  /** Keeps a draft; null forgets it. */
  keep(job, draft) {
    if (draft === null) delete this.#drafts[job];
    else this.#drafts[job] = draft;
    tabState.write(STATE, this.#drafts);
  }
}
