// A stem in which ranges were made again: the rest is the audio of the job that it came from, to the last bit.

export class PatchedAudio {
  /** `base` is the job around the patches, `patches` are `{ at, audio }`: where each begins in it, and its own audio. */
  constructor(base, patches) {
    this.base = base;
    this.patches = [...patches].sort((a, b) => a.at - b.at);
    this.frames = base.frames;
    this.channels = Math.max(...patches.map(({ audio }) => audio.channels));
    this.rate = patches[0].audio.rate;
  }

  get drawn() {
    if (this.#sources().every((audio) => audio.drawn >= audio.frames)) return this.frames;
    return Math.max(...this.patches.map(({ at, audio }) => at + audio.drawn));
  }

  /** Part of it is gone from the server. */
  get isGone() {
    return this.#sources().some((audio) => audio.isGone);
  }

  get version() {
    return this.#sources().reduce((sum, audio) => sum + audio.version, 0);
  }

  async loadPeaks() {
    await Promise.all(this.patches.map(({ audio }) => audio.loadPeaks()));
  }

  /** Fetches the samples that a deep zoom draws. */
  async loadDetail(from, to) {
    await Promise.all(this.parts(from, to).map(({ audio, start, count }) => audio.loadDetail(start, start + count)));
  }

  has(from, frames) {
    return this.parts(from, from + frames).every(({ audio, start, count }) => audio.has(start, count));
  }

  async prepare(from, frames) {
    const parts = this.parts(from, from + frames);
    const ready = await Promise.all(parts.map(({ audio, start, count }) => audio.prepare(start, count)));
    return ready.every(Boolean);
  }

  read(channel, from, into) {
    into.fill(0);
    for (const { audio, start, count, offset } of this.parts(from, from + into.length)) {
      const piece = new Float32Array(count);
      audio.read(Math.min(channel, audio.channels - 1), start, piece);
      for (let index = 0; index < count; index += 1) into[offset + index] += piece[index];
    }
  }

  /** The lowest and the highest sample from frame to frame, as signed bytes. */
  extremes(from, to) {
    let [low, high] = [0, 0];
    const around = [0, 0]; // several stems of the base sound together
    for (const { audio, start, count, isPatch } of this.parts(from, to)) {
      const found = audio.extremes(start, start + count);
      if (found === null) continue;
      if (isPatch) [low, high] = [Math.min(low, found[0]), Math.max(high, found[1])];
      else [around[0], around[1]] = [around[0] + found[0], around[1] + found[1]];
    }
    return [Math.max(Math.min(low, around[0]), -127), Math.min(Math.max(high, around[1]), 127)];
  }

  #sources() {
    return [...this.patches.map(({ audio }) => audio), ...this.base.stems.map((stem) => stem.audio)];
  }

  /** What plays from frame to frame: `{ audio, start, count, offset, isPatch }`, `offset` counted from `from`. */
  parts(from, to) {
    const last = Math.min(to, this.frames);
    const parts = [];
    const add = (audio, at, first, end, isPatch) => {
      const start = Math.max(first, from, at);
      const stop = Math.min(end, last, at + audio.frames);
      if (stop > start) parts.push({ audio, start: start - at, count: stop - start, offset: start - from, isPatch });
    };
    let free = 0;
    for (const { at, audio } of this.patches) {
      for (const stem of this.base.stems) add(stem.audio, stem.at, free, at, false);
      add(audio, at, at, at + audio.frames, true);
      free = at + audio.frames;
    }
    for (const stem of this.base.stems) add(stem.audio, stem.at, free, this.frames, false);
    return parts;
  }
}
