// What can be done with several jobs of the list at once.
import { html } from "../vendor/preact-htm.js";
import { isDroppable } from "./drop_dialog.js";
import { Stars } from "./job_details.js";

export function MarkedActions({ studio, onDrop }) {
  const { library } = studio;
  const { all } = library.marked;
  const dropped = all.filter((summary) => typeof summary.dropped_ms === "number");
  const present = all.filter((summary) => typeof summary.dropped_ms !== "number");
  const isKept = present.length > 0 && present.every((summary) => summary.kept === true);
  const say = (said) => studio.attempt(() => library.annotateAll(present, said));
  const ratings = new Set(present.map((summary) => summary.rating ?? 0));
  return html`<aside class="details" aria-label="Marked jobs">
    <h2>${all.length} jobs</h2>
    <div class="actions">
      ${present.length > 0 && html`<button type="button" aria-pressed=${isKept} title="Nothing removes jobs that are kept" onClick=${() => say({ kept: !isKept })}>Keep</button>`}
      ${dropped.length > 0 && html`<button type="button" onClick=${() => studio.attempt(() => library.restore(dropped))}>Restore</button>`}
      ${present.some(isDroppable) && html`<button type="button" onClick=${() => onDrop(present)}>Drop…</button>`}
      ${dropped.length > 0 && html`<button type="button" onClick=${() => onDrop(dropped)}>Delete now…</button>`}
      <button type="button" class="quiet" onClick=${() => library.select(null)}>Clear the marks</button>
    </div>
    ${present.length > 0 && html`<${Stars} rating=${ratings.size === 1 ? [...ratings][0] : 0} onRate=${(rating) => say({ rating })} />`}
  </aside>`;
}
