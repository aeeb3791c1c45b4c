// Lyrics with marks for the sections of a song.
import { html, useRef } from "../vendor/preact-htm.js";

const SECTIONS = ["Intro", "Verse", "Pre-Chorus", "Chorus", "Bridge", "Instrumental", "Outro"];
/** Parameters that only an engine that sings can use. */
export const SUNG_FIELDS = new Set(["lyrics", "language"]);

export function LyricsField({ id, name, field, value, onChange }) {
  const area = useRef(null);
  const text = value ?? field.default ?? "";
  const insert = (section) => {
    const { selectionStart, selectionEnd } = area.current;
    const [before, after] = [text.slice(0, selectionStart), text.slice(selectionEnd)];
    const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const mark = `${gap}[${section}]\n`;
    onChange(before + mark + after.replace(/^\n/, ""));
    // After the page has drawn the new text.
    requestAnimationFrame(() => {
      area.current.focus();
      area.current.setSelectionRange(before.length + mark.length, before.length + mark.length);
    });
  };
  return html`<div class="field text lyrics">
    <label for=${id}>${field.title ?? name}</label>
    <div class="examples" role="group" aria-label="Section marks">
      ${SECTIONS.map((section) => html`<button type="button" class="chip" onClick=${() => insert(section)}>[${section}]</button>`)}
    </div>
    <textarea ref=${area} id=${id} name=${name} rows="8" maxlength=${field.maxLength} aria-describedby=${`${id}-help`} value=${text} onInput=${(event) => onChange(event.target.value)}></textarea>
    <p class="help" id=${`${id}-help`}>${countText(text)} ${field.description}</p>
  </div>`;
}

function countText(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const marks = lines.filter((line) => /^\[.*\]$/.test(line));
  const sung = lines.length - marks.length;
  return `${sung} ${sung === 1 ? "line" : "lines"} in ${Math.max(marks.length, sung > 0 ? 1 : 0)} ${marks.length === 1 || (marks.length === 0 && sung > 0) ? "section" : "sections"}.`;
}
