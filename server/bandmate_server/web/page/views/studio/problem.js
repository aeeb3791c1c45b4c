// Sentences of the server: what is between backticks is typed as it stands.
import { html } from "../../vendor/preact-htm.js";

export function Problem({ problem }) {
  return problem && html`<p role="alert" class="problem"><strong>${withCode(problem.sentence)}</strong> ${withCode(problem.remedy)}</p>`;
}

/** Text whose commands are set as code. */
export function withCode(text = "") {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}
