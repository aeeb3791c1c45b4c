// Where in the page one is: the view, the studio's topic, the job on the stage. The address has it, and so the browser's
// Back and Forward move between these places, and a copied address leads back to one.
import { reopenFile } from "./file_job.js";
import { browserState } from "./stored_state.js";

const VIEWS = ["make", "library", "studio"];
const FIRST_TOPIC = "projects";
const ADDRESS = /^#([a-z]+)(?:\/([\w-]{1,64}))?$/;
const CODE = "code="; // a link that signs in has this in place of a place

export class PagePlace {
  #studio;

  constructor(studio) {
    this.#studio = studio;
    const { view, topic, job } = readAddress() ?? {};
    const keptView = browserState.read("place");
    this.view = view ?? (VIEWS.includes(keptView) ? keptView : "make");
    this.topic = topic || (browserState.read("studio") ?? FIRST_TOPIC);
    this.linkedJob = job ?? ""; // the job that the address names
  }

  start() {
    this.#write("replaceState");
    window.addEventListener("popstate", (event) => this.#goTo(event.state));
  }

  showView(view) {
    if (view === this.view) return;
    this.view = view;
    browserState.write("place", view);
    this.#write("pushState");
    this.#studio.changed();
  }

  showTopic(topic) {
    if (topic === this.topic) return;
    this.topic = topic;
    browserState.write("studio", topic);
    this.#write("pushState");
    this.#studio.changed();
  }

  /** Another job is on the stage; `isNewPlace` makes Back lead to the one before. */
  jobOpened(isNewPlace) {
    const { opened } = this.#studio;
    if (opened === null || opened.id === this.linkedJob) return;
    this.linkedJob = opened.id;
    this.#write(isNewPlace ? "pushState" : "replaceState");
  }

  /** A link that signed in took the place's address. */
  restoreAddress() {
    this.#write("replaceState");
  }

  #write(how) {
    const { opened } = this.#studio;
    const file = opened?.isFile ? opened.kept : null;
    history[how]({ linkedJob: this.linkedJob, file }, "", `${location.pathname}${this.#address()}`);
  }

  #address() {
    if (this.view === "library") return "#library";
    if (this.view === "studio") return `#studio/${this.topic}`;
    return this.linkedJob ? `#make/${this.linkedJob}` : "";
  }

  async #goTo(kept) {
    if (location.hash.includes(CODE)) return;
    const { view, topic, job } = readAddress() ?? { view: "make" };
    this.view = view;
    if (topic) this.topic = topic;
    browserState.write("place", view);
    this.#studio.changed();
    const wanted = job ?? kept?.linkedJob ?? "";
    if (view === "make" && wanted && wanted !== this.#studio.opened?.id) await this.#openJob(wanted, kept?.file);
  }

  async #openJob(id, file) {
    const studio = this.#studio;
    this.linkedJob = id;
    const job = studio.jobs.get(id) ?? (file ? await reopenFile(file).catch(() => null) : await studio.jobs.fetchJob(id));
    // Somebody may have moved on meanwhile.
    if (this.linkedJob !== id) return;
    if (job) studio.openJob(job);
    else studio.say({ sentence: `The server has no job ${id} any more.`, remedy: "The library lists the jobs that it has." });
  }
}

/** What an address leads to; null where it names no place. */
function readAddress() {
  const [, view, rest = ""] = ADDRESS.exec(location.hash) ?? [];
  if (!VIEWS.includes(view)) return null;
  return { view, topic: view === "studio" ? rest : "", job: view === "make" ? rest : undefined };
}
