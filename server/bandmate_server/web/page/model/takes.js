// Takes of one idea: jobs that were made together, to be compared at equal loudness.

export class Takes {
  #jobs = [];

  constructor(onChange) {
    this.onChange = onChange;
  }

  get jobs() {
    return this.#jobs;
  }

  includes(job) {
    return this.#jobs.includes(job);
  }

  /** Begins with these jobs; what was here is left in the library. */
  begin(jobs = []) {
    this.#jobs = jobs;
    this.onChange();
  }

  add(job) {
    if (!this.includes(job)) this.#jobs = [...this.#jobs, job];
    this.onChange();
  }
}
