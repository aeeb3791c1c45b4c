// Lowest and highest samples of some audio, at several zooms, as signed bytes.

export const BUCKET_FRAMES = 512;
/** Below so many frames a column, samples are drawn instead of peaks. */
export const DETAIL_FRAMES = 256;
const STEP = 4; // how many buckets of a level make one of the next
const FEW_BUCKETS = 64;

/** A pyramid: each level has stretches four times as long as the one before, so that any zoom reads few of them. */
export class Peaks {
  #levels;

  constructor(frames, bucketFrames = BUCKET_FRAMES) {
    const count = Math.ceil(frames / bucketFrames);
    this.bucketFrames = bucketFrames;
    this.#levels = [{ lows: new Int8Array(count), highs: new Int8Array(count), frames: bucketFrames }];
    this.#addLevels();
  }

  /** Peaks as the server sends them: all lows, then all highs. */
  static fromBytes(bytes, bucketFrames) {
    const peaks = new Peaks(0, bucketFrames);
    const count = bytes.byteLength / 2;
    peaks.#levels = [{ lows: new Int8Array(bytes, 0, count), highs: new Int8Array(bytes, count), frames: bucketFrames }];
    peaks.#addLevels();
    peaks.#raise(0, count);
    return peaks;
  }

  /** Widens the peaks by interleaved samples that begin at a frame. */
  take(offset, floats, channels) {
    const { lows, highs } = this.#levels[0];
    const count = floats.length / channels;
    for (let frame = 0; frame < count; frame += 1) {
      const bucket = Math.floor((offset + frame) / this.bucketFrames);
      for (let channel = 0; channel < channels; channel += 1) {
        const value = floats[frame * channels + channel] * 127;
        if (value < lows[bucket]) lows[bucket] = Math.max(Math.floor(value), -127);
        else if (value > highs[bucket]) highs[bucket] = Math.min(Math.ceil(value), 127);
      }
    }
    this.#raise(Math.floor(offset / this.bucketFrames), Math.ceil((offset + count) / this.bucketFrames));
  }

  /** The lowest and the highest sample from frame to frame, or of the buckets that these touch. */
  extremes(from, to) {
    let level = this.#levels[0];
    for (const coarser of this.#levels) if (coarser.frames <= to - from) level = coarser;
    const { lows, highs, frames } = level;
    const begin = Math.max(Math.floor(from / frames), 0);
    const stop = Math.min(Math.max(Math.ceil(to / frames), begin + 1), lows.length);
    let [low, high] = [0, 0];
    for (let bucket = begin; bucket < stop; bucket += 1) {
      if (lows[bucket] < low) low = lows[bucket];
      if (highs[bucket] > high) high = highs[bucket];
    }
    return [low, high];
  }

  #addLevels() {
    for (;;) {
      const { lows, frames } = this.#levels.at(-1);
      if (lows.length <= FEW_BUCKETS) return;
      const count = Math.ceil(lows.length / STEP);
      this.#levels.push({ lows: new Int8Array(count), highs: new Int8Array(count), frames: frames * STEP });
    }
  }

  /** Carries what changed in buckets of the finest level up to the others. */
  #raise(first, last) {
    let [begin, stop] = [first, last];
    for (let index = 1; index < this.#levels.length; index += 1) {
      const [fine, coarse] = [this.#levels[index - 1], this.#levels[index]];
      for (let bucket = begin; bucket < stop && bucket < fine.lows.length; bucket += 1) {
        const parent = Math.floor(bucket / STEP);
        if (fine.lows[bucket] < coarse.lows[parent]) coarse.lows[parent] = fine.lows[bucket];
        if (fine.highs[bucket] > coarse.highs[parent]) coarse.highs[parent] = fine.highs[bucket];
      }
      [begin, stop] = [Math.floor(begin / STEP), Math.ceil(stop / STEP)];
    }
  }
}

/** The same of samples themselves, for zooms below a bucket. */
export function sampleExtremes(channels, from, to) {
  let [low, high] = [0, 0];
  for (const samples of channels) {
    for (let frame = Math.max(from, 0); frame < to && frame < samples.length; frame += 1) {
      if (samples[frame] < low) low = samples[frame];
      if (samples[frame] > high) high = samples[frame];
    }
  }
  return [Math.max(low * 127, -127), Math.min(high * 127, 127)];
}
