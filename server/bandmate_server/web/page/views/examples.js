// Something to start from: a few prompts as chips, and the project's examples with tempo, key and seed.
import { html } from "../vendor/preact-htm.js";
import { EXAMPLES } from "../model/examples.js";

const PROMPTS = ["dusty lo-fi drums", "warm upright bass and soft piano", "funk band, busy bass", "string quartet, legato", "tambourine on 2 and 4"];

/** `onPrompt` gets a prompt alone, `onExample` what the form has to hold. */
export function Examples({ onPrompt, onExample }) {
  const choose = (event) => {
    const example = EXAMPLES[Number(event.target.value)];
    event.target.value = "";
    if (example) onExample(formOf(example));
  };
  return html`<div class="examples" role="group" aria-label="Examples">
    ${PROMPTS.map((text) => html`<button type="button" class="chip" onClick=${() => onPrompt(text)}>${text}</button>`)}
    <select name="example" aria-label="Start from an example" onChange=${choose}>
      <option value="">Start from an example…</option>
      ${EXAMPLES.map(({ title, about }, index) => html`<option value=${index} title=${about}>${title}</option>`)}
    </select>
  </div>`;
}

function formOf({ prompt, bpm = null, metre = "", key = "", bars = null, seconds = null, seed }) {
  const [beats, unit] = (metre || "4/4").split("/").map(Number);
  const length = seconds === null || bpm === null ? bars : Math.round((seconds * bpm * unit) / (240 * beats));
  return { prompt, music: { bpm, metre, key, bars: length }, seed: String(seed ?? "") };
}
