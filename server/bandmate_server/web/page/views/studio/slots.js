// Slots: requests under numbers, for pads, surfaces and plugins.
import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { newTimeline } from "../../model/new_timeline.js";
import { useAnswer, useRequest } from "./answers.js";
import { Problem } from "./problem.js";
import { startOnce } from "../start_once.js";

const SLOT_COUNT = 64;

export function Slots({ studio, onStage }) {
  const { answer, setAnswer, problem } = useAnswer(studio, { type: "list_slots" });
  const [run, refused] = useRequest();
  if (!answer) return html`<${Problem} problem=${problem} /><p role="status">Asking the server…</p>`;
  const slots = answer.slots ?? [];
  const change = (message) => run(async () => setAnswer(await studio.wire.ask(message)));
  /** What a change takes out of a slot can be put back. */
  const replace = async (number, message) => {
    studio.lostSlot = slots.find((slot) => slot.number === number) ?? null;
    await change(message);
  };
  return html`<p>A pad of a controller, an OSC surface, or the plugin in your DAW starts what is in a slot.</p>
    <${Fill} studio=${studio} slots=${slots} replace=${replace} />
    <${Undo} studio=${studio} slots=${slots} change=${change} />
    <${Problem} problem=${refused} />
    <ul class="slots">
      ${slots.map((slot) => html`<${SlotRow} key=${slot.number} studio=${studio} slot=${slot} change=${change} replace=${replace} run=${run} onStage=${onStage} />`)}
    </ul>`;
}

/** A slot with what made a job; the seed stays open, so that each press makes something new. */
function slotOfJob(job, number) {
  const engine = job.engine && job.engine !== "none" ? job.engine : undefined;
  return { number, task: job.task, params: job.params, options: job.options, engine };
}

function Fill({ studio, slots, replace }) {
  const job = studio.opened;
  const taken = new Set(slots.map(({ number }) => number));
  const numbers = Array.from({ length: SLOT_COUNT }, (_, index) => index + 1);
  const [chosen, setChosen] = useState(null);
  const number = chosen ?? numbers.find((each) => !taken.has(each)) ?? 1;
  if (!job || job.isFile) return html`<p class="facts">Open a job on the stage to store it in a slot.</p>`;
  const fill = async () => {
    await replace(number, { type: "store_slot", slot: slotOfJob(job, number) });
    setChosen(null);
  };
  return html`<div class="actions fill">
    <label for="fill-slot">Slot</label>
    <select id="fill-slot" value=${number} onChange=${(event) => setChosen(Number(event.target.value))}>
        ${numbers.map((each) => html`<option value=${each} selected=${each === number}>${each}${taken.has(each) ? " (replace)" : ""}</option>`)}
      </select>
    <button type="button" class="main" onClick=${fill}>Store “${job.title}”</button>
  </div>`;
}

/** Puts back what was in a slot before it was cleared or filled again. */
function Undo({ studio, slots, change }) {
  const { lostSlot: lost } = studio;
  const now = lost && slots.find((slot) => slot.number === lost.number);
  // A request that was refused took nothing out of it.
  if (!lost || (now && JSON.stringify(now) === JSON.stringify(lost))) return null;
  const undo = async () => {
    await change({ type: "store_slot", slot: lost });
    studio.lostSlot = null;
    studio.changed();
  };
  return html`<p class="undo" role="status">
    Slot ${lost.number} ${now ? "has something else now; before, it had" : "was cleared; it had"} “${titleOfSlot(lost)}”.
    <button type="button" onClick=${undo}>Undo</button>
  </p>`;
}

function SlotRow({ studio, slot, change, replace, run, onStage }) {
  const [name, setName] = useState(null);
  const field = useRef(null);
  useEffect(() => field.current?.focus(), [name === null]);
  const task = studio.task(slot.task);
  const store = (changes) => change({ type: "store_slot", slot: { ...slot, ...changes } });
  const rename = async (event) => {
    event.preventDefault();
    await store({ name: name.trim() });
    setName(null);
  };
  const values = Object.entries({ ...slot.params, ...slot.options });
  return html`<li>
    <span class="number">${slot.number}</span>
    <div class="what">
      ${name === null
        ? html`<strong>${titleOfSlot(slot)}</strong>`
        : html`<form onSubmit=${rename} class="with-button">
            <input ref=${field} aria-label=${`Name of slot ${slot.number}`} type="text" maxlength="256" value=${name} onInput=${(event) => setName(event.target.value)} />
            <button type="submit" class="main">Rename</button>
            <button type="button" onClick=${() => setName(null)}>Cancel</button>
          </form>`}
      <p class="facts">${task?.title ?? slot.task}${slot.engine && ` · ${slot.engine}`}${values.map(([key, value]) => html` · ${key}: ${String(value)}`)}</p>
    </div>
    <div class="actions">
      <${Play} studio=${studio} slot=${slot} task=${task} run=${run} onStage=${onStage} />
      ${name === null && html`<button type="button" aria-label=${`Rename slot ${slot.number}`} onClick=${() => setName(slot.name ?? "")}>Rename…</button>`}
      <button type="button" aria-label=${`Clear slot ${slot.number}`} onClick=${() => replace(slot.number, { type: "clear_slot", number: slot.number })}>Clear</button>
    </div>
  </li>`;
}

function titleOfSlot({ name, params, task }) {
  return name || String(params?.prompt ?? "").split(/\s+/).slice(0, 4).join(" ") || task;
}

/** In the project, as a pad would; on the stage, where the task needs no audio. */
function Play({ studio, slot, task, run, onStage }) {
  const params = { ...slot.params, ...slot.options };
  const [project] = studio.projects;
  const here = () =>
    run(async () => {
      const asked = { prompt: slot.params?.prompt ?? "", engine: slot.engine, bpm: null, metre: null, key: "", bars: null };
      const timeline = await newTimeline(studio.wire, asked);
      await studio.jobs.submit({ task: slot.task, params, engine: slot.engine, timeline });
      onStage();
    });
  const there = () =>
    run(async () => {
      const answer = await studio.invoke({ task: slot.task, params, engine: slot.engine, project: project.project });
      if (answer.sentence) throw new Error(answer.sentence);
    });
  if (!task) return html`<span class="facts">this task is not installed</span>`;
  const needsAudio = task.source === "required";
  return html`
    ${!needsAudio && html`<button type="button" aria-label=${`Play slot ${slot.number}`} onClick=${startOnce(here)}>Play</button>`}
    ${project && html`<button type="button" aria-label=${`Run slot ${slot.number} in the project`} onClick=${startOnce(there)}>Into ${project.project_name || project.project}</button>`}
    ${needsAudio && !project && html`<span class="facts">works on audio of a project</span>`}
  `;
}
