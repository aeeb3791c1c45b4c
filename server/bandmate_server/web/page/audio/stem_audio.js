// The audio of one stem: its peaks, and its samples, either as they come or in blocks by its hash.
import { fetchSigned } from "../net/access.js";
import { BUCKET_FRAMES, DETAIL_FRAMES, Peaks, sampleExtremes } from "./peaks.js";

const BLOCK_FRAMES = 1 << 17;
const MAX_BLOCKS = 40; // of each stem; eight stems of an hour must fit into a browser
const MAX_BUCKETS = 1 << 20;
const MAX_KEPT_BYTES = 512 << 20;

let keptBytes = 0;

export class StemAudio {
  #peaks;
  #samples = null; // a Float32Array for each channel, while all of it is kept
  #blocks = new Map();
  #loading = new Map();

  constructor({ frames, channels, sample_rate }) {
    this.frames = frames;
    this.channels = channels;
    this.rate = sample_rate;
    this.received = 0; // frames that came, without a gap from the start
    this.drawn = 0; // frames that the peaks cover
    this.sha256 = null;
    this.isGone = false; // removed from the server's disk, and not kept here
    this.#peaks = new Peaks(frames, BUCKET_FRAMES);
    this.version = 0;
  }

  /** Takes a piece of the stream: whole frames, little-endian floats, interleaved. */
  add(offset, data) {
    const bytes = data.byteOffset % 4 ? data.slice() : data;
    const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    this.#peaks.take(offset, floats, this.channels);
    if (this.#samples === null && this.received === 0) this.#keepSamples();
    const count = floats.length / this.channels;
    if (this.#samples) {
      for (let channel = 0; channel < this.channels; channel += 1) {
        const into = this.#samples[channel];
        for (let frame = 0; frame < count; frame += 1) into[offset + frame] = floats[frame * this.channels + channel];
      }
    }
    this.received = Math.max(this.received, offset + count);
    this.drawn = this.received;
    this.version += 1;
  }

  /** The stem is finished under this hash. */
  finish(sha256) {
    this.sha256 = sha256;
    this.version += 1;
  }

  /** Forgets what came: another attempt or revision makes it again. */
  release() {
    if (this.#samples) keptBytes -= this.frames * this.channels * 4;
    this.#samples = null;
    this.#blocks.clear();
  }

  /** Fetches the peaks of a finished stem that did not stream. */
  async loadPeaks() {
    if (this.drawn >= this.frames || this.sha256 === null || this.isGone) return;
    const answer = await this.#fetch(`/console/peaks/${this.sha256}?most=${MAX_BUCKETS}`);
    if (answer === null) return;
    this.#peaks = Peaks.fromBytes(await answer.arrayBuffer(), Number(answer.headers.get("X-Bandmate-Bucket-Frames")));
    this.drawn = this.frames;
    this.version += 1;
  }

  /** The lowest and the highest sample from frame to frame, as signed bytes; null where nothing is yet. */
  extremes(from, to) {
    const end = Math.min(to, this.drawn);
    if (end <= 0 || from >= end) return null;
    if (to - from < DETAIL_FRAMES) {
      const begin = Math.max(Math.floor(from), 0);
      const stop = Math.ceil(end);
      if (this.#samples) return sampleExtremes(this.#samples, begin, stop);
      const index = Math.floor(begin / BLOCK_FRAMES);
      const block = this.#blocks.get(index);
      if (block) return sampleExtremes(block, begin - index * BLOCK_FRAMES, stop - index * BLOCK_FRAMES);
    }
    return this.#peaks.extremes(from, end);
  }

  /** Fetches the samples that a deep zoom draws. */
  async loadDetail(from, to) {
    if (this.sha256 === null || this.has(from, to - from)) return;
    await this.prepare(from, to - from);
    this.version += 1;
  }

  /** Whether samples can be read without waiting; what is gone is silence. */
  has(from, frames) {
    if (this.isGone) return true;
    const end = Math.min(from + frames, this.frames);
    if (this.#samples) return end <= this.received;
    for (let block = Math.floor(from / BLOCK_FRAMES); block * BLOCK_FRAMES < end; block += 1) {
      if (!this.#blocks.has(block)) return false;
    }
    return true;
  }

  /** Fetches what is missing of a range; false when it is not there yet. Throws Refusal. */
  async prepare(from, frames) {
    if (this.has(from, frames)) return true;
    if (this.#samples || this.sha256 === null) return false;
    const end = Math.min(from + frames, this.frames);
    const wanted = [];
    for (let block = Math.floor(from / BLOCK_FRAMES); block * BLOCK_FRAMES < end; block += 1) {
      wanted.push(this.#loadBlock(block));
    }
    await Promise.all(wanted);
    return true;
  }

  /** Samples of one channel, into an array that is as long; silence where there are none. */
  read(channel, from, into) {
    const end = Math.min(from + into.length, this.frames);
    if (this.#samples) {
      const start = Math.max(from, 0);
      if (start < end) into.set(this.#samples[channel].subarray(start, end), start - from);
      return;
    }
    for (let at = Math.max(from, 0); at < end; ) {
      const index = Math.floor(at / BLOCK_FRAMES);
      const stop = Math.min((index + 1) * BLOCK_FRAMES, end);
      const block = this.#blocks.get(index);
      if (block) into.set(block[channel].subarray(at - index * BLOCK_FRAMES, stop - index * BLOCK_FRAMES), at - from);
      at = stop;
    }
  }

  #loadBlock(index) {
    if (this.#blocks.has(index)) return null;
    if (!this.#loading.has(index)) {
      const work = this.#fetchBlock(index).finally(() => this.#loading.delete(index));
      this.#loading.set(index, work);
    }
    return this.#loading.get(index);
  }

  async #fetchBlock(index) {
    const path = `/console/audio/${this.sha256}?from=${index * BLOCK_FRAMES}&frames=${BLOCK_FRAMES}`;
    const answer = await this.#fetch(path);
    if (answer === null) return;
    const floats = new Float32Array(await answer.arrayBuffer());
    const count = floats.length / this.channels;
    const block = Array.from({ length: this.channels }, () => new Float32Array(count));
    for (let channel = 0; channel < this.channels; channel += 1) {
      for (let frame = 0; frame < count; frame += 1) block[channel][frame] = floats[frame * this.channels + channel];
    }
    while (this.#blocks.size >= MAX_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value);
    this.#blocks.set(index, block);
  }

  /** The answer; null when the server has this audio no longer, which is asked once only. Throws Refusal. */
  async #fetch(path) {
    try {
      return await fetchSigned(path);
    } catch (error) {
      if (error.code !== "input_missing") throw error;
      this.isGone = true;
      this.version += 1;
      return null;
    }
  }

  #keepSamples() {
    const size = this.frames * this.channels * 4;
    if (keptBytes + size > MAX_KEPT_BYTES) return;
    keptBytes += size;
    this.#samples = Array.from({ length: this.channels }, () => new Float32Array(this.frames));
  }
}
