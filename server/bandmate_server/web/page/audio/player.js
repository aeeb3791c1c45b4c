// Plays the stems of a job, or of two side by side, sample by sample in step, also while they still grow.

const PIECE_SECONDS = 0.5;
const AHEAD_SECONDS = 2;
const TICK_MS = 60;
const LEAD_SECONDS = 0.08;
const FADE_SECONDS = 0.008;
const LOWEST_LUFS = -60;

/**
 * A deck is a job. All decks run all the time; the chosen one is heard, so that a switch has no gap. With two decks each
 * is turned down to the softer one, by its loudness.
 */
export class Player {
  #context = null;
  #master = null;
  #decks = [];
  #levels = new Map(); // what the musician set, by job and stem: { muted, solo }
  #sources = new Set();
  #segments = [];
  #timer = 0;
  #nextFrame = 0;
  #nextTime = 0;
  #run = 0;

  constructor(onChange) {
    this.onChange = onChange;
    this.isPlaying = false;
    this.isWaiting = false;
    this.chosen = 0;
    this.loop = null; // [start, end] in frames
    this.meter = null;
    this.place = 0; // where it stands while it does not play
  }

  get rate() {
    return this.#decks[0]?.job.rate ?? 48_000;
  }

  get frames() {
    return Math.max(0, ...this.#decks.map((deck) => deck.job.frames));
  }

  /** Puts jobs on the decks; the place is kept when that is asked for. */
  show(jobs, { keepPlace = false } = {}) {
    const wasPlaying = this.isPlaying;
    const place = keepPlace ? this.position : 0;
    this.pause();
    this.#decks = jobs.map((job) => ({ job, gain: null, stems: new Map() }));
    if (!keepPlace) this.loop = null;
    this.chosen = Math.min(this.chosen, Math.max(jobs.length - 1, 0));
    this.place = Math.min(place, this.frames);
    if (keepPlace && wasPlaying) this.play();
  }

  /** Where the playhead is, in frames. */
  get position() {
    if (!this.isPlaying) return this.place;
    const now = this.#context.currentTime;
    const current = this.#segments.findLast((segment) => segment.time <= now) ?? this.#segments[0];
    if (!current) return this.place;
    const passed = Math.max(now - current.time, 0) * this.rate;
    return Math.round(current.frame + Math.min(passed, current.frames));
  }

  async play() {
    if (this.#decks.length === 0 || this.isPlaying) return;
    this.#open();
    this.isPlaying = true;
    this.#run += 1;
    const run = this.#run;
    this.onChange();
    // A browser may want a gesture first; then the page stays as it is until it gets one.
    await this.#context.resume();
    if (run !== this.#run || !this.isPlaying) return;
    if (this.place >= this.#end()) this.place = this.loop?.[0] ?? 0;
    this.#anchor(this.place);
    this.#timer = setInterval(() => this.#tick(run), TICK_MS);
    this.#tick(run);
  }

  pause() {
    if (!this.isPlaying) return;
    this.place = this.position;
    this.isPlaying = false;
    this.isWaiting = false;
    this.#run += 1;
    clearInterval(this.#timer);
    this.#silence();
    this.onChange();
  }

  seek(frame) {
    const place = Math.max(0, Math.min(Math.round(frame), this.frames));
    if (this.isPlaying) {
      this.#silence();
      this.place = place;
      this.#anchor(place);
      this.#tick(this.#run);
    } else {
      this.place = place;
    }
    this.onChange();
  }

  /** Repeats a range, in frames; null ends that. */
  setLoop(range) {
    this.loop = range;
    if (this.isPlaying) this.seek(range && !isInside(this.position, range) ? range[0] : this.position);
    this.onChange();
  }

  /** Which deck is heard. */
  choose(index) {
    this.chosen = index;
    this.#applyGains();
    this.onChange();
  }

  toggle(job, stem, what) {
    const levels = this.level(job, stem);
    this.#levels.set(levelKey(job, stem), { ...levels, [what]: !levels[what] });
    this.#applyGains();
    this.onChange();
  }

  level(job, stem) {
    return this.#levels.get(levelKey(job, stem)) ?? { muted: false, solo: false };
  }

  /** Whether a stem is heard, by its own button and by the solos of the others. */
  isHeard(job, stem) {
    const { muted, solo } = this.level(job, stem);
    const soloed = job.stems.some((each) => this.level(job, each).solo);
    return soloed ? solo : !muted;
  }

  /** By what each deck is multiplied, so that two are equally loud. */
  deckGain(index) {
    if (this.#decks.length < 2) return 1;
    const loudness = this.#decks.map((deck) => deck.job.loudness);
    if (loudness.some((value) => value === null || value < LOWEST_LUFS)) return 1;
    return 10 ** ((Math.min(...loudness) - loudness[index]) / 20);
  }

  #open() {
    if (this.#context && this.#context.sampleRate !== this.rate) {
      this.#context.close();
      this.#context = null;
    }
    if (!this.#context) {
      this.#context = new AudioContext({ sampleRate: this.rate, latencyHint: "interactive" });
      this.#master = this.#context.createGain();
      this.meter = this.#context.createAnalyser();
      this.#master.connect(this.meter).connect(this.#context.destination);
      for (const deck of this.#decks) Object.assign(deck, { gain: null, stems: new Map() });
    }
  }

  #anchor(frame) {
    this.#segments = [];
    this.#nextFrame = frame;
    this.#nextTime = this.#wholeFrame(this.#context.currentTime + LEAD_SECONDS);
  }

  /** The time of the sample at or after a time: pieces that begin between samples would not fit together. */
  #wholeFrame(time) {
    return Math.ceil(time * this.rate) / this.rate;
  }

  #end() {
    return this.loop?.[1] ?? this.frames;
  }

  async #tick(run) {
    const context = this.#context;
    while (run === this.#run && this.#nextTime < context.currentTime + AHEAD_SECONDS) {
      if (this.#nextFrame >= this.#end()) {
        if (!this.loop) return this.#finishAtEnd();
        this.#nextFrame = this.loop[0];
      }
      const frames = Math.min(Math.round(PIECE_SECONDS * this.rate), this.#end() - this.#nextFrame);
      if (!this.#isReady(this.#nextFrame, frames)) {
        this.#wait(run, this.#nextFrame, frames);
        return;
      }
      // What came too late begins a little later, instead of being cut.
      if (this.#nextTime < context.currentTime) this.#nextTime = this.#wholeFrame(context.currentTime + LEAD_SECONDS);
      this.#playPiece(this.#nextFrame, frames, this.#nextTime);
      this.#nextFrame += frames;
      this.#nextTime += frames / this.rate;
    }
  }

  #isReady(frame, frames) {
    return this.#decks.every(({ job }) =>
      job.stems.every((stem) => stem.audio.has(...overlap(stem, frame, frames))),
    );
  }

  async #wait(run, frame, frames) {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.onChange();
    const stems = this.#decks.flatMap(({ job }) => job.stems);
    await Promise.all(stems.map((stem) => stem.audio.prepare(...overlap(stem, frame, frames)))).catch(() => {});
    this.isWaiting = false;
    this.onChange();
    if (run === this.#run && this.#isReady(frame, frames)) this.#tick(run);
  }

  #playPiece(frame, frames, time) {
    this.#segments.push({ time, frame, frames });
    if (this.#segments.length > 64) this.#segments.shift();
    this.#decks.forEach((deck, index) => {
      for (const stem of deck.job.stems) this.#playStem(deck, index, stem, frame, frames, time);
    });
  }

