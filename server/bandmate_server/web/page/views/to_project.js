// The button that runs a task in a project, which project that is, and how it went.
import { html } from "../vendor/preact-htm.js";
import { nameOf } from "../model/into_project.js";
import { startOnce } from "./start_once.js";

/** `order` gives what the form asks for, or null where a field of it is wrong. */
export function ToProject({ studio, task, order }) {
  const { intoProject: into, projects } = studio;
  const { project } = into;
  if (project === null || task.result === "report") return into.report && html`<${Report} into=${into} />`;
  const send = () => {
    const wanted = order();
    if (wanted) into.run(wanted);
  };
  return html`<button type="button" disabled=${into.isBusy || studio.connection !== "open"} onClick=${startOnce(send)} title="Runs it on the selection there">Into ${nameOf(project)}</button>
    ${projects.length > 1 &&
    html`<select aria-label="Project" value=${project.project} onChange=${(event) => into.choose(event.target.value)}>
      ${projects.map((each, index) => html`<option value=${each.project} selected=${each === project}>${nameOf(each)}${index === 0 ? " (in focus)" : ""}</option>`)}
    </select>`}
    <${Report} into=${into} />`;
}

function Report({ into }) {
  const { report } = into;
  if (report === null) return null;
  return html`<div class="into ${report.isProblem ? "problem" : ""}" role=${report.isProblem ? "alert" : "status"}>
    <span>${report.isProblem ? html`<strong>${report.sentence}</strong>` : report.sentence} ${report.remedy}</span>
    ${!into.isBusy && html`<button type="button" class="quiet" onClick=${() => into.forget()} aria-label="Close what became of it">✕</button>`}
  </div>`;
}

/** Which of the form's fields a project answers for itself. */
export function ProjectDecides({ studio }) {
  const { project } = studio.intoProject;
  return project && html`<p class="help">For the stage only: <em>Into ${nameOf(project)}</em> takes place, tempo, metre, key and length from the project.</p>`;
}
