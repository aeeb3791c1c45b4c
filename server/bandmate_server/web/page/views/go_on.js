// One click from what is on the stage to what comes next.
import { html, useState } from "../vendor/preact-htm.js";
import { goOn, makeVariations, saveAsSlot, tasksOn } from "../model/go_on.js";
import { meantStem } from "./source.js";

const VARIATIONS = 4;

export function GoOn({ studio, job }) {
  const [seed, setSeed] = useState("");
  if (job.isActive) return null;
  const canGoOn = job.state === "done" && job.timeline !== undefined && job.stems.length > 0;
  const start = (task) => studio.attempt(async () => goOn(studio, task, meantStem(studio, task)));
  const again = () => studio.attempt(() => studio.redo(job, seed === "" ? undefined : Number(seed)));
  const store = () =>
    studio.attempt(async () => {
      const number = await saveAsSlot(studio, job);
      studio.tell(`Saved as slot ${number}.`);
    });
  return html`<div class="go-on">
    ${canGoOn &&
    html`<div class="actions" role="group" aria-label="Go on from here">
      ${tasksOn(studio).map((task) => html`<button key=${task.name} type="button" title=${task.summary} onClick=${() => start(task)}>${actionText(task, studio.ranges.all.length)}</button>`)}
    </div>`}
    ${!job.isFile &&
    html`<div class="actions" role="group" aria-label="Once more">
      <button type="button" onClick=${again}>${seed === "" ? "Again, with another seed" : "Again, with this seed"}</button>
      <input
        type="number"
        name="again-seed"
        aria-label="Seed for this job"
        title="Seed: empty for another one"
        min="0"
        max="4294967295"
        placeholder="seed"
        value=${seed}
        onInput=${(event) => setSeed(event.target.value)}
        onKeyDown=${(event) => event.key === "Enter" && again()}
      />
      <button type="button" title="They are made while you listen, and arrive as takes" onClick=${() => studio.attempt(() => makeVariations(studio, job, VARIATIONS))}>${VARIATIONS} variations</button>
      <button type="button" title="For surfaces with buttons; the studio lists the slots" onClick=${store}>Save as slot</button>
    </div>`}
  </div>`;
}

function actionText(task, ranges) {
  if (!task.takes_ranges || ranges === 0) return task.title;
  return ranges === 1 ? `${task.title} this range` : `${task.title} ${ranges} ranges`;
}
