// The stems that are heard of a job which belongs into another: ranges of it made again, or parts beside it.
import { PatchedAudio } from "../audio/patched_audio.js";

const SOURCE_INDEX = 1_000; // stems of the source are counted from here, beside those of the job

/** The stems of a job's base, with its own audio in place of the ranges; `patched` is the one stem that changed. */
export function patchedStems({ base, patched, ownStems }) {
  if (ownStems.length === 0) return base.stems;
  const pieces = ownStems.map(({ at, audio }) => ({ at, audio }));
  const replaced = patched === null ? null : base.stems.find((stem) => stem.index === patched);
  const [own] = ownStems;
  const around = replaced ? { frames: base.frames, stems: [replaced] } : { frames: base.frames, stems: base.stems };
  const stem = {
    index: replaced?.index ?? own.index,
    name: replaced?.name ?? own.name,
    role: own.role,
    colour: replaced?.colour ?? own.colour,
    at: 0,
    noteAt: 0,
    audio: new PatchedAudio(around, pieces),
    isPatched: true,
    get notes() {
      return patchedNotes(replaced, ownStems);
    },
    get loudness() {
      return replaced?.loudness ?? own.loudness;
    },
    get ended() {
      return ownStems.every((each) => each.ended);
    },
  };
  return replaced ? base.stems.map((each) => (each === replaced ? stem : each)) : [stem];
}

/** A job's own stems, and those of what it plays along with. */
export function stemsBeside({ base, ownStems }) {
  const source = base.stems.map((stem) => ({ ...stem, index: SOURCE_INDEX + stem.index, isSource: true }));
  return [...ownStems, ...source];
}

function patchedNotes(replaced, ownStems) {
  const isOutside = ({ start }) =>
    ownStems.every(({ at, audio }) => start + replaced.noteAt < at || start + replaced.noteAt >= at + audio.frames);
  const around = (replaced?.notes ?? []).filter(isOutside).map((note) => moved(note, replaced.noteAt));
  return [...around, ...ownStems.flatMap(({ at, notes }) => notes.map((note) => moved(note, at)))];
}

function moved(note, frames) {
  return { ...note, start: note.start + frames };
}
