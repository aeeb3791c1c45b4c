// The strip of takes: each can be heard as soon as it is there, from the same place, without a gap.
import { html } from "../vendor/preact-htm.js";

const STATE_TEXT = { queued: "waiting", running: "being made", failed: "failed", cancelled: "cancelled", interrupted: "interrupted" };

export function TakeStrip({ studio }) {
  const { takes, opened } = studio;
  if (takes.jobs.length < 2) return null;
  return html`<div class="takes" role="group" aria-label="Take strip">
    <span>Takes</span>
    ${takes.jobs.map(
      (job, index) => html`<span class="take" key=${job.id}>
        <button type="button" class=${job.state} aria-pressed=${job === opened ? "true" : "false"} title=${`${job.title}, seed ${job.seed}`} onClick=${() => studio.openJob(job)}>
          ${index + 1}${job.state === "done" ? "" : html` <span class="facts">${stateText(job)}</span>`}
        </button>
        ${opened && job !== opened && job.state === "done" && html`<button type="button" class="quiet" aria-label=${`Compare with take ${index + 1}`} title="Compare with it as B" onClick=${() => studio.compare(job)}>B</button>`}
      </span>`,
    )}
    <button type="button" class="quiet" aria-label="Close the strip" title="Put the takes away; the library keeps them" onClick=${() => takes.begin()}>✕</button>
  </div>`;
}

function stateText(job) {
  const { progress } = job;
  if (job.state === "running" && progress?.steps) return `${Math.round((100 * progress.step) / progress.steps)} %`;
  return STATE_TEXT[job.state] ?? job.state;
}
