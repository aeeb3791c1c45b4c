// The buttons that mend what went wrong: bringing a model here, or playing what no word of the prompt asks for.
import { html } from "../vendor/preact-htm.js";
import { Models } from "./models.js";
import { startOnce } from "./start_once.js";

/** `job` is the one that failed, if it was one. */
export function ProblemHelp({ studio, problem, job = null }) {
  const all = (studio.catalogue?.engines ?? []).flatMap((engine) => engine.models ?? []);
  const models = all.filter((model) => (problem.models ?? []).includes(model.pull));
  const anyway = () => studio.attempt(() => studio.jobs.submitAgain(job, { options: { ...job.options, anyway: true } }));
  return html`
    ${problem.offersAnyway && job && html`<button type="button" onClick=${startOnce(anyway)}>Play it anyway</button>`}
    ${models.length > 0 && html`<${Models} studio=${studio} models=${models} onStart=${() => {}} />`}
  `;
}
