// The timeline for something new.
import { Refusal } from "../net/access.js";
import { plainTimeline } from "./tempo.js";

const DEFAULT_RATE = 48_000;
const KEY = /^[A-Ga-g][#b♯♭]?( ?[A-Za-z]+)?$/;

/** What the form says of tempo, metre, key and length, and for the rest what the prompt asks for. Throws Refusal. */
export async function newTimeline(wire, { prompt, engine, bpm, metre, key, bars }) {
  if (key && !KEY.test(key)) {
    throw new Refusal({ sentence: `${key} is not a key.`, remedy: "Write it as A minor, F# major or Bb dorian." });
  }
  const open = bpm === null || metre === null || key === "" || bars === null;
  const found = open && prompt ? await suggestMusic(wire, prompt, engine) : {};
  const [numerator, denominator] = metre ?? [found.numerator ?? 4, found.denominator ?? 4];
  return plainTimeline({
    rate: DEFAULT_RATE,
    bpm: bpm ?? found.bpm ?? 120,
    numerator,
    denominator,
    bars: bars ?? found.bars ?? 8,
    seconds: bars === null ? found.seconds : undefined,
    key: key || found.key,
  });
}

/** What an engine reads from a prompt; nothing where none does. */
function suggestMusic(wire, prompt, engine) {
  return wire.ask({ type: "suggest", prompt, engine: engine || undefined }).catch(() => ({}));
}
