// What is connected and installed: projects, engines with their models, plugins.
import { html } from "../vendor/preact-htm.js";

export function Status({ studio }) {
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
      ${(catalogue?.engines ?? []).map((engine) => html`<${Engine} key=${engine.name} studio=${studio} engine=${engine} />`)}
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

function Engine({ studio, engine }) {
  const pull = (model) =>
    studio.attempt(() =>
      studio.submit(
        { task: "pull", params: { model }, timeline: { sample_rate: 48_000, start_frame: 0, end_frame: 1, tempo: [{ position: 0, bpm: 120 }] } },
        { open: true },
      ),
    );
  return html`<li>
    <strong>${engine.title}</strong> <span class="tag ${engine.status}">${STATUS_TEXT[engine.status]}</span>
    ${engine.reason && html`<p>${engine.reason}</p>`}
    ${(engine.models ?? []).length > 0 &&
    html`<ul class="models">
      ${engine.models.map(
        (model) => html`<li>
          <code>${model.pull || model.name}</code> ${model.about}
          <span class="facts">${(model.size_bytes / 1e9).toFixed(2)} GB, ${model.licence}</span>
          ${model.present ? html`<span class="tag ready">here</span>` : model.pull && html`<button type="button" onClick=${() => pull(model.pull)}>Download</button>`}
        </li>`,
      )}
    </ul>`}
  </li>`;
}
