// Every job of this server, newest first.
import { html, useState } from "../vendor/preact-htm.js";

export function Library({ studio, onOpen }) {
  const [words, setWords] = useState("");
  const [task, setTask] = useState("");
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (summary) => {
    const text = `${summary.job} ${summary.task} ${summary.engine} ${summary.params?.prompt ?? ""}`.toLowerCase();
    return (task === "" || summary.task === task) && wanted.every((word) => text.includes(word));
  };
  const shown = studio.listed.filter(fits);
  const open = async (summary) => {
    await studio.openListed(summary);
    onOpen();
  };
  const compare = async (summary) => {
    const stays = studio.opened;
    await studio.openListed(summary);
    const other = studio.opened;
    if (stays) {
      studio.openJob(stays);
      studio.compare(other);
    }
    onOpen();
  };
  return html`<section class="library" aria-label="Library">
    <div class="filters">
      <label>Search <input type="search" value=${words} onInput=${(event) => setWords(event.target.value)} /></label>
      <label>Task
        <select value=${task} onChange=${(event) => setTask(event.target.value)}>
          <option value="">all</option>
          ${[...new Set(studio.listed.map((each) => each.task))].sort().map((each) => html`<option value=${each}>${each}</option>`)}
        </select>
      </label>
      <span role="status">${shown.length} of ${studio.listed.length}${studio.isListWhole ? "" : "+"} jobs</span>
    </div>
    <div class="table" role="region" aria-label="Jobs" tabindex="0">
      <table>
        <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Task</th><th scope="col">Engine</th><th scope="col">Length</th><th scope="col">State</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
        <tbody>
          ${shown.map(
            (each) => html`<tr key=${each.job} class=${each.state}>
              <td>${new Date(each.created_ms).toLocaleString()}</td>
              <td><button type="button" class="link" onClick=${() => open(each)}>${each.params?.prompt || each.task}</button></td>
              <td>${each.task}</td>
              <td>${each.engine === "none" ? "" : each.engine}</td>
              <td>${lengthText(each.timeline)}</td>
              <td title=${each.sentence ?? ""}>${each.state}</td>
              <td>
                ${studio.opened && studio.opened.id !== each.job && each.state === "done" && html`<button type="button" onClick=${() => compare(each)}>Compare</button>`}
              </td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${!studio.isListWhole && html`<button type="button" onClick=${() => studio.attempt(() => studio.loadOlder())}>Show older jobs</button>`}
  </section>`;
}

function lengthText(timeline) {
  if (!timeline) return "";
  const seconds = (timeline.end_frame - timeline.start_frame) / timeline.sample_rate;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
