// The stage: the job that is open, its stems, and what can be done with it.
import { html, useEffect, useRef } from "../vendor/preact-htm.js";
import { GoOn } from "./go_on.js";
import { Outcome } from "./outcome.js";
import { TakeStrip } from "./takes.js";
import { Tracks } from "./tracks.js";
import { Transport } from "./transport.js";

export function Stage({ studio }) {
  const job = studio.opened;
  const section = useRef(null);
  // On a phone the stage lies below the form.
  useEffect(() => section.current?.scrollIntoView({ block: "nearest" }), [job?.id]);
  if (!job) {
    return html`<section class="stage empty" aria-label="Stage">
      <p>What you make appears here, and plays while it is still being made.</p>
      <p class="help">To work on music of your own, drop an audio file anywhere on this page.</p>
    </section>`;
  }
  return html`<section class="stage" aria-label="Stage" ref=${section}>
    <${Head} studio=${studio} job=${job} />
    <div class="controls">
      <${Transport} studio=${studio} job=${job} />
      <${TakeStrip} studio=${studio} />
    </div>
    ${job.outline.length > 0 &&
    html`<p class="help" role="note">This file is too long to be played in a browser. Every task works on it: drag over it to choose a range. What you make from it plays here; play the file itself in your DAW.</p>`}
    <${Tracks} studio=${studio} job=${job} />
    <${GoOn} key=${job.id} studio=${studio} job=${job} />
    <${Outcome} studio=${studio} job=${job} />
  </section>`;
}

const STATE_TEXT = {
  queued: "Waiting",
  running: "Being made",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
  interrupted: "Interrupted",
};

function Head({ studio, job }) {
  const { progress } = job;
  const share = progress?.steps ? progress.step / progress.steps : null;
  const facts = job.isFile ? [musicText(job)] : [studio.task(job.task)?.title ?? job.task, job.engine !== "none" && job.engine, `seed ${job.seed}`, musicText(job)].filter(Boolean);
  return html`<div class="head">
    <h2>${job.title}</h2>
    <p class="facts">${facts.join(" · ")}</p>
    <p class="state ${job.state}" role="status">
      ${job.isFile ? "Ready to work on" : STATE_TEXT[job.state]}${job.state === "queued" && job.ahead > 0 ? `, ${job.ahead} ahead` : ""}
      ${progress && html` — ${progress.stage}`}
      ${progress?.seconds_left && html`, ${Math.ceil(progress.seconds_left)} s left`}
    </p>
    ${job.isActive &&
    html`<progress aria-label="Progress" value=${share ?? undefined} max="1"></progress>
      <button type="button" onClick=${() => studio.jobs.cancel(job)}>Cancel</button>`}
  </div>`;
}

/** Tempo, metre and key; what an analysis only guessed says so. */
function musicText(job) {
  const { timeline } = job;
  if (!timeline) return "";
  const doubts = (job.isPatch || job.isBeside || job.isReport ? job.base : job).doubts ?? {};
  const { bpm, numerator = 4, denominator = 4 } = timeline.tempo[0];
  const tempo = timeline.tempo.length > 1 ? "tempo map" : `${Math.round(bpm * 100) / 100} bpm`;
  return [doubted(tempo, doubts.tempo, "tempo"), doubts.tempo !== "unknown" && doubted(`${numerator}/${denominator}`, doubts.metre, "metre"), doubted(timeline.key, doubts.key, "key")]
    .filter(Boolean)
    .join(", ");
}

function doubted(text, doubt, what) {
  if (doubt === "unknown") return `${what} unknown`;
  return doubt === "unsure" ? `${text} (a guess)` : text;
}
