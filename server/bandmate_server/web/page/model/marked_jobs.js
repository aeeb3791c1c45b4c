// Jobs of the list that are marked together, to keep, rate, drop or restore them at once.

/** The most that are marked: the server lists and drops as many in one request. */
export const MAX_MARKED = 1_000;

export class MarkedJobs {
  #library;
  #loadRows;
  #summaries = new Map(); // by id; empty, or two and more
  #anchor = null; // the row from which Shift marks
  end = null; // the row up to which it does

  /** `loadRows(first, count)` resolves to the summaries in some rows. */
  constructor(library, loadRows) {
    this.#library = library;
    this.#loadRows = loadRows;
  }

  get count() {
    return this.#summaries.size;
  }

  has(id) {
    return this.#summaries.has(id);
  }

  get all() {
    return [...this.#summaries.values()];
  }

  clear() {
    this.#summaries = new Map();
    this.#anchor = null;
    this.end = null;
  }

  /** Marks the job in a row, or no longer; the one that is selected counts as marked already. */
  toggle(row, selectedRow) {
    const [summary, selected] = [this.#library.row(row), selectedRow === undefined ? null : this.#library.row(selectedRow)];
    if (summary === null) return;
    const next = new Map(this.#summaries);
    if (next.size === 0 && selected !== null) next.set(selected.job, selected);
    if (!next.delete(summary.job)) next.set(summary.job, summary);
    this.#anchor = row;
    this.end = null;
    this.#replace(next);
  }

  /** Marks all from the row where marking began, or the selected one, to a row. */
  async extendTo(row, selectedRow) {
    this.#anchor ??= selectedRow ?? row;
    const anchor = this.#anchor;
    this.end = row;
    const first = Math.max(Math.min(anchor, row), anchor - MAX_MARKED + 1);
    const count = Math.min(Math.abs(row - anchor) + 1, MAX_MARKED);
    const rows = await this.#loadRows(first, count);
    if (anchor === this.#anchor && row === this.end) this.#replace(new Map(rows.map((summary) => [summary.job, summary])));
  }

  /** What is known of a job now. */
  update(id, fields) {
    const before = this.#summaries.get(id);
    if (before) this.#summaries.set(id, { ...before, ...fields });
  }

  #replace(next) {
    this.#summaries = next.size > 1 ? next : new Map();
    const [only] = next.values();
    this.#library.marksChanged(next.size === 1 ? only : null);
  }
}
