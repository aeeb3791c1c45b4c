// What an analysis tells of a file: a timeline to work by, and how much of that is a guess.
import { reopenFile } from "./file_job.js";

const UNSURE_KEY = 0.25; // the analysis remarks on a confidence below this
const MAX_KEPT_TEXT = 60_000; // a file's facts go with each job that works on it

/** The timeline of a file that is not heard yet. */
export function openTimeline(rate, frames) {
  return { sample_rate: rate, start_frame: 0, end_frame: frames, tempo: [{ position: 0, bpm: 120 }] };
}

/** A file's timeline with the tempo, metre, key and chords that were heard. */
export function timelineFromReport(report, plain) {
  const heard = report.tempo ?? [];
  if (heard.length === 0) return { ...plain, key: report.key ?? undefined };
  const [first] = heard;
  const { numerator = 4, denominator = 4, bpm } = first;
  const bar = (numerator * 4 * 60 * plain.sample_rate) / (denominator * bpm);
  // The first barline that was heard is bar 1; the tempo runs back from there to the start of the file.
  const downbeat = report.downbeats?.[0] ?? first.position;
  const bars = Math.ceil(Math.max(downbeat, 0) / bar);
  const start = { position: downbeat - bars * bar, bpm, numerator, denominator };
  const rest = heard.slice(1).map((point) => ({ ...point, numerator: point.numerator ?? 4, denominator: point.denominator ?? 4 }));
  const beat = ((0 - start.position) / bar) * numerator;
  return {
    ...plain,
    tempo: [start, ...rest.filter((point) => point.position > start.position)],
    bar: 1 - bars,
    beat: beat >= numerator ? 0 : beat,
    key: report.key ?? undefined,
    chords: (report.chords ?? []).map(({ position, symbol }) => ({ position, symbol })),
  };
}

/** What of a file's timeline is no more than a guess. */
export function doubtsOf(report) {
  const hasTempo = (report.tempo ?? []).length > 0;
  return {
    tempo: hasTempo ? (report.tempo_kind === "unsure" ? "unsure" : "") : "unknown",
    metre: hasTempo && !report.metre ? "unknown" : "",
    key: report.key && report.key_confidence < UNSURE_KEY ? "unsure" : "",
  };
}

/** A file's facts as text for the origin of a job; none where they are too long. */
export function fileOrigin(kept) {
  const text = JSON.stringify(kept);
  return text.length > MAX_KEPT_TEXT ? {} : { file: text };
}

/** The file that a job of the list worked on; null where it was none, or the server has it no longer. */
export async function fileOfOrigin({ file }) {
  if (!file) return null;
  try {
    return await reopenFile(JSON.parse(file));
  } catch {
    return null;
  }
}

/** An analysis that is opened again tells what its file was not known to be when it began. */
export function hearFile({ base, report }) {
  if (!base?.isFile || base.doubts) return;
  base.range = timelineFromReport(report, base.range);
  base.doubts = doubtsOf(report);
}
