// An engine's models: what is installed, bringing one here once its licence is accepted, checking and removing it.
import { html, useState } from "../vendor/preact-htm.js";

const NO_MUSIC = { sample_rate: 48_000, start_frame: 0, end_frame: 1, tempo: [{ position: 0, bpm: 120 }] };

export function Models({ studio, models, onStart }) {
  return html`<ul class="models">
    ${models.map((model) => html`<${Model} key=${model.pull || model.name} studio=${studio} model=${model} onStart=${onStart} />`)}
  </ul>`;
}

function order(task, params) {
  return { task, params, timeline: NO_MUSIC };
}

function Model({ studio, model, onStart }) {
  return html`<li>
    <div class="what">
      <code>${model.pull || model.name}</code>${model.present && html` <span class="tag ready">here</span>`}
      <p>${model.about}</p>
      <p class="facts">${model.size_bytes > 0 ? sizeText(model.size_bytes) : "size unknown"} · ${model.licence}</p>
    </div>
    ${model.pull && (model.present ? html`<${Installed} ...${{ studio, model }} />` : html`<${Missing} ...${{ studio, model, onStart }} />`)}
  </li>`;
}

function Missing({ studio, model, onStart }) {
  const [offer, setOffer] = useState(null); // what the hub says: { licence, models }
  const [isAsking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    setOffer((await studio.attempt(() => studio.jobs.report(order("pull", { model: model.pull, only_ask: true })))) ?? null);
    setAsking(false);
  };
  const accept = async () => {
    const params = { model: model.pull, licence: offer.licence, most_gb: 10_000 };
    const job = await studio.attempt(() => studio.jobs.submit(order("pull", params)));
    if (job) onStart();
  };
  if (!offer) return html`<button type="button" disabled=${isAsking} onClick=${ask}>${isAsking ? "Asking the hub…" : "Download…"}</button>`;
  const missing = (offer.models ?? []).reduce((sum, each) => sum + each.missing_bytes, 0);
  return html`<div class="offer">
    <p>Its licence: <strong>${offer.licence}</strong>. To download: ${sizeText(missing)}.</p>
    <button type="button" class="main" onClick=${accept}>Accept and download</button>
    <button type="button" onClick=${() => setOffer(null)}>Not now</button>
  </div>`;
}

const CHECK_TEXT = {
  whole: "Checked: whole.",
  unhashed: "Checked: no damage found. Some of its files have no known hash.",
  missing: "It is not installed.",
};

function Installed({ studio, model }) {
  const [busy, setBusy] = useState("");
  const [check, setCheck] = useState(null);
  const [offer, setOffer] = useState(null); // what removing frees: { freed_bytes, kept }
  const ask = async (task, params) => {
    setBusy(task);
    const report = await studio.attempt(() => studio.jobs.report(order(task, { model: model.pull, ...params })));
    setBusy("");
    return report ?? null;
  };
  const verify = async () => setCheck((await ask("verify_model"))?.models?.[0] ?? null);
  const offerRemoval = async () => setOffer(await ask("remove_model", { only_ask: true }));
  return html`<span class="upkeep">
      <button type="button" disabled=${busy !== ""} onClick=${verify}>${busy === "verify_model" ? "Checking…" : "Check"}</button>
      ${!offer && html`<button type="button" disabled=${busy !== ""} onClick=${offerRemoval}>Remove…</button>`}
    </span>
    ${check && html`<p role="status" class=${check.state === "damaged" ? "problem" : "facts"}>${CHECK_TEXT[check.state] ?? damageText(check)}</p>`}
    ${offer &&
    html`<div class="offer">
      <p>${(offer.kept ?? []).length > 0 ? `${offer.kept.join(", ")} is yours and stays.` : `This frees ${sizeText(offer.freed_bytes)}.`} You can download it again.</p>
      <button type="button" class="main" disabled=${busy !== "" || offer.freed_bytes === 0} onClick=${() => ask("remove_model")}>Remove</button>
      <button type="button" onClick=${() => setOffer(null)}>Keep</button>
    </div>`}`;
}

function damageText({ damage }) {
  const files = Object.entries(damage).map(([file, reason]) => `${file}: ${reason}`);
  return `Damaged: ${files.join("; ")}. Remove it, then download it again.`;
}

function sizeText(bytes) {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
