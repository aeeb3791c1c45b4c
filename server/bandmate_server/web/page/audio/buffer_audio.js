// Audio that the browser decoded: a file of the musician's, to draw and to play.
import { BUCKET_FRAMES, Peaks, sampleExtremes } from "./peaks.js";

export class BufferAudio {
  #peaks;

  constructor(buffer, sha256) {
    this.sha256 = sha256;
    this.frames = buffer.length;
    this.channels = buffer.numberOfChannels;
    this.rate = buffer.sampleRate;
    this.received = this.drawn = buffer.length;
    this.version = 1;
    this.samples = Array.from({ length: this.channels }, (_, channel) => buffer.getChannelData(channel));
    this.#peaks = new Peaks(this.frames);
    for (const channel of this.samples) this.#peaks.take(0, channel, 1);
  }

  has() {
    return true;
  }

  async prepare() {
    return true;
  }

  async loadPeaks() {}

  async loadDetail() {}

  release() {}

  /** The lowest and the highest sample from frame to frame, as signed bytes; null where nothing is yet. */
  extremes(from, to) {
    if (to - from < BUCKET_FRAMES) return sampleExtremes(this.samples, Math.floor(from), Math.ceil(to));
    return this.#peaks.extremes(from, to);
  }

  read(channel, from, into) {
    const start = Math.max(from, 0);
    const end = Math.min(from + into.length, this.frames);
    if (start < end) into.set(this.samples[channel].subarray(start, end), start - from);
  }
}
