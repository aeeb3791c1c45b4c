// What is connected and installed: projects, engines with their models, plugins.
import { html } from "../vendor/preact-htm.js";
import { Models } from "./models.js";

export function Status({ studio, onStart }) {
  const { catalogue } = studio;
  return html`<section class="studio" aria-label="Studio">
    <h2>Projects</h2>
    ${studio.projects.length === 0
      ? html`<p>None is connected. Open one in a DAW with its Bandmate bridge, or run <code>bandmate watch song.rpp</code>.</p>`
      : html`<ul class="cards">
          ${studio.projects.map(
            (each, index) => html`<li>
              <strong>${each.project_name || each.project}</strong>${index === 0 && html` <span class="tag">in focus</span>`}
              <p>${(each.tracks ?? []).length > 0 ? `Selected: ${each.tracks.join(", ")}` : "No track is selected."}</p>
            </li>`,
          )}
        </ul>`}
    <h2>Engines</h2>
    ${!catalogue && html`<p>Asking the server…</p>`}
    <ul class="cards">
      ${(catalogue?.engines ?? []).map((engine) => html`<${Engine} key=${engine.name} studio=${studio} engine=${engine} onStart=${onStart} />`)}
    </ul>
    <h2>Plugins</h2>
    <ul class="plugins">
      ${(catalogue?.plugins ?? []).map(
        (plugin) => html`<li>${plugin.name} <span class="facts">${plugin.distribution} ${plugin.version}</span>${plugin.status !== "enabled" && html` <strong>${plugin.status}: ${plugin.reason}</strong>`}</li>`,
      )}
    </ul>
    <p class="facts">Bandmate ${studio.wire.serverVersion}</p>
  </section>`;
}

const STATUS_TEXT = { ready: "ready", needs_weights: "needs a model", unavailable: "not available here" };

function Engine({ studio, engine, onStart }) {
  return html`<li>
    <strong>${engine.title}</strong> <span class="tag ${engine.status}">${STATUS_TEXT[engine.status]}</span>
    ${engine.reason && html`<p>${engine.reason}</p>`}
    ${(engine.models ?? []).length > 0 && html`<${Models} studio=${studio} models=${engine.models} onStart=${onStart} />`}
  </li>`;
}
