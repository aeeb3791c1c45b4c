// Orders for files that the server puts together.
import { inputsOf } from "./sources.js";

/** A stem in which ranges were made again, as stored audio and where it goes; null where not all of it is a stem's. */
export function mixOrder(job, stem) {
  if (hasFile(job)) return null;
  const slices = inputsOf(job, stem.index).map(({ sha256, start_frame, frames, at_frame }) => ({ sha256, start_frame, frames, at_frame: at_frame - job.start }));
  return { name: stem.name, frames: job.frames, slices };
}

/** All stems of a job in one zip, each as it is heard. */
export function zipOrder(job) {
  if (!job.isPatch) return { job: job.id };
  return { job: job.id, bits: 32, mixes: job.stems.map((stem) => mixOrder(job, stem)) };
}

/** How many stems a zip of it has; none where the page alone has the audio. */
export function zipCount(job) {
  if (job.isPatch) return hasFile(job) ? 0 : job.stems.length;
  return job.ownStems.length;
}

function hasFile(job) {
  return job.isFile || (job.base !== null && job.isPatch && hasFile(job.base));
}
