// Which part of the job the stage shows.

const LEAST_FRAMES = 480; // a hundredth of a second at 48 kHz
const STEP = 1.6;

export class StageView {
  first = 0;
  last = 1;
  #frames = 1;
  #listeners = new Set();

  /** Calls `listener` when another part is shown; returns how to stop that. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get isWhole() {
    return this.first === 0 && this.last === this.#frames;
  }

  get frames() {
    return this.last - this.first;
  }

  /** The length of what is shown; a view of all of it stays one when that grows. */
  setLength(frames) {
    const length = Math.max(frames, 1);
    if (length === this.#frames) return;
    const wasWhole = this.isWhole;
    this.#frames = length;
    if (wasWhole || this.first >= length) [this.first, this.last] = [0, length];
    else this.#show(this.first, this.last);
  }

  fit() {
    this.show(0, this.#frames);
  }

  /** Shows from frame to frame, as far as there is something. */
  show(first, last) {
    this.#show(first, last);
    // Not the whole page: it scrolls and zooms with every frame.
    for (const listener of this.#listeners) listener();
  }

  /** Shows a `factor` of what is shown now, with `at` where it is on the screen. */
  zoom(factor, at) {
    const frames = Math.min(Math.max(this.frames * factor, Math.min(LEAST_FRAMES, this.#frames)), this.#frames);
    const share = (at - this.first) / this.frames;
    this.show(at - share * frames, at + (1 - share) * frames);
  }

  zoomIn(at) {
    this.zoom(1 / STEP, at);
  }

  zoomOut(at) {
    this.zoom(STEP, at);
  }

  scroll(frames) {
    this.show(this.first + frames, this.last + frames);
  }

  /** Turns the page when the playhead has left it. */
  follow(frame) {
    if (this.isWhole || (frame >= this.first && frame < this.last)) return;
    this.show(frame, frame + this.frames);
  }

  #show(first, last) {
    const frames = Math.min(last - first, this.#frames);
    const start = Math.min(Math.max(first, 0), this.#frames - frames);
    [this.first, this.last] = [start, start + frames];
  }
}
