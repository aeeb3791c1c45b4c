// One click from what is on the stage to what comes next.
import { html, useState } from "../vendor/preact-htm.js";
import { goOn, makeVariations, saveAsSlot, tasksOn } from "../model/go_on.js";
import { meantStem } from "./source.js";
import { startOnce } from "./start_once.js";

const VARIATIONS = 4;
const MAX_SEED = 2 ** 32 - 1;

export function GoOn({ studio, job }) {
  const [seed, setSeed] = useState("");
  const [isSeed, setIsSeed] = useState(true);
  if (job.isActive) return null;
  const canGoOn = job.state === "done" && job.timeline !== undefined && job.lanes.length > 0 && job.lostStems.length === 0;
  const start = (task) => studio.attempt(async () => goOn(studio, task, meantStem(studio, task)));
  const isMusic = !job.isFile && studio.task(job.task)?.result !== "report";
  const again = () => isSeed && studio.attempt(() => studio.jobs.redo(job, seed === "" ? undefined : Number(seed)));
  const store = () =>
    studio.attempt(async () => {
      const number = await saveAsSlot(studio, job);
      studio.tell(`Saved as slot ${number}.`);
    });
  return html`<div class="go-on">
    ${canGoOn &&
    html`<div class="actions" role="group" aria-label="Go on from here">
      ${tasksOn(studio).map((task) => html`<button key=${task.name} type="button" title=${task.summary} onClick=${startOnce(() => start(task))}>${actionText(task, studio.ranges)}</button>`)}
    </div>`}
    ${isMusic &&
    html`<div class="actions" role="group" aria-label="Once more">
      <button type="button" disabled=${!isSeed} onClick=${startOnce(again)}>${seed === "" ? "Again, with another seed" : "Again, with this seed"}</button>
      <input
        type="number"
        name="again-seed"
        aria-label="Seed for this job"
        title="Seed: empty for another one"
        min="0"
        max=${MAX_SEED}
        step="1"
        aria-invalid=${isSeed ? undefined : "true"}
        placeholder="seed"
        value=${seed}
        onInput=${({ target }) => {
          setSeed(target.value);
          setIsSeed(target.validity.valid);
        }}
        onKeyDown=${(event) => event.key === "Enter" && again()}
      />
      ${!isSeed && html`<span role="alert" class="problem">A seed is a whole number from 0 to ${MAX_SEED}.</span>`}
      ${job.state === "done" && html`<button type="button" title="They are made while you listen, and arrive as takes" onClick=${startOnce(() => studio.attempt(() => makeVariations(studio, job, VARIATIONS)))}>${VARIATIONS} variations</button>`}
      ${job.state === "done" && html`<button type="button" title="For surfaces with buttons; the studio lists the slots" onClick=${startOnce(store)}>Save as slot</button>`}
    </div>`}
  </div>`;
}

/** Says which ranges the task works on: several where it can, else the one that was chosen last. */
function actionText(task, ranges) {
  const { length } = ranges.forTask(task);
  if (length === 0) return task.title;
  if (length > 1) return titleOn(task, `${length} ranges`);
  return titleOn(task, ranges.all.length === 1 ? "this range" : `range ${ranges.all.indexOf(ranges.current) + 1}`);
}

/** As in “Repaint this range”, or “Make this range loop”. */
function titleOn({ title }, what) {
  return title.includes(" it ") ? title.replace(" it ", ` ${what} `) : `${title} ${what}`;
}
