// What a task works on: a job's own stems, or a file that was dropped.
import { Refusal } from "../net/access.js";
import { uploadFile } from "../net/upload.js";
import { doubtsOf, fileOrigin, openTimeline, timelineFromReport } from "./file_analysis.js";
import { fileJob } from "./file_job.js";
import { checkKind, namedProblem } from "./file_kind.js";
import { TempoMap, barLines } from "./tempo.js";

const CONTEXT_SECONDS = 8;

/** The stems of a finished job, or one of them. */
export class JobSource {
  /** `stem` is the index of the one that is meant; null for all, heard together. */
  constructor(job, stem = null) {
    this.job = job;
    this.title = job.title;
    this.base = job;
    this.stem = job.stems.length > 1 ? stem : null;
    this.timeline = job.timeline;
    this.frames = job.frames;
    this.isReady = job.state === "done" && job.timeline !== undefined && (job.isFile || (job.stems.length > 0 && job.lostStems.length === 0));
  }

  get lacks() {
    return this.isReady ? "" : "The job on the stage has no finished audio to work on.";
  }

  inputs() {
    return inputsOf(this.job, this.stem);
  }
}

/** Where the audio of a job lies on the server, slice by slice; all of it is added up. `only` is one stem's index. */
export function inputsOf(job, only = null) {
  if (job.isFile) return [{ role: "source", sha256: job.sha256, start_frame: 0, frames: job.frames, at_frame: 0 }];
  const stems = job.stems.filter(({ index }) => only === null || index === only);
  const slices = stems.flatMap((stem) => slicesOf(stem.audio, job.start + stem.at));
  // A file that is too long to be decoded here is worked on all the same.
  if (!job.isPatch || job.base.stems.length > 0) return slices;
  const { start_frame: first, end_frame: last } = job.range;
  const around = inputsOf(job.base).flatMap((input) => [...cropInput(input, -Infinity, first), ...cropInput(input, last, Infinity)]);
  return [...around, ...slices];
}

/** The stored audio that some audio of the page is made of, `at` the project's frame where it begins. */
function slicesOf(audio, at) {
  if (audio.parts === undefined) return [{ role: "source", sha256: audio.sha256, start_frame: 0, frames: audio.frames, at_frame: at }];
  return audio.parts(0, audio.frames).flatMap((part) =>
    slicesOf(part.audio, at + part.offset - part.start).flatMap((slice) => cropInput(slice, at + part.offset, at + part.offset + part.count)),
  );
}

/** A file on its way to the stage: brought to the server, and heard for its tempo, metre and key. */
export class FileSource {
  constructor(studio, file) {
    this.studio = studio;
    this.title = file.name;
    this.stage = "";
    this.share = 0;
    this.problem = null;
    this.timeline = null;
    this.frames = 0;
    this.isReady = false;
    this.file = file;
    this.begin();
  }

  /** Also after a problem: what the server has of the file is not sent again. */
  begin() {
    const { file } = this;
    this.problem = null;
    this.#setStage("Reading");
    this.work = this.#prepare(file).catch((error) => {
      this.problem = namedProblem(file.name, error);
      this.#setStage("");
    });
  }

  get lacks() {
    return this.isReady ? "" : this.problem?.sentence ?? "The file is not ready yet.";
  }

  inputs() {
    return [{ role: "source", sha256: this.sha256, frames: this.frames, at_frame: 0 }];
  }

  async #prepare(file) {
    const { studio } = this;
    await checkKind(file);
    this.sha256 = await uploadFile(studio.wire, file, (share) => {
      this.share = share;
      studio.changed();
    });
    const probed = await studio.wire.ask({ type: "probe", sha256: this.sha256 });
    this.frames = probed.frames;
    if (probed.frames === 0) throw new Refusal({ sentence: `${file.name} holds no audio: it ends after its header.`, remedy: "Render the audio again." });
    this.#setStage("Listening for tempo and key");
    const timeline = openTimeline(probed.sample_rate, probed.frames);
    const facts = { sha256: this.sha256, frames: this.frames, channels: probed.channels };
    const about = { subject: file.name, ...fileOrigin({ name: file.name, ...facts, timeline }) };
    const report = await studio.jobs.report({ task: "analyse", params: { tempo: "audio" }, timeline, inputs: this.inputs() }, about);
    this.timeline = timelineFromReport(report, timeline);
    this.job = await fileJob(file, { ...facts, timeline: this.timeline, doubts: doubtsOf(report) });
    this.isReady = true;
    this.#setStage("");
    studio.openFile(this.job);
  }

  #setStage(stage) {
    this.stage = stage;
    this.studio.changed();
  }
}

