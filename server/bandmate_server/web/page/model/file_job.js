// A file of the musician's on the stage, in the place of a job.
import { BufferAudio } from "../audio/buffer_audio.js";
import { fetchSigned } from "../net/access.js";
import { Job } from "./jobs.js";

const COLOUR = "#8a9199";
const MOST_BYTES = 1 << 30; // decoded; more is neither drawn nor played, and can be worked on all the same

/** The file as something to draw, play and work on; without audio when the browser cannot decode it. */
export async function fileJob(file, { sha256, frames, channels, timeline, doubts = null }) {
  const job = new Job({ job: `file-${sha256.slice(0, 8)}`, task: "file", engine: "none", params: { prompt: file.name }, timeline, state: "done" });
  job.isFile = true;
  job.sha256 = sha256;
  job.doubts = doubts;
  job.kept = { name: file.name, sha256, frames, channels, timeline, doubts };
  if (frames * channels * 4 > MOST_BYTES) return job;
  const context = new OfflineAudioContext(1, 1, timeline.sample_rate);
  const buffer = await context.decodeAudioData(await file.arrayBuffer()).catch(() => null);
  if (buffer === null) return job;
  const audio = new BufferAudio(buffer, sha256);
  job.ownStems = [
    { index: 0, revision: 0, name: file.name, role: "mix", colour: COLOUR, at: 0, noteAt: 0, audio, notes: [], loudness: null, ended: true },
  ];
  return job;
}

/** A file that was on the stage before the page was loaded again, from the server's copy of it. Throws Refusal. */
export async function reopenFile({ name, ...facts }) {
  const answer = await fetchSigned(`/console/upload/${facts.sha256}`);
  return fileJob(new File([await answer.blob()], name), facts);
}
