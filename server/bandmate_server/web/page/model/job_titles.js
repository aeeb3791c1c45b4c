// What jobs are called: by their prompt, or by what was done to which music.

const NOUNS = {
  repaint: "Repaint of",
  cover: "Cover of",
  accompany: "Accompaniment to",
  separate: "Stems of",
  analyse: "Analysis of",
  extend: "Extension of",
  loop: "Loop of",
};
const ALONE = { accompany: "Accompaniment", separate: "Stems", analyse: "Analysis", extend: "Extension" };

/** The title of a job, whole or as the list has it; its origin has the subject: the music that it works on. */
export function titleOf({ task, params = {}, origin = {} }) {
  const { prompt } = params;
  const { subject } = origin;
  if (!subject) return prompt || ALONE[task] || capitalised(task);
  const title = `${NOUNS[task] ?? `${capitalised(task)}:`} ${subject}`;
  return prompt && prompt !== subject ? `${title}: ${prompt}` : title;
}

/** The music that a job goes back to, as those that work on it are called. */
export function subjectOf({ params = {}, origin = {}, task }) {
  return origin.subject || params.prompt || ALONE[task] || capitalised(task);
}

function capitalised(name) {
  const text = name.replaceAll("_", " ");
  return text[0].toUpperCase() + text.slice(1);
}
