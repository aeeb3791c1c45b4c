// Whether the ranges that are chosen lie where a source has audio.

/** Why no task can work on these ranges of a source, as { sentence, remedy }; null where it can. */
export function outsideReach(source, ranges) {
  const start = source.timeline.start_frame;
  const inputs = source.inputs();
  if (ranges.length === 0 || inputs.length === 0) return null;
  const first = Math.min(...inputs.map(({ at_frame }) => at_frame)) - start;
  const last = Math.max(...inputs.map(({ at_frame, frames }) => at_frame + frames)) - start;
  const outside = ranges.find(([from, to]) => from >= last || to <= first);
  if (!outside) return null;
  const text = (frame) => `${(frame / source.timeline.sample_rate).toFixed(2)} s`;
  const { job, stem, title } = source;
  const name = job.stems.find(({ index }) => index === stem)?.name ?? title;
  return {
    sentence: `The range from ${text(outside[0])} to ${text(outside[1])} is outside “${name}”, which plays from ${text(first)} to ${text(last)}.`,
    remedy: job.stems.length > 1 ? "Move the range, or choose another stem." : "Move the range.",
  };
}
