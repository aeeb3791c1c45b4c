// Names of stems in a list, so that no two read the same.

/** A Map from each stem to its name: what belongs to the source says so, and equal names are numbered. */
export function distinctNames(stems) {
  const called = (stem) => (stem.isSource ? `${stem.name} (source)` : stem.name);
  const counts = new Map();
  for (const stem of stems) counts.set(called(stem), (counts.get(called(stem)) ?? 0) + 1);
  const numbers = new Map();
  return new Map(
    stems.map((stem) => {
      const name = called(stem);
      if (counts.get(name) === 1) return [stem, name];
      numbers.set(name, (numbers.get(name) ?? 0) + 1);
      return [stem, `${name} ${numbers.get(name)}`];
    }),
  );
}
