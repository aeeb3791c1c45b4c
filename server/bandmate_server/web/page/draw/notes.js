// Notes as a piano roll, and chords, on canvases.
import { fitCanvas } from "./waveform.js";

const BLACK_KEYS = new Set([1, 3, 6, 8, 10]);
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const LEAST_ROWS = 12;
const NAME_ROW = 8; // pixels: so high a row has room for a name

/** Draws a stem's notes over rows for the keys, with names where there is room. */
export function drawNotes(canvas, stem, view, colour) {
  const { context, width, height } = fitCanvas(canvas);
  const { notes } = stem;
  if (notes.length === 0) return;
  let [lowest, highest] = [127, 0];
  for (const { pitch } of notes) [lowest, highest] = [Math.min(lowest, pitch), Math.max(highest, pitch)];
  lowest -= 1;
  const rows = Math.max(highest - lowest + 2, LEAST_ROWS);
  const row = height / rows;
  const top = (pitch) => height - (pitch - lowest + 1) * row;
  context.fillStyle = colour;
  drawKeys(context, width, { lowest, rows, row, top });
  const [first, last] = view;
  const scale = width / (last - first);
  context.font = `${Math.min(row - 1, 11)}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  for (const note of notes) {
    const x = (note.start + stem.noteAt - first) * scale;
    const wide = Math.max(note.frames * scale - 0.5, 2);
    if (x + wide < 0 || x > width) continue;
    context.globalAlpha = 0.35 + (0.65 * note.velocity) / 127;
    context.fillRect(x, top(note.pitch), wide, Math.max(row - 0.5, 1.5));
    if (row < NAME_ROW || wide < 20) continue;
    context.globalAlpha = 1;
    context.globalCompositeOperation = "destination-out";
    context.fillText(nameOf(note.pitch), Math.max(x, 0) + 3, top(note.pitch) + row / 2);
    context.globalCompositeOperation = "source-over";
  }
  context.globalAlpha = 1;
}

/** Draws the chords, each from where it begins, as far as there is room between them. */
export function drawChords(canvas, chords, view, { text, line }) {
  const { context, width, height } = fitCanvas(canvas);
  const [first, last] = view;
  const scale = width / (last - first);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  let free = -Infinity;
  chords.forEach(({ frame, symbol }, index) => {
    const x = (frame - first) * scale;
    const end = index + 1 < chords.length ? (chords[index + 1].frame - first) * scale : width;
    if (end < 0 || x > width) return;
    context.fillStyle = line;
    context.fillRect(x, 0, 1, height);
    const shown = Math.max(x, 0) + 4;
    if (shown < free) return;
    context.fillStyle = text;
    context.fillText(symbol, shown, height / 2);
    free = shown + context.measureText(symbol).width + 6;
  });
}

function drawKeys(context, width, { lowest, rows, row, top }) {
  for (let pitch = lowest; pitch < lowest + rows; pitch += 1) {
    const degree = ((pitch % 12) + 12) % 12;
    context.globalAlpha = BLACK_KEYS.has(degree) ? 0.09 : 0;
    context.fillRect(0, top(pitch), width, row);
    if (degree !== 0) continue;
    context.globalAlpha = 0.3;
    context.fillRect(0, top(pitch) + row - 0.5, width, 1);
  }
}

/** The name of a MIDI pitch, with middle C as C4. */
export function nameOf(pitch) {
  return `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}
