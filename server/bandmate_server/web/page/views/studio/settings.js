// The server's settings: what each changes, where its value comes from, and changing it.
import { html, useState } from "../../vendor/preact-htm.js";
import { Field } from "../fields.js";
import { ConfirmDialog } from "../confirm_dialog.js";
import { useAnswer, useRequest } from "./answers.js";
import { Problem, withCode } from "./problem.js";
import { Restart } from "./restart.js";

const GROUPS = [
  ["Surfaces", ["midi", "osc", "osc_port", "osc_rotary_centre", "osc_peers", "osc_feedback", "osc_announce"]],
  ["Disk", ["retention_gb", "upload_gb", "data"]],
  ["Jobs", ["jobs_per_client", "jobs_in_all", "range_seconds", "stall_seconds", "grace_seconds", "executor"]],
  ["Access", ["allow_lan", "host", "port", "allowed_hosts", "allowed_origins", "token", "hub_token"]],
];
const OTHERS = "Server";

const SOURCE_TEXT = {
  default: "default",
  file: "from server.toml",
  environment: "from the environment",
  option: "from the command line",
};

export function Settings({ studio }) {
  const { answer, setAnswer, problem } = useAnswer(studio, { type: "list_settings" });
  if (!answer) return html`<${Problem} problem=${problem} /><p role="status">Asking the server…</p>`;
  return html`<${Restart} studio=${studio} list=${answer} /><p class="facts">Changes are written to <code>${answer.file}</code>, whose comments stay.</p>
    ${grouped(answer.settings ?? []).map(
      ([title, settings]) => html`<h3>${title}</h3>
        <div class="settings">
          ${settings.map((each) => html`<${SettingRow} key=${each.name} studio=${studio} setting=${each} onAnswer=${setAnswer} />`)}
        </div>`,
    )}`;
}

function grouped(settings) {
  const known = new Map(GROUPS.flatMap(([title, names]) => names.map((name) => [name, title])));
  const titles = [...GROUPS.map(([title]) => title), OTHERS];
  const order = new Map(GROUPS.flatMap(([, names]) => names).map((name, index) => [name, index]));
  const place = ({ name }) => order.get(name) ?? Infinity;
  return titles
    .map((title) => [title, settings.filter(({ name }) => (known.get(name) ?? OTHERS) === title).sort((a, b) => place(a) - place(b) || 0)])
    .filter(([, found]) => found.length > 0);
}

function SettingRow({ studio, setting, onAnswer }) {
  const { name, form, fixed, secret, source } = setting;
  const written = setting.waits_for_restart ? setting.next_value : setting.value;
  const [draft, setDraft] = useState(undefined); // undefined: as the server has it
  const [run, problem, isSaving] = useRequest();
  const [loss, setLoss] = useState(null); // { value, text }: a change that deletes something, to be confirmed
  const change = (value, confirmed) =>
    run(async () => {
      setLoss(null);
      const answer = await studio.wire.ask({ type: "change_setting", name, value, confirmed }).catch((error) => {
        if (error.code !== "not_confirmed") throw error;
        setLoss({ value, text: error.message });
      });
      if (!answer) return;
      onAnswer(answer);
      setDraft(undefined);
    });
  const isChanged = draft !== undefined && draft !== (written ?? null);
  return html`<div class="setting" role="group" aria-label=${form.title}>
    ${fixed || secret
      ? html`<${FixedValue} setting=${setting} />`
      : html`<${Field} id=${`setting-${name}`} name=${name} field=${form} value=${draft !== undefined ? draft : (written ?? "")} onChange=${setDraft} />`}
    <p class="facts">
      <code>${name}</code> · ${secret ? (setting.is_set === false ? "not set" : "set") : SOURCE_TEXT[source ?? "default"]}
      ${!fixed && html` · ${setting.needs_restart === false ? "applies at once" : "applies after a restart"}`}
    </p>
    ${setting.waits_for_restart && html`<p class="waiting">In use now: ${valueText(setting.value)}. Restart the server to use ${valueText(setting.next_value)}.</p>`}
    ${fixed && html`<p class="help">${withCode(fixed)}</p>`}
    <${Problem} problem=${problem} />
    ${loss &&
    html`<${ConfirmDialog}
      title=${`Change ${form.title}?`}
      action="Delete audio"
      onConfirm=${() => change(loss.value, true)}
      onClose=${() => setLoss(null)}
    >
      <p>${loss.text}</p>
      <p>This cannot be undone. The audio of jobs that you keep in the library stays.</p>
    <//>`}
    <div class="actions">
      ${isChanged && html`<button type="button" class="main" disabled=${isSaving} onClick=${() => change(draft)}>Save</button>`}
      ${isChanged && html`<button type="button" onClick=${() => setDraft(undefined)}>Discard</button>`}
      ${!fixed && source === "file" && !isChanged && html`<button type="button" class="quiet" disabled=${isSaving} onClick=${() => change(undefined)}>Reset to ${valueText(form.default)}</button>`}
    </div>
  </div>`;
}

function FixedValue({ setting: { form, value, secret } }) {
  return html`<div class="field">
    <strong>${form.title}${form.unit && html` <span class="unit">(${form.unit})</span>`}</strong>
    ${!secret && html`<div class="fixed">${valueText(value)}</div>`}
    <p class="help">${form.description}</p>
  </div>`;
}

function valueText(value) {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.length > 0 ? value.join(", ") : "none";
  return String(value);
}
