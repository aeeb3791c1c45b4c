// What lies over the waveforms of a job: the sections of its form, and its chords.

/** Sections as `{ first, last, name }` and chords as `{ frame, symbol }`, in frames of the job; heard ones come first. */
export function marksOf(job) {
  const { report, timeline, start } = job;
  const given = timeline?.sections ?? [];
  const heard = (report.sections ?? []).filter((each) => typeof each === "object" && each !== null);
  const sections = (heard.length > 0 ? heard : given).map((each) => ({
    first: Math.max(each.start_frame - start, 0),
    last: Math.min(each.end_frame - start, job.frames),
    name: each.label ?? each.name ?? "",
  }));
  const chords = Array.isArray(report.chords) && report.chords.length > 0 ? report.chords : (timeline?.chords ?? []);
  return {
    sections: sections.filter(({ first, last }) => last > first),
    chords: chords.filter(({ position }) => position - start < job.frames).map(({ position, symbol }) => ({ frame: position - start, symbol })),
  };
}
