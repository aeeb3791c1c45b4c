// The jobs that the page follows: what came of each, from the first stem to the end.
import { StemAudio } from "../audio/stem_audio.js";
import { titleOf } from "./job_titles.js";
import { offersAnyway, pageWords } from "./page_words.js";
import { patchedStems, stemsBeside } from "./composed_stems.js";
import { shadeFor } from "./stem_colours.js";

export class Job {
  #composed = { key: [], stems: [] };

  /** `base` is the job that it worked on, where the page knows it; `patched` the one stem of it, null for all. */
  constructor({ job, task, engine, seed, params = {}, options = {}, timeline, inputs = [], origin = {}, state = "queued", removed_stems: removed = [] }, base = null, patched = null) {
    Object.assign(this, { id: job, task, engine, seed, params, options, inputs, origin, state, base, patched });
    this.removedStems = state === "done" ? removed : []; // indexes of those whose audio the server has no longer
    this.isFile = false; // a file of the musician's, which no job made
    this.doubts = null; // what of a file's timeline is a guess
    this.range = timeline; // what the job itself fills
    this.attempt = 0;
    this.ownStems = [];
    this.outline = []; // lanes that are drawn and not played: those of a file that is too long
    this.progress = null;
    this.ahead = 0;
    this.remarks = [];
    this.report = {};
    this.problem = null; // { sentence, remedy, models }
    this.streams = true; // audio comes with the messages
    this.version = 0;
  }

  get isActive() {
    return this.state === "queued" || this.state === "running";
  }

  get title() {
    return titleOf(this);
  }

  /** Ranges of its base were made again: the rest of the base belongs to what is heard. */
  get isPatch() {
    return this.base !== null && Array.isArray(this.params.ranges) && this.params.ranges.length > 0;
  }

  /** It plays along with its base, and both are heard together. */
  get isBeside() {
    return this.base !== null && this.task === "accompany";
  }

  /** It is a report on its base, which is what is heard. */
  get isReport() {
    return this.base !== null && this.task === "analyse";
  }

  /** What is heard: its own stems, and what of its base belongs to them. */
  get stems() {
    const { base, ownStems } = this;
    if (this.isPatch) return this.#compose(patchedStems);
    if (this.isBeside) return this.#compose(stemsBeside);
    if (this.isReport) return base.stems;
    return ownStems.length > 0 || base === null || this.isActive ? ownStems : base.stems;
  }

  /** What is drawn: the stems, or the outline where nothing can be played. */
  get lanes() {
    return this.stems.length > 0 ? this.stems : this.outline;
  }

  /** The stems that are heard and whose audio is gone from the server. */
  get lostStems() {
    return this.stems.filter((stem) => stem.audio.isGone);
  }

  /** There is something to play. */
  get hasAudio() {
    return this.stems.some((stem) => !stem.audio.isGone);
  }

  /** Where it lies in musical time. */
  get timeline() {
    return this.isPatch || this.isBeside || this.isReport ? this.base.timeline : this.range;
  }

  /** The project's frame that lies at the left edge. */
  get start() {
    return this.timeline?.start_frame ?? 0;
  }

  get rate() {
    return this.timeline?.sample_rate ?? this.stems[0]?.audio.rate ?? 48_000;
  }

  /** How long it is, with whatever sticks out of the range. */
  get frames() {
    if (this.isPatch) return this.base.frames;
    const range = this.timeline ? this.timeline.end_frame - this.timeline.start_frame : 0;
    return Math.max(range, ...this.stems.map((stem) => stem.at + stem.audio.frames));
  }

  /** Loudness of all its stems together, in LUFS, as if they were independent; null while unknown. */
  get loudness() {
    const known = this.stems.map((stem) => stem.loudness).filter((value) => typeof value === "number");
    if (known.length === 0) return null;
    return 10 * Math.log10(known.reduce((sum, value) => sum + 10 ** (value / 10), 0));
  }

  /** What the client holds, for `attach`. */
  held() {
    return this.ownStems.map((stem) => ({
      stem: stem.index,
      attempt: this.attempt,
      revision: stem.revision,
      frames: stem.audio.received,
    }));
  }

  /** Takes in a message about it. */
  handle(message) {
    if ((message.attempt ?? 0) < this.attempt) return;
    if ((message.attempt ?? 0) > this.attempt) this.#restart(message.attempt);
    handlers[message.type]?.(this, message);
    this.version += 1;
  }

  stem(index) {
    return this.ownStems.find((stem) => stem.index === index);
  }

  /** The same objects until a stem comes or goes: the player and the lanes hold on to them. */
  #compose(make) {
    const key = [this.ownStems, this.base.stems];
    if (key.some((part, index) => part !== this.#composed.key[index])) this.#composed = { key, stems: make(this) };
    return this.#composed.stems;
  }

  #restart(attempt) {
    this.attempt = attempt;
    for (const stem of this.ownStems) stem.audio.release();
    this.ownStems = [];
    this.state = "running";
  }
}

const handlers = {
  progress(job, message) {
    job.state = "running";
    job.progress = message;
  },
  stem(job, message) {
    job.state = job.isActive ? "running" : job.state;
    const before = job.stem(message.stem);
    const revision = message.revision ?? 0;
    if (before && before.revision >= revision) return;
    before?.audio.release();
    const at = message.start_frame - job.start;
    const audio = new StemAudio(message);
    const { name, role, colour: roleColour } = message;
    const colour = shadeFor(roleColour, job.ownStems.filter((each) => each.index < message.stem));
    const stem = { index: message.stem, revision, name, role, roleColour, colour, at, noteAt: at, audio, notes: [], loudness: null, ended: false };
    job.ownStems = [...job.ownStems.filter((each) => each.index !== stem.index), stem].sort((a, b) => a.index - b.index);
  },
  audio(job, message) {
    const stem = job.stem(message.stem);
    if (stem && stem.revision === (message.revision ?? 0)) stem.audio.add(message.offset, message.data);
  },
  notes(job, message) {
    const stem = job.stem(message.stem);
    if (stem && stem.revision === (message.revision ?? 0)) stem.notes.push(...message.notes);
  },
  stem_end(job, message) {
    const stem = job.stem(message.stem);
    if (!stem || stem.revision !== (message.revision ?? 0)) return;
    stem.ended = true;
    stem.loudness = message.loudness_lufs ?? null;
    stem.audio.finish(message.sha256);
    if (job.removedStems.includes(stem.index)) stem.audio.isGone = true;
    if (!job.streams) stem.audio.loadPeaks().catch((error) => (job.problem ??= problemOf(error)));
  },
  done(job, message) {
    job.state = "done";
    job.progress = null;
    const wordings = message.remark_wordings ?? [];
    job.remarks = (message.remarks ?? []).map((remark, at, all) => pageWords(remark, wordings.length === all.length ? wordings[at] : null));
    job.report = message.report ?? {};
    job.seconds = message.seconds;
  },
  failed(job, message) {
    job.state = "failed";
    job.progress = null;
    job.problem = problemOf(message);
  },
  cancelled(job) {
    job.state = "cancelled";
    job.progress = null;
  },
};

export function problemOf(error) {
  const { remedy = "", wording, remedy_wording: remedyWording } = error;
  return {
    sentence: pageWords(error.sentence ?? error.message, wording),
    remedy: pageWords(remedy, remedyWording),
    models: error.models ?? [],
    code: error.code ?? "",
    offersAnyway: offersAnyway(remedy, remedyWording),
  };
}
