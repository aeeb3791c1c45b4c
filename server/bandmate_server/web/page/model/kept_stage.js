// What was on the stage, kept for a reload of the page: the job or file, its comparison and takes, ranges, zoom and place.
import { reopenFile } from "./file_job.js";
import { tabState } from "./stored_state.js";

const STATE = "stage";

export function keepStage(studio) {
  const { opened, compared, takes, ranges, view, player, showsNotes } = studio;
  if (opened === null) return;
  tabState.write(STATE, {
    opened: opened.id,
    file: opened.isFile ? opened.kept : null,
    compared: compared?.id ?? null,
    chosen: player.chosen,
    takes: takes.jobs.map((job) => job.id),
    ranges: ranges.all.filter((range) => range !== ranges.current).concat(ranges.current ? [ranges.current] : []),
    view: view.isWhole ? null : [view.first, view.last],
    place: player.position,
    showsNotes,
  });
}

/** Puts on the stage what was there, or the job that the address names; jobs that the server has no longer are left out. */
export async function restoreStage(studio, linkedJob = "") {
  const kept = tabState.read(STATE);
  if (linkedJob && kept?.opened !== linkedJob) {
    await openLinkedJob(studio, linkedJob);
    return;
  }
  if (!kept) return;
  const job = kept.file ? await reopenFile(kept.file).catch(() => null) : await studio.jobs.fetchJob(kept.opened);
  if (!job || studio.opened !== null) return;
  const find = async (ids) => (await Promise.all((ids ?? []).map((id) => studio.jobs.fetchJob(id)))).filter(Boolean);
  const [takes, [compared]] = [await find(kept.takes), await find(kept.compared ? [kept.compared] : [])];
  if (studio.opened !== null) return;
  studio.showsNotes = kept.showsNotes === true;
  if (job.isFile) studio.openFile(job);
  else studio.openJob(job);
  studio.takes.begin(takes);
  if (compared) studio.compare(compared);
  studio.player.choose(compared ? (kept.chosen ?? 0) : 0);
  studio.ranges.restore(kept.ranges ?? []);
  studio.player.seek(kept.place ?? 0);
  if (kept.view) {
    studio.view.setLength(job.frames);
    studio.view.show(...kept.view);
  }
}

/** The address was copied, or is an old one: the job alone is opened. */
async function openLinkedJob(studio, id) {
  const job = await studio.jobs.fetchJob(id);
  if (studio.opened !== null) return;
  if (job) studio.openJob(job);
  else studio.say({ sentence: `The server has no job ${id}.`, remedy: "The library lists the jobs that it has." });
}
