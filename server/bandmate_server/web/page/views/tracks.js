// The lanes: ruler, sections and chords, one waveform for each stem, ranges and the playhead.
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact-htm.js";
import { DETAIL_FRAMES } from "../audio/peaks.js";
import { drawNotes } from "../draw/notes.js";
import { drawRuler, drawWaveform } from "../draw/waveform.js";
import { marksOf } from "../model/marks.js";
import { barLines, nearestBeat } from "../model/tempo.js";
import { useCanvas, useFrames, useStudio } from "./hooks.js";
import { MarksLane } from "./marks_lane.js";
import { percent } from "./percent.js";
import { RangeMarks } from "./range_marks.js";
import { SaveStem } from "./save_stem.js";
import { timeText } from "./time_text.js";

const SNAP_SHARE = 0.02; // of the view: a drag that ends so near a beat ends on it
const DRAG_PIXELS = 4;
const WHEEL_ZOOM = 0.0025; // how much a step of the wheel zooms

export function Tracks({ studio, job }) {
  const view = useStudio(studio.view);
  view.setLength(job.frames);
  const lines = useMemo(() => (job.timeline ? barLines(job.timeline) : []), [job.timeline]);
  const marks = useMemo(() => marksOf(job), [job, job.report, job.timeline]);
  const hasMarks = marks.sections.length > 0 || marks.chords.length > 0;
  const look = `${studio.showsNotes ? "with-notes" : ""} ${marks.sections.length > 0 ? "with-sections" : ""} ${marks.chords.length > 0 ? "with-chords" : ""}`;
  return html`<div class="tracks ${look}">
    <div class="names">
      <div class="ruler-name"></div>
      ${hasMarks && html`<div class="marks-name">${[marks.sections.length > 0 && "Sections", marks.chords.length > 0 && "Chords"].filter(Boolean).join(", ")}</div>`}
      ${job.lanes.map((stem) => html`<${TrackName} key=${stem.index} studio=${studio} job=${job} stem=${stem} />`)}
    </div>
    <${Lanes} ...${{ studio, job, lines, marks, hasMarks }} />
  </div>`;
}

function Lanes({ studio, job, lines, marks, hasMarks }) {
  const { player, view, ranges } = studio;
  const lanes = useRef(null);
  const [drawn, setDrawn] = useState(null);
  const span = [view.first, view.last];
  const beat = lines[0]?.beats[1] - lines[0]?.beats[0] || job.rate;
  const frameAt = (event) => {
    const { left, width } = lanes.current.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
    return view.first + share * view.frames;
  };
  const snap = (frame, event) => {
    const inside = Math.round(Math.min(Math.max(frame, 0), job.frames));
    return event.shiftKey ? inside : nearestBeat(lines, inside, view.frames * SNAP_SHARE);
  };
  const drag = useDrag({ frameAt, snap, setDrawn, onRange: (range, isAdded) => (isAdded ? ranges.add(range) : ranges.choose(range)), onClick: (frame) => player.seek(frame) });
  useWheel(lanes, view, frameAt);
  usePinch(lanes, view, frameAt);
  return html`<div class="lanes" ref=${lanes} ...${drag}>
    <${Cursor} ...${{ studio, job, beat }} />
    <${Ruler} lines=${lines} view=${view} rate=${job.rate} />
    ${hasMarks && html`<${MarksLane} studio=${studio} marks=${marks} view=${view} />`}
    ${job.lanes.map((stem) => html`<${Lane} key=${stem.index} ...${{ studio, stem, view }} version=${stem.audio.version} isHeard=${player.isHeard(job, stem)} />`)}
    <${RangeMarks} ...${{ studio, job, view, drawn, frameAt, snap, beat }} />
    <${Playhead} studio=${studio} span=${span} />
  </div>`;
}

