// A file of the musician's on the stage, in the place of a job.
import { BufferAudio } from "../audio/buffer_audio.js";
import { OutlineAudio } from "../audio/outline_audio.js";
import { fetchSigned } from "../net/access.js";
import { Job } from "./jobs.js";

const COLOUR = "#8a9199";
/** What the browser decodes; a longer file is drawn from the server's peaks and worked on, and not played. */
export const limits = { playedBytes: 1 << 30 };

/** The file as something to draw, play and work on; `file` may be null where it is too long to be played. */
export async function fileJob(file, { name = file.name, sha256, frames, channels, timeline, doubts = null }) {
  const job = new Job({ job: `file-${sha256.slice(0, 8)}`, task: "file", engine: "none", params: { prompt: name }, timeline, state: "done" });
  job.isFile = true;
  job.sha256 = sha256;
  job.doubts = doubts;
  job.kept = { name, sha256, frames, channels, timeline, doubts };
  const lane = { index: 0, revision: 0, name, role: "mix", colour: COLOUR, at: 0, noteAt: 0, notes: [], loudness: null, ended: true };
  if (isTooLong({ frames, channels })) {
    job.outline = [{ ...lane, audio: await outlineOf({ sha256, frames, channels, rate: timeline.sample_rate }) }];
    return job;
  }
  const context = new OfflineAudioContext(1, 1, timeline.sample_rate);
  const buffer = await context.decodeAudioData(await file.arrayBuffer()).catch(() => null);
  if (buffer === null) return job;
  const audio = new BufferAudio(buffer, sha256);
  job.ownStems = [{ ...lane, audio }];
  return job;
}

/** A file that was on the stage before the page was loaded again, from the server's copy of it. Throws Refusal. */
export async function reopenFile({ name, ...facts }) {
  if (isTooLong(facts)) return fileJob(null, { name, ...facts });
  const answer = await fetchSigned(`/console/upload/${facts.sha256}`);
  return fileJob(new File([await answer.blob()], name), facts);
}

function isTooLong({ frames, channels }) {
  return frames * channels * 4 > limits.playedBytes;
}

async function outlineOf({ sha256, frames, channels, rate }) {
  const audio = new OutlineAudio({ frames, channels, sample_rate: rate });
  audio.finish(sha256);
  await audio.loadPeaks().catch(() => {});
  return audio;
}
