// Sections and chords over the waveforms; a click on a section chooses its range.
import { drawChords } from "../draw/notes.js";
import { html } from "../vendor/preact-htm.js";
import { useCanvas } from "./hooks.js";
import { percent } from "./percent.js";

export function MarksLane({ studio, marks, view }) {
  const { sections, chords } = marks;
  const span = [view.first, view.last];
  const canvas = useCanvas(
    (element) => {
      const style = getComputedStyle(element);
      drawChords(element, chords, span, { text: style.color, line: style.borderBottomColor });
    },
    [chords, view.first, view.last],
  );
  const choose = (event, { first, last }) => {
    if (event.ctrlKey || event.metaKey) studio.ranges.add([first, last]);
    else studio.ranges.choose([first, last]);
  };
  const shown = sections.filter(({ first, last }) => last > view.first && first < view.last);
  return html`<div class="marks">
    ${sections.length > 0 &&
    html`<div class="sections" role="group" aria-label="Sections" onPointerDown=${(event) => event.stopPropagation()}>
      ${shown.map((section) => {
        const [left, right] = [Math.max(percent(section.first, span), 0), Math.min(percent(section.last, span), 100)];
        return html`<button
          key=${section.first}
          type="button"
          class="section"
          title=${`${section.name || "Section"}: click to choose its range, with Ctrl to add it`}
          style=${{ left: `${left}%`, width: `${right - left}%` }}
          onClick=${(event) => choose(event, section)}
        >
          ${section.name || "Section"}
        </button>`;
      })}
    </div>`}
    <canvas class="chords ${chords.length > 0 ? "" : "absent"}" ref=${canvas} role="img" aria-label=${`Chords: ${chords.map(({ symbol }) => symbol).slice(0, 64).join(" ")}`}></canvas>
  </div>`;
}
