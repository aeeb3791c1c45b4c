// What is said of a file that is no audio, with its name.
import { Refusal } from "../net/access.js";

const MIDI_HEADER = "MThd";

/** Throws Refusal for a file that has notes and no sound. */
export async function checkKind(file) {
  // What cannot be read at all is said by the upload.
  const bytes = await file.slice(0, MIDI_HEADER.length).arrayBuffer().catch(() => new ArrayBuffer(0));
  if (String.fromCharCode(...new Uint8Array(bytes)) !== MIDI_HEADER) return;
  throw new Refusal({ sentence: `${file.name} is a MIDI file: it has notes, but no sound.`, remedy: "Render it to audio in your DAW, and drop that file." });
}

/** A problem with a file, which names it. */
export function namedProblem(name, { message, remedy = "" }) {
  const sentence = message.includes(name) ? message : message.replace(/^The audio file\b/, name);
  return { sentence: sentence.includes(name) ? sentence : `${name}: ${sentence}`, remedy };
}
