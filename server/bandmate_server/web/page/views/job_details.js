// The selected job: its facts, and what people say about it.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { titleOf } from "../model/job_titles.js";
import { lengthText, sizeText, stateText } from "./texts.js";

const MAX_NOTE = 4_096; // characters
const NEARLY_FULL = 3_600; // from here on, the characters are counted

export function JobDetails({ studio, onOpen, onCompare, onDrop }) {
  const { library } = studio;
  const job = library.details;
  if (job === null) {
    return html`<aside class="details" aria-label="Selected job"><p class="help">Select a job to rate it, write a note, keep or drop it.</p></aside>`;
  }
  const say = (said) => studio.attempt(() => library.annotate(job.job, said));
  const isDropped = typeof job.dropped_ms === "number";
  const canCompare = studio.opened && studio.opened.id !== job.job && job.state === "done";
  return html`<aside class="details" aria-label="Selected job">
    <h2>${titleOf(job)}</h2>
    <div class="actions">
      <button type="button" class="main" onClick=${() => onOpen(job)}>Open</button>
      ${canCompare && html`<button type="button" onClick=${() => onCompare(job)}>Compare</button>`}
      ${!isDropped && html`<button type="button" aria-pressed=${job.kept === true} title="Nothing removes a job that is kept" onClick=${() => say({ kept: !job.kept })}>Keep</button>`}
      ${isDropped && html`<button type="button" onClick=${() => studio.attempt(() => library.restore([job]))}>Restore</button>`}
      <button type="button" onClick=${() => onDrop([job])}>${isDropped ? "Delete now…" : "Drop…"}</button>
    </div>
    <${Stars} rating=${job.rating ?? 0} onRate=${(rating) => say({ rating })} />
    <${Note} key=${job.job} job=${job} library=${library} />
    <dl class="report">
      <dt>Job</dt><dd>${job.job}</dd>
      <dt>Task</dt><dd>${studio.task(job.task)?.title ?? job.task}${job.engine !== "none" && ` by ${job.engine}`}</dd>
      <dt>Seed</dt><dd>${job.seed}</dd>
      <dt>Made</dt><dd>${new Date(job.created_ms).toLocaleString()}</dd>
      <dt>Length</dt><dd>${lengthText(job.timeline)}</dd>
      <dt>State</dt><dd>${stateText(job)}${job.sentence && html`<br />${job.sentence}`}</dd>
      <dt>Stems</dt><dd>${(job.stems ?? []).map((stem) => stem.name).join(", ") || "none"}</dd>
      <dt>Size</dt><dd>Dropping it frees ${sizeText(job.disk_bytes ?? 0)}.</dd>
    </dl>
  </aside>`;
}

export function Stars({ rating, onRate }) {
  return html`<div class="stars" role="group" aria-label="Rating">
    ${[1, 2, 3, 4, 5].map(
      (stars) => html`<button
        type="button"
        class="quiet"
        aria-label=${stars === 1 ? "1 star" : `${stars} stars`}
        aria-pressed=${stars <= rating}
        onClick=${() => onRate(stars === rating ? 0 : stars)}
      >
        ${stars <= rating ? "★" : "☆"}
      </button>`,
    )}
  </div>`;
}

/** Saves when the field is left. What another program wrote meanwhile is shown, and nobody's words are lost. */
function Note({ job, library }) {
  const saved = job.note ?? "";
  // What was written and not saved, such as a note that is too long, is still there.
  const draft = library.drafts.get(job.job);
  const [text, setText] = useState(draft?.text ?? saved);
  const [before, setBefore] = useState(draft?.before ?? saved); // the note that is being changed
  const [problem, setProblem] = useState("");
  const latest = useRef({});
  latest.current = { text, before };
  useEffect(() => {
    // Nothing was written here, so what another program wrote is shown.
    if (text === before) setText(saved);
    if (text === before || text === saved) setBefore(saved);
  }, [saved]);
  const save = async (from) => {
    const { text: mine } = latest.current;
    if (mine === from || mine.length > MAX_NOTE) return;
    try {
      await library.annotate(job.job, { note: mine, note_before: from });
      library.drafts.keep(job.job, null);
      setBefore(mine);
      setProblem("");
    } catch (error) {
      setProblem(error.code === "job_changed" ? "changed" : `${error.message} ${error.remedy ?? ""}`);
    }
  };
  // A note that is being written is saved when another job is selected, too.
  useEffect(() => () => void save(latest.current.before), []);
  const isChanged = problem === "changed" && saved !== text;
  const write = ({ target }) => {
    setText(target.value);
    library.drafts.keep(job.job, target.value === before ? null : { text: target.value, before });
  };
  const takeTheirs = () => {
    library.drafts.keep(job.job, null);
    setText(saved);
    setBefore(saved);
    setProblem("");
  };
  return html`<div class="note">
    <label>Note <textarea rows="3" value=${text} onInput=${write} onChange=${() => save(latest.current.before)}></textarea></label>
    ${text.length > NEARLY_FULL && text.length <= MAX_NOTE && html`<p class="help" role="status">${text.length} of ${MAX_NOTE} characters</p>`}
    ${text.length > MAX_NOTE && html`<p class="problem" role="alert">${text.length} of ${MAX_NOTE} characters: it is kept in this tab, and saved once it is short enough.</p>`}
    ${isChanged &&
    html`<div class="problem" role="alert">
      <p>Another tab or program changed this note to: ${saved || "(empty)"}</p>
      <button type="button" onClick=${() => save(saved)}>Save mine</button>
      <button type="button" onClick=${takeTheirs}>Take theirs</button>
    </div>`}
    ${problem !== "" && problem !== "changed" && html`<p class="problem" role="alert">${problem}</p>`}
  </div>`;
}
