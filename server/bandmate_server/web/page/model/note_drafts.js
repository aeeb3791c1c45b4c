// Notes that were written and are not saved yet: this tab keeps them until they are.
import { readTabState, writeTabState } from "./tab_state.js";

const STATE = "notes";

export class NoteDrafts {
  #drafts = readTabState(STATE) ?? {};

  /** `{ text, before }`, with the note as it was before; undefined where nothing waits. */
  get(job) {
    return this.#drafts[job];
  }

  /** Keeps a draft; null forgets it. */
  keep(job, draft) {
    if (draft === null) delete this.#drafts[job];
    else this.#drafts[job] = draft;
    writeTabState(STATE, this.#drafts);
  }
}