/** The part of an order that comes from the source: timeline, inputs, and ranges where the task takes them. */
export function orderOn(source, task, ranges) {
  const whole = source.timeline;
  const spans = (ranges.length > 0 ? ranges : [[0, whole.end_frame - whole.start_frame]]).map(([from, to]) => ({
    start_frame: whole.start_frame + from,
    end_frame: whole.start_frame + to,
  }));
  const [first, last] = [spans[0].start_frame, spans.at(-1).end_frame];
  const reach = task.takes_ranges ? CONTEXT_SECONDS * whole.sample_rate : 0;
  const before = Math.min(reach, first - whole.start_frame);
  const after = Math.max(Math.min(reach, whole.end_frame - last), 0);
  const timeline = {
    ...cropTimeline(whole, first, last),
    context_before_frames: before,
    context_after_frames: after,
  };
  const inputs = source.inputs().flatMap((input) => cropInput(input, first - before, last + after));
  const extra = task.takes_ranges ? { ranges: spans, ...recipeOf(source, task) } : {};
  return { timeline, inputs: inputs.map((input, at) => ({ ...input, joins: at > 0 || undefined })), extra };
}

/** How one stem was made, for a task that can make use of that. */
function recipeOf({ job, stem }, task) {
  const wanted = task.params?.properties?.recipe;
  const made = job?.stems.find(({ index }) => index === (stem ?? job.stems[0].index));
  if (!wanted || !made || job.task !== "generate" || (stem === null && job.stems.length > 1)) return {};
  const { prompt = "", sound = "auto", soundfont = "", pattern, only } = { ...job.params, ...job.options };
  const more = Object.fromEntries(Object.entries({ pattern, only }).filter(([, value]) => value));
  const key = job.range.key ?? "";
  return { recipe: { prompt, seed: job.seed, timeline: job.range, part: made.name, key, sound, soundfont, ...more } };
}

/** The part of an input that plays in a range of the project; none where it does not play. */
function cropInput(input, first, last) {
  const start = Math.max(first - input.at_frame, 0);
  const end = Math.min(last - input.at_frame, input.frames);
  if (end <= start) return [];
  const begin = (input.start_frame ?? 0) + start;
  return [{ ...input, start_frame: begin, frames: end - start, at_frame: input.at_frame + start }];
}

/** A timeline of a part of another: same music, with the bar and the beat in which the part begins. */
export function cropTimeline(timeline, first, last) {
  const points = timeline.tempo;
  const isIn = (point, index) => {
    const next = points[index + 1];
    const inForce = !next || next.position > first;
    return inForce && (point.position < last || points[index - 1]?.shape === "linear");
  };
  const lines = barLines({ ...timeline, end_frame: Math.max(last, timeline.start_frame + 1) });
  const bar = lines.findLast((line) => line.frame + timeline.start_frame <= first) ?? lines[0];
  const map = new TempoMap(points, timeline.sample_rate);
  const quarters = map.quarterAt(first) - map.quarterAt(bar.frame + timeline.start_frame);
  const [, denominator] = map.metreAt(map.quarterAt(first));
  return {
    ...timeline,
    start_frame: first,
    end_frame: last,
    tempo: points.filter(isIn),
    bar: bar.bar,
    beat: Math.max((quarters * denominator) / 4, 0),
  };
}
