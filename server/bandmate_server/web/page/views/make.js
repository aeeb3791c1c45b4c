// The form: what to make, out of what, how long, and where it goes.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { Field, changedValues, drawableFields } from "./fields.js";
import { formOfRecipe } from "../model/recipe.js";
import { useKept } from "./hooks.js";
import { Examples } from "./examples.js";
import { LyricsField, SUNG_FIELDS } from "./lyrics.js";
import { ComingFile, Source, sourceOf } from "./source.js";
import { Sentence } from "./sentence.js";
import { startOnce } from "./start_once.js";
import { ProjectDecides, ToProject } from "./to_project.js";

const METRES = ["", "4/4", "3/4", "6/8", "5/4", "7/8"];
const FIRST_FIELDS = new Set(["prompt"]);
const LATE_MS = 1_500;
const MAX_TAKES = 8;
const MAX_SEED = 2 ** 32;

export function Make({ studio }) {
  const [form, setForm] = useKept("form", { task: "generate", values: {}, music: {}, engine: "", seed: "", takes: 1 });
  const element = useRef(null);
  const waiting = studio.outbox.entries;
  const isBusy = waiting.length > 0;
  const isLate = useLate(isBusy);
  const task = studio.task(form.task) ?? studio.tasks[0];
  if (!task) return html`<section class="make" aria-label="Make"><p>Asking what this server can do…</p></section>`;

  const engines = studio.enginesFor(task);
  const engine = engines.find((each) => each.name === form.engine) ?? engines[0];
  const fields = drawableFields(task.params).filter(({ name }) => engine?.reads_lyrics || !SUNG_FIELDS.has(name));
  const options = drawableFields(engine?.options, task);
  const set = (change) => setForm({ ...form, ...change });
  const setValue = (name, value) => set({ values: { ...form.values, [name]: value } });
  const source = sourceOf(studio, task);
  const lacks = task.ability && engines.length === 0 ? "No engine that can do this is ready; see Studio." : source.lacks;

  const start = (event) => {
    event.preventDefault();
    return studio.attempt(() => submitTakes(studio, { task, form, engine, fields, options, source }));
  };

  const draw = ({ name, field }) => html`<${name === "lyrics" ? LyricsField : Field}
    key=${name}
    id=${`field-${name}`}
    name=${name}
    field=${field}
    value=${form.values[name]}
    onChange=${(value) => setValue(name, value)}
  />`;
  const [first, rest] = split(fields, ({ name }) => FIRST_FIELDS.has(name));
  const [folded, shown] = split([...rest, ...options], ({ field }) => field.advanced);

  return html`<section class="make" aria-label="Make">
    <div class="tasks" role="group" aria-label="Task">
      ${studio.tasks.map(
        (each) => html`<button
          type="button"
          aria-pressed=${each.name === task.name ? "true" : "false"}
          title=${each.summary}
          onClick=${() => set({ task: each.name })}
        >
          ${each.title}
        </button>`,
      )}
    </div>
    <p class="help"><${Sentence} text=${task.summary} /></p>
    <form onSubmit=${start} ref=${element}>
      ${first.map(draw)}
      ${task.name === "generate" && html`<${Examples}
        onPrompt=${(text) => setValue("prompt", text)}
        onExample=${({ prompt, ...rest }) => set({ ...rest, values: { ...form.values, prompt } })}
      />`}
      ${task.source !== "none" && html`<${Source} studio=${studio} task=${task} source=${source} />`}
      ${task.source === "none" && studio.file && !studio.file.isReady && html`<div class="source"><${ComingFile} studio=${studio} file=${studio.file} /></div>`}
      ${task.source !== "required" && html`<${Music} music=${form.music} onChange=${(music) => set({ music })} /><${ProjectDecides} studio=${studio} />`}
      ${shown.map(draw)}
      <details>
        <summary>More</summary>
        ${folded.map(draw)}
        ${engines.length > 1 && html`<${EngineChoice} engines=${engines} value=${form.engine} onChange=${(value) => set({ engine: value })} />`}
        <${TakesField} value=${form.takes ?? 1} onChange=${(takes) => set({ takes })} />
        <${SeedField} value=${form.seed} onChange=${(seed) => set({ seed })} />
        <${LoadRecipe} studio=${studio} onLoad=${(loaded) => setForm({ takes: 1, ...loaded })} />
      </details>
      ${lacks && html`<p class="help lacks">${lacks}</p>`}
      <div class="actions">
        <button type="submit" class="main" onClick=${startOnce(() => {})} disabled=${(isBusy && !isLate) || Boolean(lacks) || studio.connection !== "open"}>
          ${isBusy && !isLate ? "Sending…" : task.title}
        </button>
        ${isBusy && isLate && html`<span role="status">${waitingText(studio)} <button type="button" onClick=${() => studio.outbox.giveUp()}>Give up</button></span>`}
        <${ToProject} studio=${studio} task=${task} order=${() => projectOrder(element.current, { task, form, fields, options })} />
      </div>
    </form>
  </section>`;
}

/** As many takes as wanted, the first on the stage; with a seed, the others have the next ones. */
async function submitTakes(studio, what) {
  const { form } = what;
  const takes = Math.min(Math.max(Math.round(form.takes ?? 1), 1), MAX_TAKES);
  // What plays goes on while several takes are made.
  const staysOpen = takes > 1 && studio.player.isPlaying;
  const request = await requestOf(what);
  const requests = Array.from({ length: takes }, (_, take) => ({
    ...request,
    order: { ...request.order, seed: form.seed === "" ? undefined : (Number(form.seed) + take) % MAX_SEED },
    open: take === 0 && !staysOpen,
    take: takes === 1 ? "" : take === 0 ? "first" : "more",
  }));
  await studio.outbox.send(requests);
}

