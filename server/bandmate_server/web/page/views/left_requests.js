// Requests of a tab that was closed before they were sent: they are offered, and not sent unasked.
import { html } from "../vendor/preact-htm.js";

export function LeftRequests({ studio }) {
  const { left } = studio.outbox;
  if (left.length === 0) return null;
  const [{ title }] = left;
  const one = left.length === 1;
  const sentence = one ? `“${title}” was not sent before its tab was closed.` : `${left.length} requests, “${title}” first, were not sent before their tab was closed.`;
  return html`<div class="left-requests" role="status">
    <strong>${sentence}</strong>
    <div class="actions">
      <button type="button" disabled=${studio.connection !== "open"} onClick=${() => studio.attempt(() => studio.outbox.sendLeft())}>${one ? "Send it" : "Send them"}</button>
      <button type="button" class="quiet" onClick=${() => studio.outbox.dropLeft()}>Discard</button>
    </div>
  </div>`;
}
