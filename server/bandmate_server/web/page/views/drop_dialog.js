// Asks before jobs are dropped, and says what that frees.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { titleOf } from "../model/job_titles.js";
import { sizeText } from "./texts.js";

/** A job that is kept, or not at its end, cannot be dropped. */
export function isDroppable({ kept, state }) {
  return kept !== true && state !== "queued" && state !== "running";
}

/** `summaries` are all dropped already, or none of them is. */
export function DropDialog({ studio, summaries, onClose }) {
  const { library } = studio;
  const dialog = useRef(null);
  const [effect, setEffect] = useState(null);
  const isDropped = typeof summaries[0].dropped_ms === "number";
  // One alone is refused with the server's own reason.
  const jobs = summaries.length === 1 ? summaries : summaries.filter(isDroppable);
  const staying = summaries.length - jobs.length;
  useEffect(() => {
    dialog.current.showModal();
    studio.attempt(() => library.previewDrop(jobs)).then((found) => (found ? setEffect(found) : onClose()));
  }, [summaries]);
  const drop = async () => {
    onClose();
    await studio.attempt(() => library.drop(jobs, { now: isDropped }));
  };
  const what = jobs.length === 1 ? titleOf(jobs[0]) : `${jobs.length} jobs`;
  const them = jobs.length === 1 ? "it" : "them";
  return html`<dialog ref=${dialog} aria-labelledby="drop-title" onClose=${onClose}>
    <h2 id="drop-title">${isDropped ? "Delete" : "Drop"} ${what}?</h2>
    <p>${effect === null ? "Asking the server…" : effectText(effect, jobs.length)}</p>
    ${staying > 0 && html`<p>${staying === 1 ? "One job is kept or still runs, and stays." : `${staying} jobs are kept or still run, and stay.`}</p>`}
    <p>${isDropped ? "This cannot be undone." : `You can restore ${them} for 10 minutes; after that the audio is deleted.`}</p>
    <form method="dialog" class="actions">
      <button type="button" class="main" disabled=${effect === null} onClick=${drop}>${isDropped ? "Delete" : "Drop"}</button>
      <button>Cancel</button>
    </form>
  </dialog>`;
}

function effectText({ bytes, needed }, count) {
  if (needed === count) return "The audio stays for now, because another job is heard together with it.";
  const some = needed > 0 ? ` The audio of ${needed} of them stays for now, because other jobs are heard together with it.` : "";
  return (bytes === 0 ? "It frees nothing: other jobs use the same audio, or there is none." : `It frees ${sizeText(bytes)}.`) + some;
}
