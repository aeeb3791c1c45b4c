// What the musician set on the mixer, and by how much jobs that are compared are turned down.

const LOWEST_LUFS = -60;

export class MixLevels {
  #levels = new Map(); // by job and stem: { muted, solo }

  toggle(job, stem, what) {
    const level = this.of(job, stem);
    this.#levels.set(key(job, stem), { ...level, [what]: !level[what] });
  }

  of(job, stem) {
    return this.#levels.get(key(job, stem)) ?? { muted: false, solo: false };
  }

  /** Whether a stem is heard, by its own button and by the solos of the others. */
  isHeard(job, stem) {
    const { muted, solo } = this.of(job, stem);
    const soloed = job.stems.some((each) => this.of(job, each).solo);
    return soloed ? solo : !muted;
  }
}

/** By what a job is multiplied, so that it is as loud as the softest of those that it is compared with. */
export function equalGain(job, others) {
  const loudness = [...new Set([job, ...others])].map((each) => each.loudness);
  const known = loudness.filter((value) => value !== null && value >= LOWEST_LUFS);
  if (!known.includes(job.loudness)) return 1;
  return 10 ** ((Math.min(...known) - job.loudness) / 20);
}

function key(job, stem) {
  return `${job.id}/${stem.index}`;
}
