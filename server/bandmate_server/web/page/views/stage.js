// The stage: the job that is open, its stems, and what can be done with it.
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact-htm.js";
import { PatchedAudio } from "../audio/patched_audio.js";
import { wavBlob } from "../audio/wav_file.js";
import { midiFile } from "../model/midi_file.js";
import { recipeText } from "../model/recipe.js";
import { orderFile, saveAddress, saveBlob } from "../net/files.js";
import { barLines, nearestBeat } from "../model/tempo.js";
import { drawNotes, drawRuler, drawWaveform } from "../draw/waveform.js";
import { useCanvas, useFrames } from "./hooks.js";

const SNAP_SHARE = 0.02; // of the view: a drag that ends so near a beat ends on it

export function Stage({ studio }) {
  const job = studio.opened;
  const section = useRef(null);
  // On a phone the stage lies below the form.
  useEffect(() => section.current?.scrollIntoView({ block: "nearest" }), [job?.id]);
  if (!job) {
    return html`<section class="stage empty" aria-label="Stage">
      <p>What you make appears here, and plays while it is still being made.</p>
    </section>`;
  }
  return html`<section class="stage" aria-label="Stage" ref=${section}>
    <${Head} studio=${studio} job=${job} />
    <${Transport} studio=${studio} job=${job} />
    <${Tracks} studio=${studio} job=${job} />
    <${Outcome} studio=${studio} job=${job} />
  </section>`;
}

const STATE_TEXT = {
  queued: "Waiting",
  running: "Being made",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
  interrupted: "Interrupted",
};

function Head({ studio, job }) {
  const { progress } = job;
  const share = progress?.steps ? progress.step / progress.steps : null;
  const facts = job.isFile ? [musicText(job.timeline)] : [job.task, job.engine !== "none" && job.engine, `seed ${job.seed}`, musicText(job.timeline)].filter(Boolean);
  return html`<div class="head">
    <h2>${job.title}</h2>
    <p class="facts">${facts.join(" · ")}</p>
    <p class="state ${job.state}" role="status">
      ${job.isFile ? "Ready to work on" : STATE_TEXT[job.state]}${job.state === "queued" && job.ahead > 0 ? `, ${job.ahead} ahead` : ""}
      ${progress && html` — ${progress.stage}`}
      ${progress?.seconds_left && html`, ${Math.ceil(progress.seconds_left)} s left`}
    </p>
    ${job.isActive &&
    html`<progress aria-label="Progress" value=${share ?? undefined} max="1"></progress>
      <button type="button" onClick=${() => studio.cancel(job)}>Cancel</button>`}
  </div>`;
}

function musicText(timeline) {
  if (!timeline) return "";
  const { bpm, numerator = 4, denominator = 4 } = timeline.tempo[0];
  const tempo = timeline.tempo.length > 1 ? "tempo map" : `${Math.round(bpm * 100) / 100} bpm`;
  return [tempo, `${numerator}/${denominator}`, timeline.key].filter(Boolean).join(", ");
}

function Transport({ studio, job }) {
  const { player } = studio;
  const clock = useRef(null);
  const rate = job.rate;
  useFrames(() => {
    if (clock.current) clock.current.textContent = timeText(player.position / rate);
  }, true);
  const other = studio.compared;
  return html`<div class="transport" role="group" aria-label="Transport">
    <button type="button" class="main" disabled=${job.stems.length === 0} onClick=${() => (player.isPlaying ? player.pause() : player.play())}>
      ${player.isPlaying ? "Pause" : "Play"}
    </button>
    <button type="button" onClick=${() => player.seek(player.loop?.[0] ?? 0)}>To the start</button>
    <button type="button" aria-pressed=${player.loop ? "true" : "false"} onClick=${() => player.setLoop(player.loop ? null : [0, job.frames])}>Loop</button>
    <output ref=${clock} class="clock">${timeText(0)}</output>
    ${job.stems.length > 0 && html`<span class="length">of ${timeText(job.frames / rate)}</span>`}
    ${player.isWaiting && html`<span role="status">waiting for audio…</span>`}
    ${other &&
    html`<span class="ab" role="group" aria-label="Compare">
      ${["A", "B"].map(
        (name, index) => html`<button type="button" aria-pressed=${player.chosen === index ? "true" : "false"} onClick=${() => player.choose(index)}>${name}</button>`,
      )}
      <span>B: ${other.title}</span>
      <button type="button" class="quiet" aria-label="End the comparison" onClick=${() => studio.compare(null)}>✕</button>
    </span>`}
  </div>`;
}

