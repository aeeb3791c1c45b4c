// The library: pages of the server's list as one scrolls, what people say about jobs, and jobs that are dropped.
import { titleOf } from "./job_titles.js";
import { MarkedJobs } from "./marked_jobs.js";
import { NoteDrafts } from "./note_drafts.js";
import { tabState } from "./stored_state.js";

const PAGE_ROWS = 50;
const MAX_PAGES = 40;
const STATE = "library";
const KEEP_MS = 150; // storage takes longer than a frame of scrolling may
const DAY_MS = 86_400_000;

export const NO_FILTERS = { words: "", task: "", engine: "", state: "", rating: 0, kept: false, days: 0, dropped: false };

export class JobLibrary {
  #wire;
  #changed;
  #pages = new Map(); // by number: { rows, version }
  #window = [0, 0]; // the rows in sight
  #version = 0; // counts the server's news
  #asked = 0; // counts the changes of filters
  #isAsking = false;
  #isShown = false;
  #keeping = 0;

  constructor(wire, changed) {
    this.#wire = wire;
    this.#changed = changed;
    const kept = tabState.read(STATE) ?? {};
    this.filters = { ...NO_FILTERS, ...kept.filters };
    this.selected = kept.selected ?? null; // a job's id
    this.topRow = kept.topRow ?? 0; // where the list is scrolled to
    this.total = null; // how many jobs fit; null until the server has said so
    this.grown = 0; // rows that came above the list since the page was opened
    this.diskBytes = 0;
    this.pendingRow = null; // the row that is selected once it is loaded
    this.details = null; // all that the server knows of the selected job
    this.drafts = new NoteDrafts();
    this.marked = new MarkedJobs(this, (first, count) => this.#loadRows(first, count));
    this.undo = null; // { sentence, run } of the last change that can be undone
    window.addEventListener("pagehide", () => this.#keep());
    wire.subscribe({ type: "watch_jobs" }, () => {
      this.#version += 1;
      this.#load();
      this.#loadDetails();
    });
  }

  /** The job in a row, newest first; null while it is not loaded. */
  row(index) {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS] ?? null;
  }

  /** The rows that are in sight from now on. */
  show(first, last) {
    const wasShown = this.#isShown;
    this.#isShown = true;
    this.#window = [first, last];
    this.#load();
    if (!wasShown) this.#loadDetails(); // the server's news were not followed until now
  }

  /** Nobody looks at the list any more. */
  hide() {
    this.#isShown = false;
  }

  filter(changes) {
    this.filters = { ...this.filters, ...changes };
    this.#asked += 1;
    this.#pages.clear();
    this.total = null;
    this.pendingRow = null;
    this.marked.clear();
    this.topRow = 0;
    this.#window = [0, PAGE_ROWS - 1];
    this.#keep();
    this.#load();
    this.#changed();
  }

  scrolledTo(row) {
    this.topRow = row;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => this.#keep(), KEEP_MS);
  }

  /** Selects the job in a row, now or as soon as it is loaded. */
  selectRow(index) {
    const summary = this.row(index);
    if (summary) this.select(summary.job);
    else this.pendingRow = index;
  }

  select(id) {
    this.pendingRow = null;
    if (this.marked.count > 0) {
      this.marked.clear();
      this.#changed();
    }
    if (this.selected === id) return;
    this.selected = id;
    this.details = null;
    this.#keep();
    this.#loadDetails();
    this.#changed();
  }

  /** Changes what is said about a job: rating, note (with note_before) or kept. Throws Refusal. */
  async annotate(id, said) {
    this.#replace(id, said);
    try {
      const { jobs } = await this.#wire.ask({ type: "annotate", job: id, ...said });
      this.#replace(id, jobs[0]);
    } catch (error) {
      this.#version += 1;
      this.#load();
      this.#loadDetails();
      throw error;
    }
  }

  /** What is marked changed; where one job is left, it is the selected one. */
  marksChanged(only) {
    if (only !== null) this.select(only.job);
    this.#changed();
  }

  /** The jobs that a change is for: those that are marked, else the selected one. */
  get chosen() {
    if (this.marked.count > 0) return this.marked.all;
    return this.details === null ? [] : [this.details];
  }

  /** Rates or keeps several jobs; one undo gives each back what it had. Throws Refusal. */
  async annotateAll(summaries, said) {
    const [name] = Object.keys(said);
    const changed = [];
    const usual = name === "rating" ? 0 : false;
    this.undo = {
      sentence: `${countText(summaries)} changed.`,
      run: () => Promise.all(changed.map(({ job, before }) => this.annotate(job, { [name]: before }))),
    };
    for (const summary of summaries) {
      await this.annotate(summary.job, said);
      changed.push({ job: summary.job, before: summary[name] ?? usual });
    }
  }

  /** What dropping jobs together frees: { bytes, needed }, with how many stay for now. Throws Refusal. */
  async previewDrop(summaries) {
    const answer = await this.#wire.ask({ type: "drop_jobs", jobs: idsOf(summaries), preview: true });
    return { bytes: answer.disk_bytes, needed: (answer.needed ?? []).length };
  }

  /** Throws Refusal. */
  async drop(summaries, { now = false } = {}) {
    await this.#wire.ask({ type: "drop_jobs", jobs: idsOf(summaries), now: now || undefined });
    const sentence = `${countText(summaries)} dropped.`;
    this.undo = now ? null : { sentence, run: () => this.#bringBack(summaries) };
    this.select(null);
    this.#changed();
  }

  /** Throws Refusal: what is gone says so, and then none is restored. */
  async restore(summaries) {
    await this.#bringBack(summaries);
    if (summaries.length > 1) this.undo = { sentence: `${countText(summaries)} restored.`, run: () => this.drop(summaries) };
    this.#changed();
  }

  async #bringBack(summaries) {
    await this.#wire.ask({ type: "restore_jobs", jobs: idsOf(summaries) });
    this.select(summaries[0].job);
  }

  /** Throws Refusal. */
  async undoLast() {
    const { run } = this.undo;
    this.undo = null;
    this.#changed();
    await run();
  }

  /** Loads one page after the other until those in sight are as new as the server's news. */
  async #load() {
    if (this.#isAsking || !this.#isShown || this.#wire.state !== "open") return;
    this.#isAsking = true;
    try {
      for (let page = this.#nextPage(); page !== null; page = this.#nextPage()) await this.#loadPage(page);
    } catch {
      // The connection went; the server's news on the next one load again.
    } finally {
      this.#isAsking = false;
    }
  }

  async #loadPage(page) {
    const [asked, version] = [this.#asked, this.#version];
    const answer = await this.#wire.ask({ ...this.#question(), skip: page * PAGE_ROWS, most: PAGE_ROWS });
    if (asked !== this.#asked) return;
    const total = answer.total ?? answer.jobs.length;
    if (this.total !== null && total > this.total) this.grown += total - this.total;
    this.total = total;
    this.diskBytes = answer.disk_bytes ?? 0;
    this.#pages.delete(page);
    this.#pages.set(page, { rows: answer.jobs, version });
    while (this.#pages.size > MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value);
    if (this.pendingRow !== null && this.row(this.pendingRow)) this.selectRow(this.pendingRow);
    this.#changed();
  }

  async #loadRows(first, count) {
    const rows = Array.from({ length: count }, (_, at) => this.row(first + at));
    if (rows.every((row) => row !== null)) return rows;
    const answer = await this.#wire.ask({ ...this.#question(), skip: first, most: count }).catch(() => ({ jobs: [] }));
    return answer.jobs;
  }

  #nextPage() {
    const [first, last] = this.#window.map((row) => Math.floor(row / PAGE_ROWS));
    const end = this.total === null ? first : Math.min(last, Math.floor(Math.max(this.total - 1, 0) / PAGE_ROWS));
    for (let page = Math.min(first, end); page <= end; page += 1) {
      if ((this.#pages.get(page)?.version ?? -1) < this.#version) return page;
    }
    return null;
  }

  #question() {
    const { words, task, engine, state, rating, kept, days, dropped } = this.filters;
    return {
      type: "list_jobs",
      brief: true,
      words: words.replace(/\p{Cc}+/gu, " ").trim().slice(0, 256) || undefined,
      task: task || undefined,
      engine: engine || undefined,
      state: state || undefined,
      rating: rating || undefined,
      kept: kept || undefined,
      dropped: dropped || undefined,
      since_ms: days ? Date.now() - days * DAY_MS : undefined,
    };
  }

  async #loadDetails() {
    const id = this.selected;
    if (id === null || !this.#isShown || this.#wire.state !== "open") return;
    const answer = await this.#wire.ask({ type: "list_jobs", most: 1, prefix: id }).catch(() => null);
    if (answer === null || this.selected !== id) return;
    this.details = answer.jobs[0] ?? null;
    if (this.details === null) this.selected = null;
    this.#changed();
  }

  /** What is known of a job now, in its row and in the details. */
  #replace(id, said) {
    const { note_before: _, ...fields } = said;
    for (const { rows } of this.#pages.values()) {
      const at = rows.findIndex((each) => each.job === id);
      if (at >= 0) rows[at] = { ...rows[at], ...fields };
    }
    if (this.details?.job === id) this.details = { ...this.details, ...fields };
    this.marked.update(id, fields);
    this.#changed();
  }

  #keep() {
    tabState.write(STATE, { filters: this.filters, selected: this.selected, topRow: this.topRow });
  }
}

function idsOf(summaries) {
  return summaries.map(({ job }) => job);
}

/** As in “funk band was” or “5 jobs were”. */
function countText(summaries) {
  return summaries.length === 1 ? `${titleOf(summaries[0])} was` : `${summaries.length} jobs were`;
}
