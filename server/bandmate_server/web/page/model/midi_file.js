// A standard MIDI file out of the notes of a job: one track for each stem, and the tempo map.
import { TempoMap } from "./tempo.js";

const TICKS = 960; // a quarter note
const RAMP_STEP = 0.25; // quarters between two tempo events of a ramp, which MIDI has not

/** The bytes of a file of format 1, with its first tick at the start of the job. */
export function midiFile(job) {
  const { timeline } = job;
  const map = new TempoMap(timeline.tempo, timeline.sample_rate);
  const start = map.quarterAt(job.start);
  const tick = (frame) => Math.max(Math.round((map.quarterAt(job.start + frame) - start) * TICKS), 0);
  const stems = job.stems.filter((stem) => stem.notes.length > 0);
  const tracks = [tempoTrack(job, map, start, tick), ...stems.map((stem) => noteTrack(stem, tick))];
  const head = [...text("MThd"), ...whole(6, 4), ...whole(1, 2), ...whole(tracks.length, 2), ...whole(TICKS, 2)];
  return new Uint8Array([...head, ...tracks.flatMap((body) => [...text("MTrk"), ...whole(body.length, 4), ...body])]);
}

function tempoTrack(job, map, start, tick) {
  const { timeline } = job;
  const events = [];
  const tempo = (at, bpm) => events.push([at, [0xff, 0x51, 3, ...whole(Math.min(Math.round(6e7 / bpm), 0xffffff), 3)]]);
  timeline.tempo.forEach((point, index) => {
    const at = tick(Math.max(point.position - job.start, 0));
    const next = timeline.tempo[index + 1];
    if (next && next.position <= job.start) return;
    const power = Math.log2(point.denominator ?? 4);
    // MIDI has only powers of two below the line.
    if (Number.isInteger(power)) events.push([at, [0xff, 0x58, 4, point.numerator ?? 4, power, 24, 8]]);
    tempo(at, point.bpm);
    if (point.shape !== "linear" || !next) return;
    const [from, to] = [map.quarterAt(point.position), map.quarterAt(next.position)];
    for (let quarter = Math.max(from, start) + RAMP_STEP; quarter < to; quarter += RAMP_STEP) {
      const seconds = (map.frameAt(quarter) - map.frameAt(quarter - RAMP_STEP)) / timeline.sample_rate;
      tempo(Math.round((quarter - RAMP_STEP - start) * TICKS), (60 * RAMP_STEP) / seconds);
    }
  });
  return trackBody(job.title, events);
}

function noteTrack(stem, tick) {
  const events = stem.notes.flatMap(({ start, frames, pitch, velocity, channel = 0 }) => {
    const from = tick(stem.noteAt + start);
    const to = Math.max(tick(stem.noteAt + start + frames), from + 1);
    return [
      [from, [0x90 | channel, pitch, velocity]],
      [to, [0x80 | channel, pitch, 0]],
    ];
  });
  return trackBody(stem.name, events);
}

/** Events in order of time; where two are at once, what ends comes first. */
function trackBody(name, events) {
  const title = [...new TextEncoder().encode(name)];
  const bytes = [0, 0xff, 0x03, ...variable(title.length), ...title];
  const isStart = ([, [status]]) => (status & 0xf0) === 0x90;
  events.sort((a, b) => a[0] - b[0] || isStart(a) - isStart(b));
  let now = 0;
  for (const [at, event] of events) {
    bytes.push(...variable(at - now), ...event);
    now = at;
  }
  return [...bytes, 0, 0xff, 0x2f, 0];
}

function variable(value) {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

function whole(value, size) {
  return Array.from({ length: size }, (_, index) => (value >> (8 * (size - 1 - index))) & 0xff);
}

function text(word) {
  return [...word].map((letter) => letter.charCodeAt(0));
}
