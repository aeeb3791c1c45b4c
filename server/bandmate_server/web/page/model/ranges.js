// The ranges that are chosen on the stage: the current one, which the player repeats, and others beside it.

/** Ranges are `[start, end]` in frames of the job; they never overlap. */
export class RangeList {
  #others = [];
  #beforeJoin = null; // all ranges as they were before some became one; the current one comes last

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

  /** The last change made one range of several, and can be undone. */
  get isJoined() {
    return this.#beforeJoin !== null;
  }

  undoJoin() {
    if (this.#beforeJoin !== null) this.restore(this.#beforeJoin);
  }

  /** Replaces all of them by one, or by none. */
  choose(range) {
    this.#beforeJoin = null;
    this.#others = [];
    this.#repeat(range);
  }

  /** Keeps what is chosen, and makes another range the current one; with those that it overlaps it becomes one. */
  add(range) {
    this.#join(this.all, range);
  }

  /** Another range in the place of one; with those that it overlaps it becomes one, so that nothing is lost. */
  replace(range, next) {
    this.#join(this.all.filter((each) => each !== range), next);
  }

  /** Makes one of them the current one, without moving the playhead away from a place inside it. */
  select(range) {
    if (range === this.current) return;
    this.#others = this.all.filter((each) => each !== range);
    this.player.setLoop(range);
    this.onChange();
  }

  remove(range) {
    this.#beforeJoin = null;
    const rest = this.all.filter((each) => each !== range);
    const current = range === this.current ? (rest.at(-1) ?? null) : this.current;
    this.#others = rest.filter((each) => each !== current);
    this.player.setLoop(current);
    this.onChange();
  }

  /** What was kept of an earlier page. */
  restore(ranges) {
    this.#beforeJoin = null;
    this.#others = ranges.slice(0, -1);
    this.#repeat(ranges.at(-1) ?? null);
  }

  #join(others, range) {
    const joined = others.filter((each) => overlap(each, range));
    this.#beforeJoin = joined.length > 0 ? this.#inOrder() : null;
    this.#others = others.filter((each) => !joined.includes(each));
    const all = [...joined, range];
    this.#repeat([Math.min(...all.map(([start]) => start)), Math.max(...all.map(([, end]) => end))]);
  }

  #inOrder() {
    const { all, current } = this;
    return [...all.filter((range) => range !== current), ...(current ? [current] : [])];
  }

  #repeat(range) {
    this.player.setLoop(range && range.map(Math.round));
    this.onChange();
  }
}

function overlap([a, b], [c, d]) {
  return a < d && c < b;
}
