// The projects that a bridge has connected.
import { html } from "../../vendor/preact-htm.js";

export function Projects({ studio }) {
  if (studio.projects.length === 0) {
    return html`<p>No project is connected. Open one in a DAW with its Bandmate bridge, or run <code>bandmate watch song.rpp</code>.</p>`;
  }
  return html`<ul class="cards">
    ${studio.projects.map(
      (each, index) => html`<li>
        <strong>${each.project_name || each.project}</strong>${index === 0 && html` <span class="tag">in focus</span>`}
        <p>${(each.tracks ?? []).length > 0 ? `Selected: ${each.tracks.join(", ")}` : "No track is selected."}</p>
      </li>`,
    )}
  </ul>`;
}
