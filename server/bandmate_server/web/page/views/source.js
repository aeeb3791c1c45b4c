// The audio that a task works on: the job on the stage, or a file that is dropped here.
import { html, useRef, useState } from "../vendor/preact-htm.js";
import { outsideReach } from "../model/reach.js";
import { takeFiles } from "../model/dropped_files.js";
import { JobSource, orderOn } from "../model/sources.js";
import { distinctNames } from "./stem_names.js";
import { timeText } from "./time_text.js";

/** What the form needs of the source: why it cannot start, and how its order is made. */
export function sourceOf(studio, task) {
  if (task.source === "none") return { lacks: "" };
  const coming = studio.file && !studio.file.isReady ? studio.file : null;
  const source = coming ?? (studio.opened ? new JobSource(studio.opened, meantStem(studio, task)) : null);
  if (source === null) {
    return { lacks: task.source === "required" ? "Drop a file, or open a job with audio." : "" };
  }
  const ranges = coming ? [] : studio.ranges.forTask(task);
  const outside = source.isReady ? outsideReach(source, ranges) : null;
  const lacks = outside ? `${outside.sentence} ${outside.remedy}` : source.lacks;
  return { source, ranges, lacks, order: async () => orderOn(source, task, ranges) };
}

/** The stem that was chosen for the job on the stage. A range is made again on one stem, unless all are chosen. */
export function meantStem(studio, task) {
  const { opened, chosenStem } = studio;
  if (chosenStem?.job === opened.id) return chosenStem.stem;
  return task.takes_ranges ? (opened.stems[0]?.index ?? null) : null;
}

export function Source({ studio, task, source }) {
  const input = useRef(null);
  const [isOver, setOver] = useState(false);
  const found = source.source;
  const choose = ({ target }) => {
    takeFiles(studio, [...target.files]);
    target.value = ""; // the same file chosen again is a choice, which the browser would not report
  };
  const isComing = studio.file !== null && !studio.file.isReady;
  return html`<div
    class="source ${isOver ? "over" : ""}"
    onDragOver=${(event) => {
      event.preventDefault();
      setOver(true);
    }}
    onDragLeave=${() => setOver(false)}
    onDrop=${() => setOver(false)}
  >
    <strong>${task.title}: what?</strong>
    ${isComing && html`<${ComingFile} studio=${studio} file=${studio.file} />`}
    ${!isComing && html`<p>${found ? found.title : "Drop an audio file here."}</p>`}
    ${found?.job && found !== studio.file && html`<${StemChoice} studio=${studio} source=${found} />`}
    ${found && found !== studio.file && rangeText(source, studio)}
    <input ref=${input} type="file" accept="audio/*" class="unseen" id="source-file" aria-label="Choose an audio file" onChange=${choose} />
    <button type="button" onClick=${() => input.current.click()}>Choose a file</button>
  </div>`;
}

/** A file on its way to the stage: how far it is, or what is wrong with it. */
export function ComingFile({ studio, file }) {
  const { title, stage, share, problem } = file;
  const forget = () => {
    studio.file = null;
    studio.changed();
  };
  return html`<p>${title}</p>
    ${stage && html`<p role="status">${stage}… <progress aria-label=${stage} value=${share} max="1"></progress></p>`}
    ${problem && html`<p role="alert" class="problem"><strong>${problem.sentence}</strong> ${problem.remedy}</p>`}
    ${problem && html`<button type="button" onClick=${() => file.begin()}>Try again</button>`}
    <button type="button" class="quiet" onClick=${forget}>Not this file</button>`;
}

/** Which stem of the job is worked on. */
function StemChoice({ studio, source }) {
  const { job, stem } = source;
  if (job.stems.length < 2) return null;
  const stemNames = distinctNames(job.stems);
  const choose = (event) => {
    const { value } = event.target;
    studio.chosenStem = { job: job.id, stem: value === "" ? null : Number(value) };
    studio.changed();
  };
  return html`<label>Stem
    <select name="stem" value=${stem ?? ""} onChange=${choose}>
      <option value="" selected=${stem === null}>all, mixed to one</option>
      ${job.stems.map((each) => html`<option value=${each.index} selected=${each.index === stem}>${stemNames.get(each)}</option>`)}
    </select>
  </label>`;
}

function rangeText({ ranges }, studio) {
  const { rate } = studio.opened;
  if (ranges.length === 0) return html`<p class="help">All of it; drag over the waveforms to choose a range.</p>`;
  const spans = ranges.map(([from, to]) => `from ${timeText(from / rate)} to ${timeText(to / rate)}`).join(", ");
  const isOneOfSeveral = studio.ranges.all.length > ranges.length;
  return html`<p class="help">${spans[0].toUpperCase()}${spans.slice(1)}.${isOneOfSeveral && " This task works on one range: click the number of another to choose it."}</p>`;
}
