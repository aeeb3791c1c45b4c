// Plays the stems of a job, or of two side by side, sample by sample in step, also while they still grow.
import { Deck, SWITCH_SECONDS } from "./deck.js";
import { MixLevels, equalGain } from "./mix_levels.js";

const PIECE_SECONDS = 0.5;
const AHEAD_SECONDS = 2;
const TICK_MS = 60;
const LEAD_SECONDS = 0.08;
const FETCH_SECONDS = 8; // so far ahead audio is fetched that is not here yet
const GESTURES = ["pointerdown", "keydown"];
const BLOCKED_MS = 700;
const MAX_SEGMENTS = 64;

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
    this.#decks = jobs.map((job) => new Deck(job));
    if (!keepPlace) this.loop = null;
    this.place = Math.min(place, this.frames);
    if (keepPlace && wasPlaying) this.play();
  }

  /** Other decks while it plays: those that stay are left alone, the new ones begin in the middle. */
  #changeDecks(jobs) {
    const left = this.#decks.filter((deck) => !jobs.includes(deck.job));
    this.#decks = jobs.map((job) => this.#decks.find((deck) => deck.job === job) ?? new Deck(job));
    const heard = this.#heard;
    const change = () => {
      if (!this.#decks.includes(heard)) return;
      heard.enter(this.#master);
      this.#coverDecks();
      this.#applyGains(SWITCH_SECONDS);
      for (const deck of left) deck.release(this.#context.currentTime);
    };
    // What is heard goes on until there is something in its place.
    const coming = this.#comingSegments().filter(({ frame, frames }) => !heard.isReady(frame, frames));
    if (coming.length === 0) change();
    else Promise.all(coming.map(({ frame, frames }) => heard.prepare(frame, frames))).then(change, change);
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
      this.#decks = this.#decks.map(({ job }) => new Deck(job));
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
      if (!this.#heard.isReady(this.#nextFrame, frames)) {
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

  async #wait(run, frame, frames) {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.onChange();
    await this.#heard.prepare(frame, frames).catch(() => {});
    this.isWaiting = false;
    this.onChange();
    if (run === this.#run && this.#heard.isReady(frame, frames)) this.#tick(run);
  }

  /** Fetches what comes next, so that the piece after this one need not be waited for. */
  #fetchAhead() {
    const frames = Math.min(FETCH_SECONDS * this.rate, this.#end() - this.#nextFrame);
    for (const deck of this.#decks) {
      if (frames > 0 && !deck.isReady(this.#nextFrame, frames)) deck.prepare(this.#nextFrame, frames).catch(() => {});
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
        deck.cover(segment, this.#master, { rate: this.rate, level: this.#deckLevel(index), isHeard: (stem) => this.isHeard(deck.job, stem) });
      });
    }
  }

  #addSegment(frame, frames, time) {
    this.#segments.push({ time, frame, frames });
    if (this.#segments.length > MAX_SEGMENTS) {
      const oldest = this.#segments.shift();
      for (const deck of this.#decks) deck.forget(oldest);
    }
    this.#coverDecks();
  }

  #deckLevel(index) {
    return index === this.chosen ? this.deckGain(index) : 0;
  }

  #applyGains(delay = 0) {
    if (!this.#context) return;
    const now = this.#context.currentTime + delay;
    this.#decks.forEach((deck, index) => {
      deck.fade(now, this.#deckLevel(index), (stem) => this.isHeard(deck.job, stem));
    });
  }

  #finishAtEnd() {
    if (this.#context.currentTime < this.#nextTime) return;
    this.pause();
    this.place = 0;
  }

  #silence() {
    for (const deck of this.#decks) deck.silence();
  }
}

function isInside(frame, [start, end]) {
  return frame >= start && frame < end;
}
