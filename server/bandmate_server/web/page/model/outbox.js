// Requests for jobs that are still to be sent. They outlast a reload of the page, a server that goes and a closed tab.
import { reopenFile } from "./file_job.js";
import { LOST } from "../net/wire.js";
import { forgetLeftRequests, keepOwnRequests, leaveRequests, leftRequests, onLeftRequests, takeOwnRequests } from "./kept_requests.js";
import { newTimeline } from "./new_timeline.js";

const RECENT_JOBS = 64; // among which a job is looked for whose answer was lost

/**
 * An entry is plain data: `{ id, batch, title, order, music, base, file, open, stem, take }`. `order` is a `submit` without
 * its timeline where `music` says from what that is made; `take` is "first" or "more" for one of several takes.
 * `mayBeSent`: a tab that was closed sent it perhaps, and heard no answer.
 */
export class Outbox {
  #studio;
  #entries = [];
  #left = []; // of tabs that were closed; the musician says what becomes of them
  #batches = new Map(); // by number: { resolve, reject } of who waits for it in this page
  #isRunning = false;
  #bases = new Map(); // the jobs that entries of this page are based on, by id

  constructor(studio) {
    this.#studio = studio;
    this.#takeBack();
    onLeftRequests(() => this.#lookForLeft());
    window.addEventListener("pagehide", () => leaveRequests(this.#entries));
    // The browser kept the whole page while another was shown.
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.#takeBack());
  }

  get entries() {
    return this.#entries;
  }

  get left() {
    return this.#left;
  }

  /** Sends what tabs that were closed left, unless another tab took it meanwhile. */
  async sendLeft() {
    const taken = leftRequests();
    const isFirst = ({ batch }, at) => taken.findIndex((each) => each.batch === batch) === at;
    this.#entries.push(...taken.map((entry, at) => ({ ...entry, mayBeSent: isFirst(entry, at) })));
    this.#keep();
    this.dropLeft(taken);
    await this.#run();
  }

  dropLeft(entries = this.#left) {
    forgetLeftRequests(entries);
    this.#lookForLeft();
  }

  /** Sends requests in their order; resolves when all are sent. Throws Refusal: then those after it are not sent. */
  send(requests) {
    const batch = crypto.getRandomValues(new Uint32Array(2)).join("-");
    for (const [at, { base = null, ...request }] of requests.entries()) {
      if (base) this.#bases.set(base.id, base);
      const file = base?.isFile ? base.kept : null;
      this.#entries.push({ id: `${batch}-${at}`, batch, ...request, base: base?.id ?? null, file });
    }
    this.#keep();
    const sent = new Promise((resolve, reject) => this.#batches.set(batch, { resolve, reject }));
    this.#run();
    return sent;
  }

  /** Goes on after a reload, or when the server is back. Throws Refusal. */
  async resume() {
    if (this.#entries.length > 0) await this.#run(true);
  }

  /** Sends nothing more. */
  giveUp() {
    this.#entries = [];
    this.#keep();
    for (const { resolve } of this.#batches.values()) resolve();
    this.#batches.clear();
  }

  async #run(isResumed = false) {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      let first = isResumed;
      while (this.#entries.length > 0) {
        const [entry] = this.#entries;
        // The answer to the first one may have been lost on its way.
        const job = ((first || entry.mayBeSent) && (await this.#findSent(entry))) || (await this.#send(entry));
        first = false;
        if (job) this.#place(entry, job);
        this.#remove(entry);
      }
    } catch (error) {
      if (error.code === LOST) return;
      this.#refuse(this.#entries[0], error);
    } finally {
      this.#isRunning = false;
    }
    if (this.#entries.length > 0 && this.#studio.wire.state === "open") await this.#run();
  }

  async #findSent(entry) {
    const { jobs = [] } = await this.#studio.wire.ask({ type: "list_jobs", most: RECENT_JOBS });
    const found = jobs.find(({ origin }) => origin?.order === entry.id);
    return found ? this.#studio.jobs.fetchJob(found.job) : null;
  }

  /** Null when it was given up meanwhile. */
  async #send({ id, order, music, base, file, stem }) {
    const studio = this.#studio;
    const timeline = music ? await newTimeline(studio.wire, music) : order.timeline;
    if (!this.#entries.some((entry) => entry.id === id)) return null;
    return studio.jobs.submit({ ...order, timeline }, { open: false, base: await this.#baseOf(base, file), stem, about: { order: id } });
  }

  async #baseOf(id, file) {
    if (id === null) return null;
    const known = this.#bases.get(id) ?? (this.#studio.opened?.id === id ? this.#studio.opened : null);
    return known ?? (file ? reopenFile(file).catch(() => null) : this.#studio.jobs.fetchJob(id));
  }

  #place({ open, take }, job) {
    const { takes } = this.#studio;
    if (open) this.#studio.openJob(job);
    if (take === "first") takes.begin([job]);
    // Where the takes were put away, the library has the rest.
    else if (take === "more" && takes.jobs.length > 0) takes.add(job);
  }

  #remove({ id, batch }) {
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    this.#keep();
    if (this.#entries.some((entry) => entry.batch === batch)) return;
    this.#batches.get(batch)?.resolve();
    this.#batches.delete(batch);
  }

  #refuse(refused, error) {
    if (!refused) return;
    this.#entries = this.#entries.filter(({ batch }) => batch !== refused.batch);
    this.#keep();
    const waiting = this.#batches.get(refused.batch);
    this.#batches.delete(refused.batch);
    if (waiting) waiting.reject(error);
    else this.#studio.attempt(() => Promise.reject(error));
  }

  #keep() {
    keepOwnRequests(this.#entries);
    this.#guardTab();
    this.#studio.changed();
  }

  #takeBack() {
    this.#entries = takeOwnRequests();
    this.#guardTab();
    this.#lookForLeft();
  }

  #lookForLeft() {
    this.#left = leftRequests();
    this.#studio.changed();
  }

  /** The browser asks before it closes a tab whose requests would wait until the page is opened again. */
  #guardTab() {
    if (this.#entries.length > 0) window.addEventListener("beforeunload", keepTab);
    else window.removeEventListener("beforeunload", keepTab);
  }
}

function keepTab(event) {
  event.preventDefault();
}
