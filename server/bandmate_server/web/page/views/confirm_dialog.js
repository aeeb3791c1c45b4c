// Asks before something is lost.
import { html, useEffect, useRef } from "../vendor/preact-htm.js";

/** `action` is the word on the button; the children say what is lost. */
export function ConfirmDialog({ title, action, onConfirm, onClose, children }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  const confirm = () => {
    onClose();
    onConfirm();
  };
  return html`<dialog ref=${dialog} aria-labelledby="confirm-title" onClose=${onClose}>
    <h2 id="confirm-title">${title}</h2>
    ${children}
    <form method="dialog" class="actions">
      <button type="button" class="main" onClick=${confirm}>${action}</button>
      <button autofocus>Cancel</button>
    </form>
  </dialog>`;
}