  #playStem(deck, index, stem, frame, frames, time) {
    const [from, count] = overlap(stem, frame, frames);
    if (count <= 0) return;
    const buffer = this.#context.createBuffer(stem.audio.channels, count, this.rate);
    for (let channel = 0; channel < stem.audio.channels; channel += 1) {
      stem.audio.read(channel, from, buffer.getChannelData(channel));
    }
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#stemGain(deck, index, stem));
    source.onended = () => this.#sources.delete(source);
    source.start(time + (from + stem.at - frame) / this.rate);
    this.#sources.add(source);
  }

  #stemGain(deck, index, stem) {
    if (!deck.gain) {
      deck.gain = new GainNode(this.#context, { gain: this.#deckLevel(index) });
      deck.gain.connect(this.#master);
    }
    if (!deck.stems.has(stem.index)) {
      const gain = new GainNode(this.#context, { gain: this.isHeard(deck.job, stem) ? 1 : 0 });
      gain.connect(deck.gain);
      deck.stems.set(stem.index, gain);
    }
    return deck.stems.get(stem.index);
  }

  #deckLevel(index) {
    return index === this.chosen ? this.deckGain(index) : 0;
  }

  #applyGains() {
    if (!this.#context) return;
    const now = this.#context.currentTime;
    this.#decks.forEach((deck, index) => {
      deck.gain?.gain.setTargetAtTime(this.#deckLevel(index), now, FADE_SECONDS);
      for (const stem of deck.job.stems) {
        deck.stems.get(stem.index)?.gain.setTargetAtTime(this.isHeard(deck.job, stem) ? 1 : 0, now, FADE_SECONDS);
      }
    });
  }

  #finishAtEnd() {
    if (this.#context.currentTime < this.#nextTime) return;
    this.pause();
    this.place = 0;
  }

  #silence() {
    for (const source of this.#sources) {
      source.onended = null;
      source.stop();
    }
    this.#sources.clear();
  }
}

/** The part of a stem that plays in a piece of the job: where it begins in the stem, and how long it is. */
function overlap(stem, frame, frames) {
  const from = Math.max(frame - stem.at, 0);
  const end = Math.min(frame + frames - stem.at, stem.audio.frames);
  return [from, Math.max(end - from, 0)];
}

function isInside(frame, [start, end]) {
  return frame >= start && frame < end;
}

function levelKey(job, stem) {
  return `${job.id}/${stem.index}`;
}
