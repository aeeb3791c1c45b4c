// What can be made of the job on the stage in one click.
import { Refusal } from "../net/access.js";
import { outsideReach } from "./reach.js";
import { JobSource, orderOn } from "./sources.js";

const SLOTS = 64;
/** Tasks that play something else than their source, and choose it themselves without words. */
const OWN_WORDS = new Set(["accompany"]);
/** What one request has and a saved one cannot: it belongs to a place in a job. */
const OF_ONE_PLACE = new Set(["ranges", "recipe"]);

/** The tasks that work on audio, in the order of forms. */
export function tasksOn(studio) {
  return studio.tasks.filter((task) => task.source === "required" && studio.enginesFor(task).length > 0);
}

/** Runs a task on the job on the stage, on the ranges that are chosen, in that job's own words. Throws Refusal. */
export function goOn(studio, task, stem) {
  const { opened: job } = studio;
  const source = new JobSource(job, stem);
  if (!source.isReady) throw new Refusal({ sentence: source.lacks });
  const ranges = studio.ranges.forTask(task);
  const outside = outsideReach(source, ranges);
  if (outside) throw new Refusal(outside);
  const { timeline, inputs, extra } = orderOn(source, task, ranges);
  const hasPrompt = task.params?.properties?.prompt !== undefined;
  const prompt = job.isFile || OWN_WORDS.has(task.name) ? "" : (job.params.prompt ?? "");
  const params = { ...(hasPrompt && prompt && { prompt }), ...extra };
  return studio.jobs.submit({ task: task.name, params, timeline, inputs }, { base: job, stem: task.takes_ranges ? source.stem : null });
}

/** As many more takes of a job, which go on being made while it plays. Throws Refusal. */
export async function makeVariations(studio, job, count) {
  if (!studio.takes.includes(job)) studio.takes.begin([job]);
  const { task, params, options, range: timeline, inputs, base, patched: stem, title } = job;
  const engine = job.engine === "none" ? undefined : job.engine;
  const request = { title, order: { task, params, options, engine, timeline, inputs }, base, stem, open: false, take: "more" };
  await studio.outbox.send(Array.from({ length: count }, () => request));
}

/** Saves what made a job in the first free slot; returns its number. Throws Refusal. */
export async function saveAsSlot(studio, job) {
  const { slots = [] } = await studio.wire.ask({ type: "list_slots" });
  const taken = new Set(slots.map((slot) => slot.number));
  const number = Array.from({ length: SLOTS }, (_, index) => index + 1).find((each) => !taken.has(each));
  if (number === undefined) throw new Refusal({ sentence: `All ${SLOTS} slots are filled.`, remedy: "Clear one in the studio." });
  const params = Object.fromEntries(Object.entries(job.params).filter(([name]) => !OF_ONE_PLACE.has(name)));
  const engine = job.engine === "none" ? undefined : job.engine;
  await studio.wire.ask({ type: "store_slot", slot: { number, task: job.task, params, options: job.options, engine } });
  return number;
}
