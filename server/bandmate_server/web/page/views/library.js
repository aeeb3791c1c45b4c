// Every job of this server: found, rated, kept, dropped, opened.
import { html, useState } from "../vendor/preact-htm.js";
import { NO_FILTERS } from "../model/library.js";
import { DropDialog } from "./drop_dialog.js";
import { JobDetails } from "./job_details.js";
import { JobGrid } from "./job_grid.js";
import { MarkedActions } from "./marked_actions.js";
import { sizeText } from "./texts.js";

const STATES = ["done", "running", "queued", "failed", "cancelled", "interrupted"];
const TIMES = [
  [0, "any time"],
  [1, "the last day"],
  [7, "the last 7 days"],
  [30, "the last 30 days"],
];

export function Library({ studio, onOpen }) {
  const { library } = studio;
  const [dropping, setDropping] = useState(null); // the jobs that the dialog asks about
  const open = async (summary) => {
    await studio.openListed(summary);
    onOpen();
  };
  const compare = async (summary) => {
    await studio.compareListed(summary);
    onOpen();
  };
  const actions = { studio, onOpen: open, onCompare: compare, onDrop: setDropping };
  return html`<section class="library" aria-label="Library">
    <${Filters} studio=${studio} />
    <${Undo} studio=${studio} />
    <div class="library-body">
      <${JobGrid} ...${actions} />
      ${library.marked.count > 0 ? html`<${MarkedActions} ...${actions} />` : html`<${JobDetails} ...${actions} />`}
    </div>
    ${dropping && html`<${DropDialog} studio=${studio} summaries=${dropping} onClose=${() => setDropping(null)} />`}
  </section>`;
}

function Filters({ studio }) {
  const { library } = studio;
  const { filters } = library;
  const choose = (name, read = (value) => value) => (event) => library.filter({ [name]: read(event.target.value) });
  const tasks = studio.tasks.map((task) => [task.name, task.title]);
  const engines = (studio.catalogue?.engines ?? []).map((engine) => [engine.name, engine.title]);
  const isFiltered = Object.keys(NO_FILTERS).some((name) => filters[name] !== NO_FILTERS[name]);
  return html`<div class="filters">
    <label>Search <input type="search" value=${filters.words} maxlength="256" onInput=${choose("words")} /></label>
    <${Choice} label="Task" value=${filters.task} options=${[["", "all"], ...tasks]} onChange=${choose("task")} />
    <${Choice} label="Engine" value=${filters.engine} options=${[["", "all"], ...engines]} onChange=${choose("engine")} />
    <${Choice} label="State" value=${filters.state} options=${[["", "all"], ...STATES.map((state) => [state, state])]} onChange=${choose("state")} />
    <${Choice} label="Rating" value=${filters.rating} options=${[[0, "any"], ...[1, 2, 3, 4, 5].map((stars) => [stars, stars === 5 ? "5 stars" : `${stars} or more`])]} onChange=${choose("rating", Number)} />
    <${Choice} label="Made in" value=${filters.days} options=${TIMES} onChange=${choose("days", Number)} />
    <label class="check"><input type="checkbox" checked=${filters.kept} onChange=${(event) => library.filter({ kept: event.target.checked })} /> Kept</label>
    <label class="check"><input type="checkbox" checked=${filters.dropped} onChange=${(event) => library.filter({ dropped: event.target.checked })} /> Dropped</label>
    ${isFiltered && html`<button type="button" onClick=${() => library.filter(NO_FILTERS)}>Clear</button>`}
    <span class="sum" role="status">${sumText(studio)}</span>
  </div>`;
}

function Choice({ label, value, options, onChange }) {
  return html`<label>${label}
    <select value=${value} onChange=${onChange}>
      ${options.map(([name, title]) => html`<option value=${name} selected=${name === value}>${title}</option>`)}
    </select>
  </label>`;
}

function sumText({ library, connection }) {
  if (connection !== "open") return "The rest of the list comes when the server is back.";
  if (library.total === null) return "Searching…";
  const jobs = library.total === 1 ? "1 job" : `${library.total.toLocaleString()} jobs`;
  return `${jobs} · ${sizeText(library.diskBytes)} of audio on the disk`;
}

function Undo({ studio }) {
  const { library } = studio;
  if (!library.undo) return null;
  return html`<p class="undo" role="status">
    ${library.undo.sentence}
    <button type="button" onClick=${() => studio.attempt(() => library.undoLast())}>Undo</button>
  </p>`;
}
