// What became of the job on the stage: what went wrong, what was heard, what it remarks, and files of all of it.
import { html } from "../vendor/preact-htm.js";
import { zipCount, zipOrder } from "../model/downloads.js";
import { midiFile } from "../model/midi_file.js";
import { recipeText } from "../model/recipe.js";
import { orderFile, saveAddress, saveBlob } from "../net/files.js";
import { ProblemHelp } from "./problem_help.js";
import { Sentence } from "./sentence.js";
import { startOnce } from "./start_once.js";

export function Outcome({ studio, job }) {
  const saveZip = () =>
    studio.attempt(async () => {
      const { address, name } = await orderFile(zipOrder(job));
      saveAddress(address, name);
    });
  const saveNotes = () => saveBlob(new Blob([midiFile(job)], { type: "audio/midi" }), `${job.task} ${job.id}.mid`);
  const saveRecipe = () => saveBlob(new Blob([recipeText(job)], { type: "application/json" }), `${job.task} ${job.id}.json`);
  const isDone = job.state === "done";
  return html`<div class="outcome">
    ${job.problem &&
    html`<div class="problem">
      <p role="alert"><strong><${Sentence} text=${job.problem.sentence} /></strong> <${Sentence} text=${job.problem.remedy} /></p>
      <${ProblemHelp} studio=${studio} problem=${job.problem} job=${job} />
    </div>`}
    <${LostAudio} studio=${studio} job=${job} />
    <${Report} job=${job} />
    ${job.remarks.length > 0 && html`<ul class="remarks">${job.remarks.map((remark) => html`<li><${Sentence} text=${remark} /></li>`)}</ul>`}
    <div class="actions" role="group" aria-label="Take it away">
      ${isDone && job.lostStems.length === 0 && zipCount(job) > 1 && html`<button type="button" onClick=${saveZip}>All stems (zip)</button>`}
      ${isDone && job.stems.some((stem) => stem.notes.length > 0) && html`<button type="button" onClick=${saveNotes}>Notes (MIDI)</button>`}
      ${!job.isFile && html`<button type="button" onClick=${saveRecipe}>Recipe (JSON)</button>`}
    </div>
  </div>`;
}

/** Audio that the server has removed can be made again: the job's recipe is still there. */
function LostAudio({ studio, job }) {
  const { lostStems } = job;
  if (lostStems.length === 0 || job.isFile) return null;
  const what = job.hasAudio ? `The audio of ${lostStems.map(({ name }) => name).join(", ")}` : "The audio of this job";
  return html`<div class="problem">
    <p role="status"><strong>${what} was removed from the server's disk.</strong> The same seed makes it again.</p>
    <button type="button" onClick=${startOnce(() => studio.attempt(() => studio.jobs.redo(job, job.seed)))}>Make it again</button>
  </div>`;
}

/** What an analysis heard. */
function Report({ job }) {
  const { report } = job;
  if (!Array.isArray(report.tempo)) return null;
  const tempo = report.tempo[0];
  const facts = [
    ["Key", report.key],
    ["Tempo", tempo && `${Math.round((report.median_bpm ?? tempo.bpm) * 100) / 100} bpm`],
    ["Metre", report.metre],
    ["Tuning", typeof report.tuning_cents === "number" && `${report.tuning_cents > 0 ? "+" : ""}${report.tuning_cents} cents`],
    ["Loudness", report.loudness?.integrated_lufs != null && `${report.loudness.integrated_lufs.toFixed(1)} LUFS`],
    ["Chords", (report.chords ?? []).map(({ symbol }) => symbol).join("  ")],
    ["Sections", (report.sections ?? []).map(({ label }) => label).join("  ")],
  ];
  return html`<dl class="report">
    ${facts.filter(([, text]) => text).map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}
  </dl>`;
}
