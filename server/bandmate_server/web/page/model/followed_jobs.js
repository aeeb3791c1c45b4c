// The jobs that the page follows, by id: those that it starts, and those of the list that it opens.
import { Refusal } from "../net/access.js";
import { fileOfOrigin, fileOrigin } from "./file_analysis.js";
import { subjectOf } from "./job_titles.js";
import { Job } from "./jobs.js";

export class FollowedJobs extends Map {
  #studio;

  constructor(studio) {
    super();
    this.#studio = studio;
  }

  /** Submits a job and opens it. Throws Refusal. */
  async submit({ task, params, options = {}, engine, seed, timeline, inputs = [] }, { open = true, base = null, stem = null, about = {} } = {}) {
    const origin = {
      bridge: "console",
      ...(base && { subject: subjectOf(base) }),
      ...(base && (base.isFile ? fileOrigin(base.kept) : { base: base.id })),
      ...about,
      ...(stem !== null && { stem: String(stem) }),
    };
    const asked = { type: "submit", task, params, options, engine: engine || undefined, seed, timeline, inputs, origin };
    const accepted = await this.#studio.wire.ask(asked);
    const job = this.#add(new Job({ ...asked, ...accepted }, base, stem));
    job.ahead = accepted.ahead ?? 0;
    if (open) this.#studio.openJob(job);
    return job;
  }

  /** Runs a task for its report alone; `about` goes with the job's origin. Throws Refusal. */
  async report(order, about = {}) {
    const job = await this.submit(order, { open: false, about });
    await new Promise((resolve) => {
      const end = this.#studio.listen(() => {
        if (job.isActive) return;
        end();
        resolve();
      });
    });
    if (job.problem) throw new Refusal(job.problem);
    return job.report;
  }

  /** Submits what a job was made of, with other options. Throws Refusal. */
  submitAgain(job, change) {
    const { task, params, options, seed, range: timeline, inputs } = job;
    const engine = job.engine === "none" ? undefined : job.engine;
    return this.submit({ task, params, options, engine, seed, timeline, inputs, ...change }, { base: job.base, stem: job.patched });
  }

  /** Runs a job's recipe again, with a seed of its own. */
  async redo(job, seed, { open = true } = {}) {
    const accepted = await this.#studio.wire.ask({ type: "redo", job: job.id, seed });
    const again = this.#add(new Job({ ...job, ...accepted, timeline: job.range, state: "queued" }, job.base, job.patched));
    if (open) this.#studio.openJob(again, { isRelated: true });
    return again;
  }

  cancel(job) {
    this.#studio.wire.post({ type: "cancel", job: job.id });
  }

  /** The list may be a few seconds old, and what has ended since is read another way. */
  async fetchListed(summary) {
    return (await this.fetchJob(summary.job)) ?? this.#followListed(summary);
  }

  async #followListed(summary) {
    const known = this.get(summary.job);
    if (known) return known;
    const { origin = {} } = summary;
    const base = origin.base ? await this.fetchJob(origin.base) : await fileOfOrigin(origin);
    const patched = origin.stem === undefined ? null : Number(origin.stem);
    const job = this.#add(new Job(summary, base, patched));
    // What is finished is drawn from its peaks and played in blocks; what still grows streams.
    job.streams = job.isActive;
    await this.#studio.attempt(() => this.#attach(job));
    return job;
  }

  /** The job with that id, followed; null when the server has it no longer. */
  async fetchJob(id) {
    const { jobs = [] } = await this.#studio.wire.ask({ type: "list_jobs", most: 1, prefix: id }).catch(() => ({}));
    return jobs.length > 0 ? this.#followListed(jobs[0]) : null;
  }

  /** On a new connection, the streams of what still grows begin where the last one ended. */
  async attachAgain() {
    for (const job of this.values()) {
      if (job.isActive || job.ownStems.some((stem) => !stem.ended)) await this.#attach(job).catch(() => {});
    }
  }

  #add(job) {
    this.set(job.id, job);
    return job;
  }

  #attach(job) {
    return this.#studio.wire
      .ask({ type: "attach", job: job.id, held: job.held(), without_audio: !job.streams || undefined })
      .then((answer) => (job.state = answer.state));
  }
}