/** What the outbox sends for the form. */
async function requestOf({ task, form, engine, fields, options, source }) {
  const params = changedValues(fields, form.values);
  const chosen = form.engine && engine ? engine.name : undefined;
  const own = engine ? changedValues(options, form.values) : {};
  const title = params.prompt || task.title;
  if (source.order) {
    const { timeline, inputs, extra } = await source.order();
    const { base = null, stem = null } = source.source;
    const order = { task: task.name, params: { ...params, ...extra }, options: own, engine: chosen, timeline, inputs };
    return { title, order, base, stem: task.takes_ranges ? stem : null };
  }
  const { bpm = null, metre = "", key = "", bars = null } = form.music;
  const music = {
    prompt: params.prompt,
    engine: chosen,
    bpm,
    metre: metre ? metre.split("/").map(Number) : null,
    key: key.trim(),
    bars,
  };
  return { title, music, stem: null, order: { task: task.name, params, options: own, engine: chosen } };
}

/** What is still to be sent, and what that waits for. */
function waitingText({ outbox, connection }) {
  const { entries } = outbox;
  const what = entries.length === 1 ? `“${entries[0].title}”` : `${entries.length} requests, “${entries[0].title}” first,`;
  const verb = entries.length === 1 ? "is" : "are";
  if (connection !== "open") return `${what} ${verb} sent when the server is back.`;
  return `The server is busy. ${entries.length === 1 ? "Your request is" : `Your ${entries.length} requests are`} sent as soon as it answers.`;
}

/** What a project is asked for; null where a field of the form is wrong, which is shown then. */
function projectOrder(element, { task, form, fields, options }) {
  if (!element.reportValidity()) return null;
  const params = { ...changedValues(fields, form.values), ...changedValues(options, form.values) };
  const seed = form.seed === "" ? undefined : Number(form.seed);
  return { task: task.name, title: params.prompt || task.title, params, engine: form.engine, seed };
}

/** Whether something has been going on for longer than a moment. */
function useLate(isGoingOn) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!isGoingOn) return undefined;
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, [isGoingOn]);
  return isLate;
}

function Music({ music, onChange }) {
  const set = (name, value) => onChange({ ...music, [name]: value });
  const number = (event) => (event.target.value === "" ? null : Number(event.target.value));
  return html`<fieldset class="music">
    <legend>Tempo, metre, key, length</legend>
    <label>Tempo <span class="unit">(bpm)</span>
      <input type="number" name="bpm" min="1" max="2000" step="any" placeholder="auto" value=${music.bpm ?? ""} onInput=${(event) => set("bpm", number(event))} />
    </label>
    <label>Metre
      <select name="metre" value=${music.metre ?? ""} onChange=${(event) => set("metre", event.target.value)}>
        ${METRES.map((each) => html`<option value=${each} selected=${each === (music.metre ?? "")}>${each || "auto"}</option>`)}
      </select>
    </label>
    <label>Key
      <input type="text" name="key" placeholder="auto" value=${music.key ?? ""} onInput=${(event) => set("key", event.target.value)} />
    </label>
    <label>Bars
      <input type="number" name="bars" min="0.25" max="1000" step="any" placeholder="auto" value=${music.bars ?? ""} onInput=${(event) => set("bars", number(event))} />
    </label>
  </fieldset>`;
}

function EngineChoice({ engines, value, onChange }) {
  return html`<div class="field choice">
    <label for="field-engine">Engine</label>
    <select id="field-engine" value=${value} onChange=${(event) => onChange(event.target.value)}>
      <option value="">the best that is ready</option>
      ${engines.map((each) => html`<option value=${each.name} selected=${each.name === value}>${each.title}</option>`)}
    </select>
  </div>`;
}

function TakesField({ value, onChange }) {
  return html`<div class="field number">
    <label for="field-takes">Takes</label>
    <input id="field-takes" type="number" min="1" max=${MAX_TAKES} step="1" value=${value} onInput=${(event) => onChange(Number(event.target.value) || 1)} />
    <p class="help">Several jobs at once, each with a seed of its own; the library has them all.</p>
  </div>`;
}

/** Fills the form from a recipe that was saved. */
function LoadRecipe({ studio, onLoad }) {
  const load = ({ target }) => {
    const [file] = target.files;
    if (file) studio.attempt(async () => onLoad(formOfRecipe(await file.text(), studio)));
    target.value = ""; // or the browser would not report the same file, chosen again
  };
  return html`<label class="load-recipe">
    Load a recipe
    <input type="file" accept=".json,application/json" id="recipe-file" onChange=${load} />
  </label>`;
}

function SeedField({ value, onChange }) {
  const roll = () => onChange(String(Math.floor(Math.random() * MAX_SEED)));
  return html`<div class="field number">
    <label for="field-seed">Seed</label>
    <div class="with-button">
      <input id="field-seed" type="number" min="0" max=${MAX_SEED - 1} placeholder="another each time" value=${value} onInput=${(event) => onChange(event.target.value)} />
      <button type="button" onClick=${roll} aria-label="Roll the dice" title="Roll the dice">🎲</button>
    </div>
    <p class="help">The same seed with the same form gives the same music.</p>
  </div>`;
}

function split(list, fits) {
  return [list.filter(fits), list.filter((each) => !fits(each))];
}
