// One job that plays: its stems through gains of their own, piece by piece.

const FADE_SECONDS = 0.008;
/** What it takes to make a deck ready in the middle of a piece. */
export const SWITCH_SECONDS = 0.02;
const RELEASE_MS = 100;

export class Deck {
  #gain = null;
  #stems = new Map(); // gains by the stem's index
  #sources = new Set();
  #covered = new Set(); // the pieces that it plays already

  constructor(job) {
    this.job = job;
  }

  /** Whether all of its audio of a piece is here. */
  isReady(frame, frames) {
    return this.job.stems.every((stem) => stem.audio.has(...overlap(stem, frame, frames)));
  }

  /** Fetches what is missing of a piece. */
  prepare(frame, frames) {
    return Promise.all(this.job.stems.map((stem) => stem.audio.prepare(...overlap(stem, frame, frames))));
  }

  /** Has a place in the mix, silent until it is faded in. */
  enter(output) {
    this.#gain ??= newGain(output, 0);
  }

  /** Plays a piece, unless it does already or has not all of it; `isHeard` says which stems sound, `level` how loud. */
  cover(segment, output, { rate, level, isHeard }) {
    if (this.#covered.has(segment) || !this.isReady(segment.frame, segment.frames)) return;
    this.#covered.add(segment);
    this.#gain ??= newGain(output, level);
    for (const stem of this.job.stems) this.#playStem(stem, segment, rate, isHeard(stem));
  }

  /** Forgets a piece that is over. */
  forget(segment) {
    this.#covered.delete(segment);
  }

  /** Fades to new levels from a time on. */
  fade(time, level, isHeard) {
    this.#gain?.gain.setTargetAtTime(level, time, FADE_SECONDS);
    for (const stem of this.job.stems) {
      this.#stems.get(stem.index)?.gain.setTargetAtTime(isHeard(stem) ? 1 : 0, time, FADE_SECONDS);
    }
  }

  silence() {
    this.#stopSources();
    this.#covered.clear();
  }

  /** Fades out, for good. */
  release(time) {
    this.#gain?.gain.setTargetAtTime(0, time + SWITCH_SECONDS, FADE_SECONDS);
    setTimeout(() => this.#stopSources(), RELEASE_MS);
  }

  #playStem(stem, { frame, frames, time }, rate, isHeard) {
    const { context } = this.#gain;
    const now = context.currentTime;
    // A piece that began already is joined in its middle, sample by sample in step with the other decks.
    const begin = time < now ? frame + Math.ceil((now + SWITCH_SECONDS - time) * rate) : frame;
    const [from, count] = overlap(stem, begin, frame + frames - begin);
    if (count <= 0) return;
    const buffer = context.createBuffer(stem.audio.channels, count, rate);
    for (let channel = 0; channel < stem.audio.channels; channel += 1) {
      stem.audio.read(channel, from, buffer.getChannelData(channel));
    }
    const source = new AudioBufferSourceNode(context, { buffer });
    if (!this.#stems.has(stem.index)) this.#stems.set(stem.index, newGain(this.#gain, isHeard ? 1 : 0));
    source.connect(this.#stems.get(stem.index));
    source.onended = () => this.#sources.delete(source);
    source.start(time + (from + stem.at - frame) / rate);
    this.#sources.add(source);
  }

  #stopSources() {
    for (const source of this.#sources) {
      source.onended = null;
      source.stop();
    }
    this.#sources.clear();
  }
}

function newGain(output, level) {
  const gain = new GainNode(output.context, { gain: level });
  gain.connect(output);
  return gain;
}

/** The part of a stem that plays in a piece of the job: where it begins in the stem, and how long it is. */
function overlap(stem, frame, frames) {
  const from = Math.max(frame - stem.at, 0);
  const end = Math.min(frame + frames - stem.at, stem.audio.frames);
  return [from, Math.max(end - from, 0)];
}
