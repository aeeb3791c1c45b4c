// Figures as people read them.

export function lengthText(timeline) {
  if (!timeline) return "";
  const seconds = (timeline.end_frame - timeline.start_frame) / timeline.sample_rate;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function sizeText(bytes) {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

export function starText(rating) {
  return "★".repeat(rating) + "☆".repeat(5 - rating);
}

/** The state of a listed job; without its audio it is not what it was. */
export function stateText({ state, removed_stems: removed = [] }) {
  return state === "done" && removed.length > 0 ? "audio removed" : state;
}
