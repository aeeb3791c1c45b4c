// The ranges that are chosen on the stage: the current one, which the player repeats, and others beside it.

/** Ranges are `[start, end]` in frames of the job; they never overlap. */
export class RangeList {
  #others = [];

  constructor(player, onChange) {
    this.player = player;
    this.onChange = onChange;
  }

  /** All of them in order of time. */
  get all() {
    const { loop } = this.player;
    const others = loop ? this.#others.filter((range) => !overlap(range, loop)) : this.#others;
    return [...others, ...(loop ? [loop] : [])].sort((a, b) => a[0] - b[0]);
  }

  /** What a task works on: all of them if it takes several, else the current one. */
  forTask(task) {
    if (task.takes_ranges) return this.all;
    return this.current ? [this.current] : [];
  }

  get current() {
    return this.player.loop;
  }

  /** Replaces all of them by one, or by none. */
  choose(range) {
    this.#others = [];
    this.#repeat(range);
  }

  /** Keeps what is chosen, and makes another range the current one; what it covers is part of it then. */
  add(range) {
    this.#others = this.all.filter((each) => !overlap(each, range));
    this.#repeat(range);
  }

  /** Another range in the place of one. */
  replace(range, next) {
    this.#others = this.all.filter((each) => each !== range && !overlap(each, next));
    this.#repeat(next);
  }

  /** Makes one of them the current one, without moving the playhead away from a place inside it. */
  select(range) {
    if (range === this.current) return;
    this.#others = this.all.filter((each) => each !== range);
    this.player.setLoop(range);
    this.onChange();
  }

  remove(range) {
    const rest = this.all.filter((each) => each !== range);
    const current = range === this.current ? (rest.at(-1) ?? null) : this.current;
    this.#others = rest.filter((each) => each !== current);
    this.player.setLoop(current);
    this.onChange();
  }

  /** What was kept of an earlier page. */
  restore(ranges) {
    this.#others = ranges.slice(0, -1);
    this.#repeat(ranges.at(-1) ?? null);
  }

  #repeat(range) {
    this.player.setLoop(range && range.map(Math.round));
    this.onChange();
  }
}

function overlap([a, b], [c, d]) {
  return a < d && c < b;
}
