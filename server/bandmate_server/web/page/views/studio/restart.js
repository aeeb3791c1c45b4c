// Starts the server again, so that settings apply which wait for that; it asks first while jobs are being made.
import { html, useState } from "../../vendor/preact-htm.js";
import { LOST } from "../../net/wire.js";
import { ConfirmDialog } from "../confirm_dialog.js";
import { useRequest } from "./answers.js";
import { Problem } from "./problem.js";

export function Restart({ studio, list }) {
  const [run, problem, isRunning] = useRequest();
  const [question, setQuestion] = useState(null); // what would begin again
  const waiting = (list.settings ?? []).filter((setting) => setting.waits_for_restart);
  const restart = (confirmed) =>
    run(async () => {
      try {
        await studio.wire.ask({ type: "restart_server", confirmed: confirmed || undefined });
      } catch (error) {
        if (error.code === "not_confirmed") setQuestion(error.message);
        // The connection ends with the server, at times before its answer is here.
        else if (error.code !== LOST) throw error;
      }
    });
  if (waiting.length === 0 && problem === null) return null;
  return html`<div class="restart" role="group" aria-label="Restart">
    <p class="waiting" role="status">${waitingText(waiting)}</p>
    ${list.can_restart
      ? html`<button type="button" class="main" disabled=${isRunning || studio.connection !== "open"} onClick=${() => restart(false)}>Restart the server</button>`
      : html`<p class="help">Start the server again where it runs.</p>`}
    <${Problem} problem=${problem} />
    ${question &&
    html`<${ConfirmDialog} title="Restart the server?" action="Restart" onConfirm=${() => restart(true)} onClose=${() => setQuestion(null)}>
      <p>${question}</p>
      <p>Jobs that wait in the queue stay there.</p>
    <//>`}
  </div>`;
}

function waitingText(waiting) {
  const names = waiting.map((setting) => `“${setting.form.title}”`).join(", ");
  return `${names} ${waiting.length === 1 ? "waits" : "wait"} for a restart of the server.`;
}