export function timeText(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(2).padStart(5, "0")}`;
}

function Tracks({ studio, job }) {
  const { player } = studio;
  const lanes = useRef(null);
  const head = useRef(null);
  // Pointer events come faster than the page is drawn, so the drag is no state of the view; only its range is.
  const drag = useRef(null);
  const [drawnRange, setDrawnRange] = useState(null);
  const view = [0, Math.max(job.frames, 1)];
  const lines = useMemo(() => (job.timeline ? barLines(job.timeline) : []), [job.timeline]);
  useFrames(() => {
    if (!head.current) return;
    const share = (player.position - view[0]) / (view[1] - view[0]);
    head.current.style.transform = `translateX(${share * (lanes.current?.clientWidth ?? 0)}px)`;
  }, true);

  const frameOf = (event) => {
    const box = lanes.current.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    return Math.round(view[0] + share * (view[1] - view[0]));
  };
  const snapped = (event) => {
    const frame = frameOf(event);
    return event.shiftKey ? frame : nearestBeat(lines, frame, (view[1] - view[0]) * SNAP_SHARE);
  };
  const begin = (event) => {
    if (event.button !== 0) return;
    lanes.current.setPointerCapture(event.pointerId);
    drag.current = { from: event.clientX, start: snapped(event), raw: frameOf(event), range: null };
  };
  const move = (event) => {
    const now = drag.current;
    if (!now || Math.abs(event.clientX - now.from) < 4) return;
    const end = snapped(event);
    now.range = [Math.min(now.start, end), Math.max(now.start, end)];
    setDrawnRange(now.range);
  };
  const finish = () => {
    const now = drag.current;
    if (!now) return;
    drag.current = null;
    setDrawnRange(null);
    if (now.range && now.range[1] > now.range[0]) player.setLoop(now.range);
    else player.seek(now.raw);
  };
  // A finger that scrolls the page began like a drag, and chose nothing.
  const abandon = () => {
    drag.current = null;
    setDrawnRange(null);
  };
  const range = drawnRange ?? player.loop;
  const step = (event) => {
    const beat = lines[0]?.beats[1] - lines[0]?.beats[0] || job.rate;
    const moves = { ArrowLeft: -beat, ArrowRight: beat, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    player.seek(Math.min(Math.max(player.position + moves[event.key], 0), job.frames));
  };

  return html`<div class="tracks">
    <div class="names">
      <div class="ruler-name"></div>
      ${job.stems.map((stem) => html`<${TrackName} key=${stem.index} studio=${studio} job=${job} stem=${stem} />`)}
    </div>
    <div
      class="lanes"
      ref=${lanes}
      role="slider"
      tabindex="0"
      aria-label="Position"
      aria-valuemin="0"
      aria-valuemax=${Math.round(job.frames / job.rate)}
      aria-valuenow=${Math.round(player.position / job.rate)}
      aria-valuetext=${timeText(player.position / job.rate)}
      onKeyDown=${step}
      onPointerDown=${begin}
      onPointerMove=${move}
      onPointerUp=${finish}
      onPointerCancel=${abandon}
    >
      <${Ruler} lines=${lines} view=${view} job=${job} />
      ${job.stems.map((stem) => html`<${Lane} key=${stem.index} stem=${stem} view=${view} version=${stem.audio.version} isHeard=${player.isHeard(job, stem)} />`)}
      ${range && html`<div class="range" style=${{ left: `${percent(range[0], view)}%`, width: `${percent(range[1], view) - percent(range[0], view)}%` }}></div>`}
      <div class="playhead" ref=${head}></div>
    </div>
  </div>`;
}

function percent(frame, [first, last]) {
  return ((frame - first) / (last - first)) * 100;
}

function Ruler({ lines, view, job }) {
  const canvas = useCanvas(
    (element) => {
      const style = getComputedStyle(element);
      const marks = (job.report.chords ?? []).map(({ position, symbol }) => [position - job.start, symbol]);
      drawRuler(element, lines, view, { text: style.color, line: style.borderBottomColor }, marks);
    },
    [job, view[1], lines.length, job.state],
  );
  return html`<canvas class="ruler" ref=${canvas}></canvas>`;
}

function Lane({ stem, view, version, isHeard }) {
  const canvas = useCanvas((element) => drawWaveform(element, stem, view, stem.colour), [stem, view[1], version]);
  const roll = useCanvas(
    (element) => stem.notes.length > 0 && drawNotes(element, stem, view, getComputedStyle(element).color),
    [stem, view[1], stem.notes.length],
  );
  return html`<div class="lane ${isHeard ? "" : "muted"}">
    <canvas class="wave" ref=${canvas}></canvas><canvas class="roll" ref=${roll}></canvas>
  </div>`;
}

function TrackName({ studio, job, stem }) {
  const { player } = studio;
  const { muted, solo } = player.level(job, stem);
  const loudness = stem.loudness === null ? "" : `${stem.loudness.toFixed(1)} LUFS`;
  return html`<div class="track-name">
    <span class="colour" style=${{ background: stem.colour }}></span>
    <span class="name" title=${stem.name}>${stem.name}</span>
    <span class="loudness">${loudness}</span>
    <button type="button" aria-pressed=${muted ? "true" : "false"} aria-label=${`Mute ${stem.name}`} title="Mute" onClick=${() => player.toggle(job, stem, "muted")}>M</button>
    <button type="button" aria-pressed=${solo ? "true" : "false"} aria-label=${`Solo ${stem.name}`} title="Solo" onClick=${() => player.toggle(job, stem, "solo")}>S</button>
    <${SaveStem} studio=${studio} job=${job} stem=${stem} />
  </div>`;
}

function SaveStem({ studio, job, stem }) {
  if (!stem.ended || job.isFile) return null;
  return stem.audio instanceof PatchedAudio ? html`<${SavePatched} ...${{ studio, job, stem }} />` : html`<${SaveWhole} ...${{ studio, job, stem }} />`;
}

function SavePatched({ studio, job, stem }) {
  const saveAll = () => studio.attempt(async () => saveBlob(await wavBlob(stem.audio), `${stem.name} ${job.id}.wav`));
  return html`<span class="save"><button type="button" aria-label=${`Download ${stem.name} as WAV`} onClick=${saveAll}>WAV</button></span>`;
}

function SaveWhole({ studio, job, stem }) {
  const order = (container) => orderFile({ job: job.id, stem: stem.index, container });
  const save = (container) =>
    studio.attempt(async () => {
      const { address, name } = await order(container);
      saveAddress(address, name);
    });
  // A drag cannot wait for an answer, so the address is asked for when the pointer comes near.
  const ready = useRef(null);
  const prepare = () => (ready.current ??= order("wav").then((file) => (ready.current = file), () => (ready.current = null)));
  const drag = (event) => {
    const { address, name } = ready.current ?? {};
    if (address) event.dataTransfer.setData("DownloadURL", `audio/wav:${name}:${location.origin}${address}`);
  };
  return html`<span class="save">
    <button
      type="button"
      draggable="true"
      title="Click to download, or drag it into the DAW"
      aria-label=${`Download ${stem.name} as WAV`}
      onPointerEnter=${prepare}
      onDragStart=${drag}
      onClick=${() => save("wav")}
    >WAV</button>
    <button type="button" aria-label=${`Download ${stem.name} as FLAC`} onClick=${() => save("flac")}>FLAC</button>
  </span>`;
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

function Outcome({ studio, job }) {
  const saveZip = () =>
    studio.attempt(async () => {
      const { address, name } = await orderFile({ job: job.id });
      saveAddress(address, name);
    });
  const saveNotes = () => saveBlob(new Blob([midiFile(job)], { type: "audio/midi" }), `${job.task} ${job.id}.mid`);
  const saveRecipe = () => saveBlob(new Blob([recipeText(job)], { type: "application/json" }), `${job.task} ${job.id}.json`);
  const again = (seed) => studio.attempt(() => studio.redo(job, seed));
  return html`<div class="outcome">
    ${job.problem &&
    html`<p role="alert" class="problem"><strong>${job.problem.sentence}</strong> ${job.problem.remedy}</p>`}
    <${Report} job=${job} />
    ${job.remarks.length > 0 && html`<ul class="remarks">${job.remarks.map((remark) => html`<li>${remark}</li>`)}</ul>`}
    <div class="actions">
      ${job.ownStems.length > 1 && job.state === "done" && html`<button type="button" onClick=${saveZip}>All stems (zip)</button>`}
      ${job.state === "done" && job.stems.some((stem) => stem.notes.length > 0) && html`<button type="button" onClick=${saveNotes}>Notes (MIDI)</button>`}
      ${!job.isFile && html`<button type="button" onClick=${saveRecipe}>Recipe (JSON)</button>`}
      ${!job.isFile && !job.isActive && html`<button type="button" onClick=${() => again(undefined)}>Again, with another seed</button>`}
    </div>
  </div>`;
}
