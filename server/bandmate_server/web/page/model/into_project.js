// Requests from the page to a project in a DAW: which project is meant, and what became of the last request.
import { problemOf } from "./jobs.js";
import { pageWords } from "./page_words.js";

const OUTCOMES = { failed: "failed", cancelled: "was cancelled", interrupted: "was interrupted" };

export class IntoProject {
  #chosen = null; // a project's id; null follows the focus

  constructor(studio) {
    this.studio = studio;
    this.last = null; // { project, title, job, isPlaced, problem } of the last request
  }

  /** The project that gets the next request: the chosen one while it is connected, else the one in focus. */
  get project() {
    const { projects } = this.studio;
    return projects.find(({ project }) => project === this.#chosen) ?? projects[0] ?? null;
  }

  choose(id) {
    this.#chosen = id;
    this.studio.changed();
  }

  /** The last request is still on its way, or its job is being made. */
  get isBusy() {
    const { last } = this;
    return last !== null && last.problem === null && (last.job === null || last.job.isActive);
  }

  /** Runs a task on the selection in the project, and follows the job that the project starts for it. */
  async run({ title, ...order }) {
    const { studio } = this;
    const { project } = this;
    const request = { project: nameOf(project), title, job: null, isPlaced: false, problem: null };
    this.last = request;
    studio.changed();
    try {
      const asked = { ...order, project: project.project };
      const { job = null, sentence = "" } = await studio.invoke(asked, (outcome) => this.#takeOutcome(request, outcome));
      if (sentence || job === null) throw new Error(sentence || `${request.project} started nothing.`);
      const followed = await studio.jobs.fetchJob(job);
      if (followed === null) throw new Error(`The server no longer has the job of ${request.project}.`);
      request.job = followed;
    } catch (error) {
      request.problem = problemOf(error);
    }
    studio.changed();
  }

  /** Whether the result is in the project, as its bridge says; older ones say nothing. */
  #takeOutcome(request, { sentence = "", placed = false }) {
    request.isPlaced = placed;
    if (sentence) {
      request.problem = {
        sentence: `“${request.title}” is made, but ${request.project} did not take it. ${pageWords(sentence)}`,
        remedy: "The library has it.",
      };
    }
    this.studio.changed();
  }

  forget() {
    this.last = null;
    this.studio.changed();
  }

  /** How the last request is going: { sentence, remedy, isProblem }; null without one. */
  get report() {
    if (this.last === null) return null;
    const { project, title, job, isPlaced, problem } = this.last;
    if (problem) return { ...problem, isProblem: true };
    if (job === null) return { sentence: `Asking ${project}…` };
    if (job.state === "done" && isPlaced) return { sentence: `“${title}” is now in ${project}${placeText(job)}.` };
    if (job.state === "done") return { sentence: `“${title}” is ready. It goes into ${project}${placeText(job)}.` };
    if (job.isActive) return { sentence: `Playing into ${project}…${progressText(job)}` };
    const said = job.problem ?? { sentence: "", remedy: "" };
    return { sentence: `“${title}” for ${project} ${OUTCOMES[job.state] ?? job.state}. ${said.sentence}`, remedy: said.remedy, isProblem: true };
  }
}

export function nameOf({ project, project_name: name }) {
  return name || project;
}

function progressText({ state, ahead, progress }) {
  if (state === "queued" && ahead > 0) return ` ${ahead} ahead`;
  return progress?.steps ? ` ${Math.round((100 * progress.step) / progress.steps)} %` : "";
}

/** Where the result goes, as the bridge noted it with the job. */
function placeText({ origin = {}, range }) {
  const at = range?.bar === undefined ? "" : ` at bar ${range.bar}`;
  if (origin.to === "item") return `${at}, as a take of the item on ${origin.on_name || "its track"}`;
  if (origin.to === "project") return `${at}, on ${origin.track ? `the track ${origin.track}` : "a track of its own"}`;
  return at;
}
