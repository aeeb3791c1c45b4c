// An engine's models: what is here, and bringing one here once its licence is accepted.
import { html, useState } from "../vendor/preact-htm.js";

const NO_MUSIC = { sample_rate: 48_000, start_frame: 0, end_frame: 1, tempo: [{ position: 0, bpm: 120 }] };

export function Models({ studio, models, onStart }) {
  return html`<ul class="models">
    ${models.map((model) => html`<${Model} key=${model.pull || model.name} studio=${studio} model=${model} onStart=${onStart} />`)}
  </ul>`;
}

function Model({ studio, model, onStart }) {
  const [offer, setOffer] = useState(null); // what the hub says: { licence, models }
  const [isAsking, setAsking] = useState(false);
  const order = (params) => ({ task: "pull", params: { model: model.pull, ...params }, timeline: NO_MUSIC });
  const ask = async () => {
    setAsking(true);
    setOffer((await studio.attempt(() => studio.report(order({ only_ask: true })))) ?? null);
    setAsking(false);
  };
  const accept = async () => {
    const job = await studio.attempt(() => studio.submit(order({ licence: offer.licence, most_gb: 10_000 })));
    if (job) onStart();
  };
  const missing = (offer?.models ?? []).reduce((sum, each) => sum + each.missing_bytes, 0);
  return html`<li>
    <code>${model.pull || model.name}</code> ${model.about}
    <span class="facts">${sizeText(model.size_bytes)}, ${model.licence}</span>
    ${model.present && html` <span class="tag ready">here</span>`}
    ${!model.present && model.pull && !offer && html` <button type="button" disabled=${isAsking} onClick=${ask}>${isAsking ? "Asking the hub…" : "Download…"}</button>`}
    ${offer &&
    html`<div class="offer">
      <p>Its licence: <strong>${offer.licence}</strong>. To download: ${sizeText(missing)}.</p>
      <button type="button" class="main" onClick=${accept}>Accept and download</button>
      <button type="button" onClick=${() => setOffer(null)}>Not now</button>
    </div>`}
  </li>`;
}

function sizeText(bytes) {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
