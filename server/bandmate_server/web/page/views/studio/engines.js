// The engines, and the models that they need.
import { html } from "../../vendor/preact-htm.js";
import { pageWords } from "../../model/page_words.js";
import { Models } from "../models.js";
import { withCode } from "./problem.js";

const STATUS_TEXT = { ready: "ready", needs_weights: "needs a model", unavailable: "not available here" };

export function Engines({ studio, onStage }) {
  const { catalogue } = studio;
  if (!catalogue) return html`<p role="status">Asking the server…</p>`;
  return html`<ul class="engines">
    ${catalogue.engines.map((engine) => html`<${Engine} key=${engine.name} studio=${studio} engine=${engine} onStage=${onStage} />`)}
  </ul>`;
}

function Engine({ studio, engine, onStage }) {
  return html`<li>
    <strong>${engine.title}</strong> <span class="tag ${engine.status}">${STATUS_TEXT[engine.status]}</span>
    ${engine.reason && html`<p class="facts">${withCode(reasonText(engine))}</p>`}
    ${(engine.models ?? []).length > 0 && html`<${Models} studio=${studio} models=${engine.models} onStart=${onStage} />`}
  </li>`;
}

/** Why it is not ready; the models that it lacks, and their buttons, come right below. */
function reasonText({ reason, reason_wording: wording }) {
  return pageWords(reason, wording).replace("here or in the studio", "below");
}
