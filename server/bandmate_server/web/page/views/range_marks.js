// The ranges that are chosen, over the waveforms: each can be moved, changed at its ends, and removed.
import { html, useRef, useState } from "../vendor/preact-htm.js";
import { percent } from "./percent.js";
import { timeText } from "./time_text.js";

const LEAST_FRAMES = 64;

/** `snap` takes a frame to the beat near it; `beat` is how far an arrow key goes, in frames. */
export function RangeMarks({ studio, job, view, drawn, frameAt, snap, beat }) {
  const [dragged, setDragged] = useState(null); // { range, next } while one is moved
  const span = [view.first, view.last];
  const { ranges } = studio;
  const all = drawn ? [...(drawn.isAdded ? ranges.all : []), drawn.range] : ranges.all;
  return html`${all.map((range, index) => {
    const [start, end] = dragged?.range === range ? dragged.next : range;
    if (end <= view.first || start >= view.last) return null;
    const style = { left: `${percent(start, span)}%`, width: `${percent(end, span) - percent(start, span)}%` };
    return html`<div class="range" style=${style}></div>
      ${!drawn && html`<${Handle} key=${`handle-${index}`} ...${{ studio, job, range, index, style, frameAt, snap, beat, setDragged }} />`}`;
  })}`;
}

function Handle({ studio, job, range, index, style, frameAt, snap, beat, setDragged }) {
  const { ranges } = studio;
  const drag = useRef(null);
  const [start, end] = range;
  const place = (next) => {
    const [from, to] = fit(next, job.frames, end - start);
    if (to - from >= LEAST_FRAMES) ranges.replace(range, [from, to]);
  };
  const begin = (event) => {
    event.stopPropagation();
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const edge = event.target.dataset.edge;
    drag.current = { edge, from: frameAt(event) };
    ranges.select(range);
  };
  const move = (event) => {
    const now = drag.current;
    if (!now) return;
    event.stopPropagation();
    const by = frameAt(event) - now.from;
    if (now.edge === "start") now.next = [Math.min(snap(start + by, event), end - LEAST_FRAMES), end];
    else if (now.edge === "end") now.next = [start, Math.max(snap(end + by, event), start + LEAST_FRAMES)];
    else now.next = [snap(start + by, event), snap(start + by, event) + end - start];
    setDragged({ range, next: now.next });
  };
  const finish = (event) => {
    event.stopPropagation();
    const { next } = drag.current ?? {};
    drag.current = null;
    setDragged(null);
    if (next) place(next);
  };
  const press = (event) => {
    const step = { ArrowLeft: -beat, ArrowRight: beat }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") ranges.remove(range);
    else if (event.key === "z" && (event.ctrlKey || event.metaKey) && ranges.isJoined) ranges.undoJoin();
    else if (step !== undefined && event.shiftKey) place([start, end + step]);
    else if (step !== undefined && event.altKey) place([start + step, end]);
    else if (step !== undefined) place([start + step, end + step]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const title = `Range ${index + 1}, ${timeText(start / job.rate)} to ${timeText(end / job.rate)}`;
  return html`<div
    class="handle ${range === ranges.current ? "current" : ""}"
    style=${style}
    onPointerDown=${begin}
    onPointerMove=${move}
    onPointerUp=${finish}
    onPointerCancel=${finish}
  >
    <span class="edge" data-edge="start"></span>
    <button
      type="button"
      class="grip"
      aria-label=${title}
      aria-current=${range === ranges.current ? "true" : undefined}
      title=${`${title}. Drag to move it, drag an end to change it; arrow keys move it, with Shift its end, with Alt its start; Delete removes it`}
      onKeyDown=${press}
      onFocus=${() => ranges.select(range)}
    >${index + 1}</button>
    <span class="edge" data-edge="end"></span>
  </div>`;
}

/** A range inside the job: moved back as a whole where it was moved, cut where an end was. */
function fit([start, end], frames, length) {
  const isMoved = Math.abs(end - start - length) < 1;
  const shift = isMoved ? Math.max(-start, 0) + Math.min(frames - end, 0) : 0;
  return [Math.max(Math.round(start + shift), 0), Math.min(Math.round(end + shift), frames)];
}
