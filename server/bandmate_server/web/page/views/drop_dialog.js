// Asks before a job is dropped, and says what that frees.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { titleOf } from "../model/job_titles.js";
import { sizeText } from "./texts.js";

export function DropDialog({ studio, summary, onClose }) {
  const { library } = studio;
  const dialog = useRef(null);
  const [effect, setEffect] = useState(null);
  const isDropped = typeof summary.dropped_ms === "number";
  useEffect(() => {
    dialog.current.showModal();
    studio.attempt(() => library.previewDrop(summary.job)).then((found) => (found ? setEffect(found) : onClose()));
  }, [summary.job]);
  const drop = async () => {
    onClose();
    await studio.attempt(() => library.drop(summary, { now: isDropped }));
  };
  return html`<dialog ref=${dialog} aria-labelledby="drop-title" onClose=${onClose}>
    <h2 id="drop-title">${isDropped ? "Delete" : "Drop"} ${titleOf(summary)}?</h2>
    <p>${effect === null ? "Asking the server…" : effectText(effect)}</p>
    <p>${isDropped ? "This cannot be undone." : "You can restore it for 10 minutes; after that its audio is deleted."}</p>
    <form method="dialog" class="actions">
      <button type="button" class="main" disabled=${effect === null} onClick=${drop}>${isDropped ? "Delete" : "Drop"}</button>
      <button>Cancel</button>
    </form>
  </dialog>`;
}

function effectText({ bytes, isNeeded }) {
  if (isNeeded) return "Its audio stays for now, because another job is heard together with it.";
  return bytes === 0 ? "It frees nothing: other jobs use the same audio, or it has none." : `It frees ${sizeText(bytes)}.`;
}
