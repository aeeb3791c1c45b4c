// A stem in which a range was made again: the rest is the audio of the job that it came from, to the last bit.

export class PatchedAudio {
  #lows = null;
  #highs = null;
  #drawnVersion = -1;

  /** `base` is the job around the patch, `at` where the patch begins in it, `inner` the patch's own audio. */
  constructor(base, at, inner) {
    this.base = base;
    this.at = at;
    this.inner = inner;
    this.frames = base.frames;
    this.channels = inner.channels;
    this.rate = inner.rate;
    this.bucketFrames = inner.bucketFrames;
  }

  get sha256() {
    return this.inner.sha256;
  }

  get received() {
    return this.inner.received;
  }

  get end() {
    return this.at + this.inner.frames;
  }

  get drawn() {
    const isWhole = this.base.stems.every((stem) => stem.audio.drawn >= stem.audio.frames);
    return isWhole && this.inner.drawn >= this.inner.frames ? this.frames : this.at + this.inner.drawn;
  }

  get version() {
    return this.base.stems.reduce((sum, stem) => sum + stem.audio.version, this.inner.version);
  }

  get lows() {
    this.#drawPeaks();
    return this.#lows;
  }

  get highs() {
    this.#drawPeaks();
    return this.#highs;
  }

  add(offset, data) {
    this.inner.add(offset, data);
  }

  finish(sha256) {
    this.inner.finish(sha256);
  }

  release() {
    this.inner.release();
  }

  loadPeaks() {
    return this.inner.loadPeaks();
  }

  has(from, frames) {
    return this.#parts(from, frames).every(([audio, start, count]) => audio.has(start, count));
  }

  async prepare(from, frames) {
    const ready = await Promise.all(this.#parts(from, frames).map(([audio, start, count]) => audio.prepare(start, count)));
    return ready.every(Boolean);
  }

  read(channel, from, into) {
    const sum = new Float32Array(into.length);
    for (const [audio, start, count, offset] of this.#parts(from, into.length)) {
      const piece = new Float32Array(count);
      audio.read(Math.min(channel, audio.channels - 1), start, piece);
      for (let index = 0; index < count; index += 1) sum[offset + index] += piece[index];
    }
    into.set(sum);
  }

  /** What plays in a range: [audio, its first frame, how many, where in the range]. */
  #parts(from, frames) {
    const end = Math.min(from + frames, this.frames);
    const parts = [];
    const add = (audio, at, first, last) => {
      const start = Math.max(first, from, at);
      const stop = Math.min(last, end, at + audio.frames);
      if (stop > start) parts.push([audio, start - at, stop - start, start - from]);
    };
    for (const stem of this.base.stems) {
      add(stem.audio, stem.at, 0, this.at);
      add(stem.audio, stem.at, this.end, this.frames);
    }
    add(this.inner, this.at, this.at, this.end);
    return parts;
  }

  #drawPeaks() {
    if (this.#drawnVersion === this.version) return;
    this.#drawnVersion = this.version;
    const size = this.bucketFrames;
    const count = Math.ceil(this.frames / size);
    [this.#lows, this.#highs] = [new Int8Array(count), new Int8Array(count)];
    for (let bucket = 0; bucket < count; bucket += 1) {
      const frame = bucket * size;
      const isInside = frame >= this.at && frame < this.end;
      const sources = isInside ? [[this.inner, this.at]] : this.base.stems.map((stem) => [stem.audio, stem.at]);
      let [low, high] = [0, 0];
      for (const [audio, at] of sources) {
        const index = Math.floor((frame - at) / audio.bucketFrames);
        low += audio.lows[index] ?? 0;
        high += audio.highs[index] ?? 0;
      }
      this.#lows[bucket] = Math.max(low, -127);
      this.#highs[bucket] = Math.min(high, 127);
    }
  }
}
