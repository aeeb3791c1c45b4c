// Audio that the browser decoded: a file of the musician's, to draw and to play.
import { BUCKET_FRAMES, takePeaks } from "./stem_audio.js";

export class BufferAudio {
  constructor(buffer, sha256) {
    this.sha256 = sha256;
    this.frames = buffer.length;
    this.channels = buffer.numberOfChannels;
    this.rate = buffer.sampleRate;
    this.received = this.drawn = buffer.length;
    this.bucketFrames = BUCKET_FRAMES;
    this.version = 1;
    this.samples = Array.from({ length: this.channels }, (_, channel) => buffer.getChannelData(channel));
    this.lows = new Int8Array(Math.ceil(this.frames / BUCKET_FRAMES));
    this.highs = new Int8Array(this.lows.length);
    for (const channel of this.samples) takePeaks(this, 0, channel, 1);
  }

  has() {
    return true;
  }

  async prepare() {
    return true;
  }

  async loadPeaks() {}

  release() {}

  read(channel, from, into) {
    const start = Math.max(from, 0);
    const end = Math.min(from + into.length, this.frames);
    if (start < end) into.set(this.samples[channel].subarray(start, end), start - from);
  }
}