/** Drawing a range, or with Ctrl or Cmd another beside those there are; a click moves the playhead. */
function useDrag({ frameAt, snap, setDrawn, onRange, onClick }) {
  // Pointer events come faster than the page is drawn, so the drag is no state of the view; only its range is.
  const drag = useRef(null);
  const begin = (event) => {
    if (!event.isPrimary) {
      // The second finger of a pinch.
      drag.current = null;
      setDrawn(null);
    }
    if (!event.isPrimary || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const isAdded = event.ctrlKey || event.metaKey;
    drag.current = { pointer: event.pointerId, from: event.clientX, start: snap(frameAt(event), event), raw: Math.round(frameAt(event)), range: null, isAdded };
  };
  const move = (event) => {
    const now = drag.current;
    if (!now || now.pointer !== event.pointerId || Math.abs(event.clientX - now.from) < DRAG_PIXELS) return;
    const end = snap(frameAt(event), event);
    now.range = [Math.min(now.start, end), Math.max(now.start, end)];
    setDrawn({ range: now.range, isAdded: now.isAdded });
  };
  const finish = (event) => {
    const now = drag.current;
    drag.current = null;
    setDrawn(null);
    if (!now || event.type === "pointercancel") return;
    if (now.range && now.range[1] > now.range[0]) onRange(now.range, now.isAdded);
    else onClick(now.raw);
  };
  return { onPointerDown: begin, onPointerMove: move, onPointerUp: finish, onPointerCancel: finish };
}

/** Ctrl and the wheel zoom where the pointer is; a wheel that goes sideways, or with Shift, scrolls. */
function useWheel(lanes, view, frameAt) {
  useEffect(() => {
    const element = lanes.current;
    const turn = (event) => {
      const sideways = event.deltaX || (event.shiftKey ? event.deltaY : 0);
      if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(event.deltaY * WHEEL_ZOOM), frameAt(event));
      else if (sideways && !view.isWhole) view.scroll((sideways / element.clientWidth) * view.frames);
      else return;
      event.preventDefault();
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [view]);
}

/** Two fingers zoom, and scroll with their middle. */
function usePinch(lanes, view, frameAt) {
  useEffect(() => {
    const element = lanes.current;
    let before = null;
    const middle = ([a, b]) => frameAt({ clientX: (a.clientX + b.clientX) / 2 });
    const distance = ([a, b]) => Math.max(Math.abs(a.clientX - b.clientX), 1);
    const move = (event) => {
      if (event.touches.length !== 2) return;
      event.preventDefault();
      const now = { middle: middle(event.touches), distance: distance(event.touches) };
      if (before) {
        view.scroll(before.middle - now.middle);
        view.zoom(before.distance / now.distance, middle(event.touches));
      }
      before = { middle: middle(event.touches), distance: now.distance };
    };
    const end = () => (before = null);
    element.addEventListener("touchmove", move, { passive: false });
    element.addEventListener("touchend", end);
    return () => {
      element.removeEventListener("touchmove", move);
      element.removeEventListener("touchend", end);
    };
  }, [view]);
}

/** The playhead for the keyboard and for screen readers. */
function Cursor({ studio, job, beat }) {
  const { player, view, ranges } = studio;
  const step = (event) => {
    const moves = { ArrowLeft: -beat, ArrowRight: beat, Home: -Infinity, End: Infinity };
    const page = { PageUp: -0.9, PageDown: 0.9 }[event.key];
    if (event.key in moves) player.seek(Math.min(Math.max(player.position + moves[event.key], 0), job.frames));
    else if (page) view.scroll(page * view.frames);
    else if (event.key === "+" || event.key === "=") view.zoomIn(player.position);
    else if (event.key === "-") view.zoomOut(player.position);
    else if (event.key === "0") view.fit();
    else if (event.key === "Escape") ranges.choose(null);
    else if (event.key === "z" && (event.ctrlKey || event.metaKey) && ranges.isJoined) ranges.undoJoin();
    else return;
    event.preventDefault();
    if (event.key in moves) view.follow(player.position);
  };
  return html`<div
    class="cursor"
    role="slider"
    tabindex="0"
    aria-label="Position"
    aria-valuemin="0"
    aria-valuemax=${Math.round(job.frames / job.rate)}
    aria-valuenow=${Math.round(player.position / job.rate)}
    aria-valuetext=${timeText(player.position / job.rate)}
    title="Drag to choose a range, with Ctrl to add one. Ctrl and the wheel zoom."
    onKeyDown=${step}
  ></div>`;
}

function Playhead({ studio, span }) {
  const head = useRef(null);
  const { player, view } = studio;
  useFrames(() => {
    if (!head.current) return;
    const { position } = player;
    if (player.isPlaying) view.follow(position);
    // Moved without being drawn again.
    head.current.style.transform = `translateX(${percent(position, [view.first, view.last])}%)`;
    head.current.hidden = position < view.first || position > view.last;
  }, true);
  return html`<div class="playhead" ref=${head} data-first=${span[0]}></div>`;
}

function Ruler({ lines, view, rate }) {
  const canvas = useCanvas(
    (element) => {
      const style = getComputedStyle(element);
      drawRuler(element, lines, [view.first, view.last], rate, { text: style.color, line: style.borderBottomColor });
    },
    [lines, view.first, view.last],
  );
  return html`<canvas class="ruler" ref=${canvas}></canvas>`;
}

function Lane({ studio, stem, view, version, isHeard }) {
  const span = [view.first, view.last];
  const { notes } = stem;
  const isRoll = studio.showsNotes && notes.length > 0;
  const canvas = useCanvas((element) => drawWaveform(element, stem, span, stem.colour), [stem, ...span, version, isRoll]);
  useEffect(() => {
    // A deep zoom draws samples, which a stem that did not stream fetches first.
    const isDeep = view.frames / (canvas.current?.clientWidth || 1) < DETAIL_FRAMES;
    if (!isDeep) return;
    const [from, to] = [Math.max(span[0] - stem.at, 0), Math.min(span[1] - stem.at, stem.audio.frames)];
    if (to > from) stem.audio.loadDetail(Math.floor(from), Math.ceil(to)).then(() => studio.changed(), () => {});
  }, [stem, ...span]);
  return html`<div class="lane ${isHeard ? "" : "muted"} ${isRoll ? "piano" : ""}">
    <canvas class="wave" ref=${canvas}></canvas>
    ${isRoll && html`<${Notes} ...${{ stem, notes, span }} />`}
  </div>`;
}

function Notes({ stem, notes, span }) {
  const canvas = useCanvas(
    (element) => drawNotes(element, { notes, noteAt: stem.noteAt }, span, getComputedStyle(element).color),
    [stem, ...span, notes.length],
  );
  return html`<canvas class="roll" ref=${canvas}></canvas>`;
}

function TrackName({ studio, job, stem }) {
  const { player } = studio;
  const { muted, solo } = player.level(job, stem);
  const loudness = typeof stem.loudness === "number" ? `${stem.loudness.toFixed(1)} LUFS` : "";
  const isRoll = studio.showsNotes && stem.notes.length > 0;
  const called = stem.isSource ? `${stem.name} (source)` : stem.name;
  return html`<div class="track-name ${isRoll ? "piano" : ""}">
    <span class="colour" style=${{ background: stem.colour }}></span>
    <span class="name" title=${stem.name}>${stem.name}</span>
    ${stem.isSource && html`<span class="tag">source</span>`}
    <span class="loudness">${loudness}</span>
    ${job.stems.length > 0 && html`<button type="button" aria-pressed=${muted ? "true" : "false"} aria-label=${`Mute ${called}`} title="Mute" onClick=${() => player.toggle(job, stem, "muted")}>M</button>
    <button type="button" aria-pressed=${solo ? "true" : "false"} aria-label=${`Solo ${called}`} title="Solo" onClick=${() => player.toggle(job, stem, "solo")}>S</button>`}
    <${SaveStem} studio=${studio} job=${job} stem=${stem} />
  </div>`;
}
