// Plays the stems of a job, or of two side by side, sample by sample in step, also while they still grow.
import { MixLevels, equalGain } from "./mix_levels.js";

const PIECE_SECONDS = 0.5;
const AHEAD_SECONDS = 2;
const TICK_MS = 60;
const LEAD_SECONDS = 0.08;
const FETCH_SECONDS = 8; // so far ahead audio is fetched that is not here yet
const FADE_SECONDS = 0.008;
const GESTURES = ["pointerdown", "keydown"];
const BLOCKED_MS = 700;
const SWITCH_SECONDS = 0.02; // what it takes to make a deck ready in the middle of a piece
const MAX_SEGMENTS = 64;
const RELEASE_MS = 100;

/**
 * A deck is a job. All decks run all the time; the chosen one is heard, so that a switch has no gap. Jobs that are
 * compared are turned down to the softest of them, by their loudness.
 */
export class Player {
  #context = null;
  #master = null;
  #decks = [];
  #levels = new MixLevels();
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
    this.peers = []; // jobs that are compared with those on the decks, and are as loud
    this.isBlocked = false; // the browser wants a gesture before it plays
  }

  get rate() {
    return this.#decks[0]?.job.rate ?? 48_000;
  }

  get frames() {
    return Math.max(0, ...this.#decks.map((deck) => deck.job.frames));
  }

  /** Puts jobs on the decks; with `keepPlace` what plays goes on without a gap. */
  show(jobs, { keepPlace = false, chosen = this.chosen } = {}) {
    this.chosen = Math.max(Math.min(chosen, jobs.length - 1), 0);
    if (keepPlace && this.isPlaying && jobs.length > 0 && jobs.every((job) => job.rate === this.rate)) {
      this.#changeDecks(jobs);
      return;
    }
    const wasPlaying = this.isPlaying;
    const place = keepPlace ? this.position : 0;
    this.pause();
    this.#decks = jobs.map(newDeck);
    if (!keepPlace) this.loop = null;
    this.place = Math.min(place, this.frames);
    if (keepPlace && wasPlaying) this.play();
  }

  /** Other decks while it plays: those that stay are left alone, the new ones begin in the middle. */
  #changeDecks(jobs) {
    const left = this.#decks.filter((deck) => !jobs.includes(deck.job));
    this.#decks = jobs.map((job) => this.#decks.find((deck) => deck.job === job) ?? newDeck(job));
    const heard = this.#heard;
    const change = () => {
      if (!this.#decks.includes(heard)) return;
      heard.gain ??= this.#newGain(0);
      this.#coverDecks();
      this.#applyGains(SWITCH_SECONDS);
      this.#release(left);
    };
    // What is heard goes on until there is something in its place.
    const coming = this.#comingSegments().filter(({ frame, frames }) => !this.#isDeckReady(heard, frame, frames));
    if (coming.length === 0) change();
    else Promise.all(coming.map(({ frame, frames }) => this.#prepare(heard, frame, frames))).then(change, change);
  }

  #release(decks) {
    for (const deck of decks) {
      deck.gain?.gain.setTargetAtTime(0, this.#context.currentTime + SWITCH_SECONDS, FADE_SECONDS);
      const { sources } = deck;
      setTimeout(() => this.#stopSources(sources), RELEASE_MS);
    }
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
    // A browser may want a gesture first; then the page says so until it gets one.
    const late = setTimeout(() => this.#setBlocked(this.#context.state === "suspended"), BLOCKED_MS);
    await this.#context.resume();
    clearTimeout(late);
    this.#setBlocked(false);
    if (run !== this.#run || !this.isPlaying) return;
    if (this.place >= this.#end()) this.place = this.loop?.[0] ?? 0;
    this.#anchor(this.place);
    this.#timer = setInterval(() => this.#tick(run), TICK_MS);
    this.#tick(run);
  }

  #setBlocked(isBlocked) {
    if (this.isBlocked === isBlocked) return;
    this.isBlocked = isBlocked;
    if (isBlocked) for (const gesture of GESTURES) window.addEventListener(gesture, () => this.#context.resume(), { once: true });
    this.onChange();
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
    if (this.isPlaying) this.#coverDecks();
    this.#applyGains();
    this.onChange();
  }

  toggle(job, stem, what) {
    this.#levels.toggle(job, stem, what);
    this.#applyGains();
    this.onChange();
  }

  level(job, stem) {
    return this.#levels.of(job, stem);
  }

  isHeard(job, stem) {
    return this.#levels.isHeard(job, stem);
  }

  /** By what each deck is multiplied, so that all that are compared are equally loud. */
  deckGain(index) {
    return equalGain(this.#decks[index].job, [...this.#decks.map((deck) => deck.job), ...this.peers]);
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
      this.#decks = this.#decks.map(({ job }) => newDeck(job));
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
      if (!this.#isDeckReady(this.#heard, this.#nextFrame, frames)) {
        this.#wait(run, this.#nextFrame, frames);
        return;
      }
      // What came too late begins a little later, instead of being cut.
      if (this.#nextTime < context.currentTime) this.#nextTime = this.#wholeFrame(context.currentTime + LEAD_SECONDS);
      this.#addSegment(this.#nextFrame, frames, this.#nextTime);
      this.#nextFrame += frames;
      this.#nextTime += frames / this.rate;
    }
    this.#coverDecks();
    this.#fetchAhead();
  }

  get #heard() {
    return this.#decks[this.chosen];
  }

  #isDeckReady({ job }, frame, frames) {
    return job.stems.every((stem) => stem.audio.has(...overlap(stem, frame, frames)));
  }

  #prepare({ job }, frame, frames) {
    return Promise.all(job.stems.map((stem) => stem.audio.prepare(...overlap(stem, frame, frames))));
  }

  async #wait(run, frame, frames) {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.onChange();
    await this.#prepare(this.#heard, frame, frames).catch(() => {});
    this.isWaiting = false;
    this.onChange();
    if (run === this.#run && this.#isDeckReady(this.#heard, frame, frames)) this.#tick(run);
  }

  /** Fetches what comes next, so that the piece after this one need not be waited for. */
  #fetchAhead() {
    const frames = Math.min(FETCH_SECONDS * this.rate, this.#end() - this.#nextFrame);
    for (const deck of this.#decks) {
      if (frames > 0 && !this.#isDeckReady(deck, this.#nextFrame, frames)) this.#prepare(deck, this.#nextFrame, frames).catch(() => {});
    }
  }

  #comingSegments() {
    const now = this.#context.currentTime;
    return this.#segments.filter(({ time, frames }) => time + frames / this.rate > now);
  }

  /** Plays each piece on every deck that has its audio; those that had not get it when they have. */
  #coverDecks() {
    for (const segment of this.#comingSegments()) {
      this.#decks.forEach((deck, index) => {
        if (deck.covered.has(segment) || !this.#isDeckReady(deck, segment.frame, segment.frames)) return;
        deck.covered.add(segment);
        for (const stem of deck.job.stems) this.#playStem(deck, index, stem, segment);
      });
    }
  }

  #addSegment(frame, frames, time) {
    this.#segments.push({ time, frame, frames });
    if (this.#segments.length > MAX_SEGMENTS) {
      const oldest = this.#segments.shift();
      for (const deck of this.#decks) deck.covered.delete(oldest);
    }
    this.#coverDecks();
  }

  #playStem(deck, index, stem, { frame, frames, time }) {
    const now = this.#context.currentTime;
    // A piece that began already is joined in its middle, sample by sample in step with the other decks.
    const begin = time < now ? frame + Math.ceil((now + SWITCH_SECONDS - time) * this.rate) : frame;
    const [from, count] = overlap(stem, begin, frame + frames - begin);
    if (count <= 0) return;
    const buffer = this.#context.createBuffer(stem.audio.channels, count, this.rate);
    for (let channel = 0; channel < stem.audio.channels; channel += 1) {
      stem.audio.read(channel, from, buffer.getChannelData(channel));
    }
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#stemGain(deck, index, stem));
    source.onended = () => deck.sources.delete(source);
    source.start(time + (from + stem.at - frame) / this.rate);
    deck.sources.add(source);
  }

  #stemGain(deck, index, stem) {
    if (!deck.gain) {
      deck.gain = this.#newGain(this.#deckLevel(index));
    }
    if (!deck.stems.has(stem.index)) {
      const gain = new GainNode(this.#context, { gain: this.isHeard(deck.job, stem) ? 1 : 0 });
      gain.connect(deck.gain);
      deck.stems.set(stem.index, gain);
    }
    return deck.stems.get(stem.index);
  }

  #newGain(level) {
    const gain = new GainNode(this.#context, { gain: level });
    gain.connect(this.#master);
    return gain;
  }

  #deckLevel(index) {
    return index === this.chosen ? this.deckGain(index) : 0;
  }

  #applyGains(delay = 0) {
    if (!this.#context) return;
    const now = this.#context.currentTime + delay;
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
    for (const deck of this.#decks) {
      this.#stopSources(deck.sources);
      deck.covered.clear();
    }
  }

  #stopSources(sources) {
    for (const source of sources) {
      source.onended = null;
      source.stop();
    }
    sources.clear();
  }
}

function newDeck(job) {
  return { job, gain: null, stems: new Map(), sources: new Set(), covered: new Set() };
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
