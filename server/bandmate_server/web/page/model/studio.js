// All that the page knows, and what it asks of the server. Views read it and are told when it changed.
import { onSignOut, signInFromLink, signOut } from "../net/access.js";
import { LOST } from "../net/wire.js";
import { Player } from "../audio/player.js";
import { hearFile } from "./file_analysis.js";
import { FollowedJobs } from "./followed_jobs.js";
import { IntoProject } from "./into_project.js";
import { problemOf } from "./jobs.js";
import { keepStage, restoreStage } from "./kept_stage.js";
import { JobLibrary } from "./library.js";
import { Outbox } from "./outbox.js";
import { PagePlace } from "./page_place.js";
import { RangeList } from "./ranges.js";
import { areRelated } from "./related_jobs.js";
import { StageView } from "./stage_view.js";
import { Takes } from "./takes.js";

const JOB_MESSAGES = new Set(["progress", "stem", "audio", "notes", "stem_end", "done", "failed", "cancelled"]);

export class Studio {
  #listeners = new Set();
  #scheduled = false;

  /** `wire` may be connected already; `problem` is why signing in failed. */
  constructor(wire, problem = "") {
    this.wire = wire;
    this.connection = wire.state;
    this.signInProblem = problem;
    this.catalogue = null;
    this.projects = [];
    this.jobs = new FollowedJobs(this);
    this.opened = null; // the job on the stage
    this.compared = null; // the other side of A/B
    this.file = null; // a FileSource on its way to the stage
    this.chosenStem = null; // { job, stem }: what a task works on
    this.lostSlot = null; // what was in a slot that was cleared or filled again
    this.notice = null; // { sentence, remedy } of the last thing that went wrong
    this.player = new Player(() => this.changed());
    this.view = new StageView();
    this.ranges = new RangeList(this.player, () => this.changed());
    this.takes = new Takes(() => this.#matchTakes());
    this.showsNotes = false; // a piano roll in the place of the waveforms
    this.place = new PagePlace(this);
    this.intoProject = new IntoProject(this);
    this.outbox = new Outbox(this);
    this.library = new JobLibrary(this.wire, () => this.changed());
    this.wire.subscribe({ type: "watch_projects" }, (message) => {
      if (message.type === "projects") this.projects = message.projects ?? [];
      this.changed();
    });
  }

  start() {
    this.wire.onState = (state) => this.#connectionChanged(state);
    this.wire.onMessage = (message) => this.#receive(message);
    this.#connectionChanged(this.wire.state);
    this.place.start();
    // Somebody signed out in another tab, or opened a new link in this one.
    onSignOut(() => this.#shut());
    window.addEventListener("hashchange", () => location.hash.includes("code=") && this.enter());
    window.addEventListener("pagehide", () => keepStage(this));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) keepStage(this);
    });
  }

  /** Calls `listener` at most once a frame after something changed; returns how to stop that. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const run = () => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
    };
    // Frames stop in a hidden tab, and the page must be right when it is shown again.
    if (document.hidden) setTimeout(run, 0);
    else requestAnimationFrame(run);
  }

  /** The tasks that a person can start, in the order of forms. */
  get tasks() {
    const shown = (this.catalogue?.tasks ?? []).filter((task) => !task.hidden);
    return shown.sort((a, b) => (a.order ?? 1_000) - (b.order ?? 1_000) || a.title.localeCompare(b.title));
  }

  task(name) {
    return this.catalogue?.tasks.find((task) => task.name === name);
  }

  /** Engines that can run a task now, the best first. */
  enginesFor(task) {
    const names = task.engines ?? [];
    return names
      .map((name) => this.catalogue.engines.find((engine) => engine.name === name))
      .filter((engine) => engine?.status === "ready" && !(task.ability in (engine.lacks ?? {})));
  }

  /** Runs something that may be refused, and shows why; returns undefined then. */
  async attempt(work) {
    try {
      this.notice = null;
      return await work();
    } catch (error) {
      this.notice = problemOf(error);
      this.changed();
      return undefined;
    }
  }

  /** Says something that went well. */
  tell(sentence) {
    this.say({ sentence, remedy: "", isGood: true });
  }

  say(notice) {
    this.notice = notice;
    this.changed();
  }

  showNotes(isShown) {
    this.showsNotes = isShown;
    this.changed();
  }

  /** Follows a job of the list from where it is, and puts it on the stage. */
  async openListed(summary) {
    const job = await this.jobs.fetchListed(summary);
    this.openJob(job);
    return job;
  }

  /** Puts a job of the list beside the one on the stage, or on it where there is none. */
  async compareListed(summary) {
    const job = await this.jobs.fetchListed(summary);
    if (this.opened === null) this.openJob(job);
    else this.compare(job);
  }

  /** What belongs to other music leaves with it: takes and the other side of a comparison. */
  openJob(job, { isRelated = false } = {}) {
    if (this.compared === job) this.compared = null;
    const companions = [this.opened, ...this.takes.jobs].filter((each) => each !== null);
    if (!isRelated && companions.length > 0 && !companions.some((each) => areRelated(each, job))) {
      this.compared = null;
      this.takes.begin();
    }
    // What was made of the job on the stage, or is another take, stays where that was, with the ranges.
    const keepPlace = job === this.opened || ((job.isPatch || job.isBeside || job.isReport) && job.base === this.opened) || this.takes.includes(job);
    this.opened = job;
    if (!keepPlace) {
      this.ranges.choose(null);
      this.view.fit();
    }
    this.#matchTakes();
    this.player.show(this.#decks(), { keepPlace, chosen: 0 });
    this.place.jobOpened(!this.takes.includes(job));
    keepStage(this);
    this.changed();
  }

  /** Puts a file on the stage that is ready to be worked on. */
  openFile(job) {
    this.jobs.set(job.id, job);
    this.openJob(job);
  }

  /** Puts a job beside the one on the stage, to switch between them. */
  compare(job) {
    this.compared = job === this.opened ? null : job;
    this.player.show(this.#decks(), { keepPlace: true });
    keepStage(this);
    this.changed();
  }

  /** Takes that are compared are heard equally loud. */
  #matchTakes() {
    this.player.peers = this.opened && this.takes.includes(this.opened) ? this.takes.jobs : [];
    this.changed();
  }

  /** Sends what the page would run to the project in focus, or to a named one; `onOutcome` hears whether it got there. */
  invoke({ task, params, engine, seed, project }, onOutcome = null) {
    const asked = { type: "invoke", task, params, engine: engine || undefined, seed, project };
    return this.wire.ask({ ...asked, wants_outcome: onOutcome !== null || undefined }, onOutcome);
  }

  /** Signs in by the link in the address, in a page that was open already. */
  async enter() {
    const problem = await signInFromLink();
    this.signInProblem = problem;
    this.place.restoreAddress();
    if (!problem) this.wire.open();
    this.changed();
  }

  async leave() {
    await signOut();
    this.#shut();
  }

  #shut() {
    this.player.pause();
    this.wire.close();
    this.connection = "signed-out";
    this.changed();
  }

  #decks() {
    return [this.opened, this.compared].filter((job) => job !== null);
  }

  #receive(message) {
    if (!JOB_MESSAGES.has(message.type)) {
      if (message.type === "error") this.notice = problemOf(message);
      this.changed();
      return;
    }
    this.jobs.get(message.job)?.handle(message);
    if (message.type === "audio") this.wire.post({ type: "credit", bytes: message.data.length });
    if (["done", "failed", "cancelled"].includes(message.type)) this.#jobEnded(this.jobs.get(message.job));
    this.changed();
  }

  #jobEnded(job) {
    if (job?.isReport && job.state === "done") hearFile(job);
    // A model that came or went decides what an engine can do.
    if (["pull", "remove_model"].includes(job?.task)) this.#describe();
  }

  async #describe() {
    this.catalogue = await this.wire.ask({ type: "describe" }).catch(() => this.catalogue);
    this.changed();
  }

  async #connectionChanged(state) {
    this.connection = state;
    this.changed();
    if (state !== "open") return;
    this.signInProblem = "";
    if (this.notice?.code === LOST) this.notice = null;
    await this.jobs.attachAgain();
    await this.#describe();
    if (this.opened === null) await restoreStage(this, this.place.linkedJob);
    this.outbox.resume();
    this.changed();
  }
}
