// Play, loop, zoom, and the two sides of a comparison.
import { html, useRef } from "../vendor/preact-htm.js";
import { useFrames, useStudio } from "./hooks.js";
import { timeText } from "./time_text.js";

export function Transport({ studio, job }) {
  const { player, ranges } = studio;
  const view = useStudio(studio.view);
  const clock = useRef(null);
  const { rate } = job;
  useFrames(() => {
    const text = timeText(player.position / rate);
    // Written here alone, and only when it changed: a view that drew it too would be overtaken.
    if (clock.current && clock.current.textContent !== text) clock.current.textContent = text;
  }, true);
  const { hasAudio } = job;
  return html`<div class="transport" role="group" aria-label="Transport">
    <button type="button" class="main" disabled=${!hasAudio && !player.isPlaying} onClick=${() => (player.isPlaying ? player.pause() : player.play())}>
      ${player.isPlaying ? "Pause" : "Play"}
    </button>
    <button type="button" onClick=${() => player.seek(player.loop?.[0] ?? 0)}>To the start</button>
    <button type="button" aria-pressed=${player.loop ? "true" : "false"} onClick=${() => ranges.choose(player.loop ? null : [0, job.frames])}>Loop</button>
    <button type="button" disabled=${!hasAudio} title="A bar from the playhead on, beside the ranges there are" onClick=${() => ranges.add(barFrom(job, freeFrame(ranges.all, player.position)))}>Add range</button>
    ${ranges.isJoined && html`<button type="button" title="These ranges met and became one (Ctrl+Z)" onClick=${() => ranges.undoJoin()}>Undo join</button>`}
    <span ref=${clock} class="clock" role="timer" aria-label="Place" aria-live="off"></span>
    ${hasAudio && html`<span class="length">of ${timeText(job.frames / rate)}</span>`}
    ${player.isWaiting && html`<span role="status">waiting for audio…</span>`}
    ${player.isBlocked && html`<span role="status" class="blocked">The browser wants a click on this page before it plays.</span>`}
    ${hasAudio &&
    html`<span class="zoom" role="group" aria-label="Zoom">
      <button type="button" aria-label="Zoom out" title="Zoom out (−)" disabled=${view.isWhole} onClick=${() => view.zoomOut(player.position)}>−</button>
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick=${() => view.zoomIn(player.position)}>+</button>
      <button type="button" disabled=${view.isWhole} title="Show all of it (0)" onClick=${() => view.fit()}>All</button>
      ${player.loop && html`<button type="button" title="Show the range" onClick=${() => view.show(...player.loop)}>Range</button>`}
      ${job.stems.some((stem) => stem.notes.length > 0) &&
      html`<button type="button" aria-pressed=${studio.showsNotes ? "true" : "false"} title="Show the notes as a piano roll" onClick=${() => studio.showNotes(!studio.showsNotes)}>Piano roll</button>`}
    </span>`}
    <${Comparison} studio=${studio} />
  </div>`;
}

function Comparison({ studio }) {
  const { player, compared: other } = studio;
  if (!other) return null;
  return html`<span class="ab" role="group" aria-label="Compare">
    ${["A", "B"].map(
      (name, index) => html`<button type="button" aria-pressed=${player.chosen === index ? "true" : "false"} onClick=${() => player.choose(index)}>${name}</button>`,
    )}
    <span>B: ${other.title}</span>
    <button type="button" class="quiet" aria-label="End the comparison" onClick=${() => studio.compare(null)}>✕</button>
  </span>`;
}

function barFrom(job, position) {
  const { bpm = 120, numerator = 4, denominator = 4 } = job.timeline?.tempo.findLast((point) => point.position <= job.start + position) ?? {};
  const frames = Math.round((numerator * 4 * 60 * job.rate) / (denominator * bpm));
  const start = Math.max(Math.min(Math.round(position), job.frames - frames), 0);
  return [start, Math.min(start + frames, job.frames)];
}

/** The first frame from the playhead on that no range covers. */
function freeFrame(ranges, position) {
  let frame = position;
  for (const [start, end] of ranges) if (start <= frame && frame < end) frame = end;
  return frame;
}
