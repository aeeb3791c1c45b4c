// The projects that a bridge has connected.
import { html } from "../../vendor/preact-htm.js";
import { nameOf } from "../../model/into_project.js";

export function Projects({ studio }) {
  if (studio.projects.length === 0) {
    return html`<p>No project is connected. Open one in a DAW with its Bandmate bridge, or run <code>bandmate watch song.rpp</code>.</p>`;
  }
  const { intoProject: into } = studio;
  return html`<ul class="cards">
    ${studio.projects.map(
      (each, index) => html`<li>
        <strong>${nameOf(each)}</strong>${index === 0 && html` <span class="tag">in focus</span>`}
        <p>${(each.tracks ?? []).length > 0 ? `Selected: ${each.tracks.join(", ")}` : "No track is selected."}</p>
        ${studio.projects.length > 1 &&
        html`<button type="button" aria-pressed=${each === into.project ? "true" : "false"} title="The form's button sends to this project" onClick=${() => into.choose(each.project)}>Send to ${nameOf(each)}</button>`}
      </li>`,
    )}
  </ul>`;
}
