// Form fields out of the JSON Schema that a task or an engine brings.
import { html } from "../vendor/preact-htm.js";
import { Sentence } from "./sentence.js";

const LONG_TEXT = 1_000;

/** The properties that a form can show, in order. */
export function drawableFields(schema, task = null) {
  return Object.entries(schema?.properties ?? {})
    // What is read-only is filled in by the job.
    .filter(([, field]) => kindOf(field) !== null && !field.readOnly && field.needs === undefined)
    .filter(([, field]) => task === null || applies(field, task))
    .map(([name, field]) => ({ name, field }));
}

/** Whether an engine's option applies to a task. */
function applies(field, task) {
  if (task.named_options) return (field.tasks ?? []).includes(task.name);
  return !field.abilities || field.abilities.includes(task.ability);
}

/** What differs from the defaults, with numbers as numbers. */
export function changedValues(fields, values) {
  const changed = {};
  for (const { name, field } of fields) {
    const value = values[name];
    if (value === undefined || value === null || value === "") continue;
    if (value !== field.default) changed[name] = value;
  }
  return changed;
}

function kindOf(field) {
  if (field.enum) return "choice";
  if (field.type === "boolean") return "switch";
  if (field.type === "integer" || field.type === "number") return "number";
  if (field.type === "string") return (field.maxLength ?? 0) > LONG_TEXT ? "text" : "line";
  return null;
}

export function Field({ id, name, field, value, onChange }) {
  const kind = kindOf(field);
  const shown = value ?? field.default ?? "";
  const label = field.title ?? name;
  const describedBy = field.description ? `${id}-help` : undefined;
  const common = { id, name, "aria-describedby": describedBy };
  return html`<div class="field ${kind}">
    <label for=${id}>${label}${field.unit && html` <span class="unit">(${field.unit})</span>`}</label>
    ${controls[kind]({ common, field, shown, onChange })}
    ${field.description && html`<p class="help" id=${describedBy}><${Sentence} text=${field.description} /></p>`}
  </div>`;
}

const controls = {
  choice: ({ common, field, shown, onChange }) =>
    html`<select ...${common} value=${shown} onChange=${(event) => onChange(event.target.value)}>
      ${field.enum.map((each) => html`<option value=${each} selected=${each === shown}>${each}</option>`)}
    </select>`,
  switch: ({ common, shown, onChange }) =>
    html`<input ...${common} type="checkbox" checked=${shown === true} onChange=${(event) => onChange(event.target.checked)} />`,
  number: ({ common, field, shown, onChange }) =>
    html`<input
      ...${common}
      type="number"
      min=${field.minimum}
      max=${field.maximum}
      step=${field.type === "integer" ? 1 : "any"}
      value=${shown}
      onInput=${(event) => onChange(event.target.value === "" ? null : Number(event.target.value))}
    />`,
  line: ({ common, field, shown, onChange }) =>
    html`<input ...${common} type="text" maxlength=${field.maxLength} value=${shown} onInput=${(event) => onChange(event.target.value)} />`,
  text: ({ common, field, shown, onChange }) =>
    html`<textarea ...${common} rows="2" maxlength=${field.maxLength} value=${shown} onInput=${(event) => onChange(event.target.value)}></textarea>`,
};
