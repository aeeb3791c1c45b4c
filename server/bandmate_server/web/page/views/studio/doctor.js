// What `bandmate doctor` finds on the server's machine.
import { html } from "../../vendor/preact-htm.js";
import { useAnswer } from "./answers.js";
import { Problem, withCode } from "./problem.js";

const STATE_TEXT = { bad: "Problem", note: "Note", good: "OK" };

export function Doctor({ studio }) {
  const { answer, problem, isAsking, ask } = useAnswer(studio, { type: "doctor" });
  const findings = answer?.findings ?? [];
  const of = (state) => findings.filter((each) => each.state === state);
  const [bad, notes, good] = [of("bad"), of("note"), of("good")];
  return html`<div class="doctor">
    <div class="actions">
      <button type="button" disabled=${isAsking} onClick=${ask}>${isAsking ? "Checking…" : "Check again"}</button>
      ${isAsking && html`<progress aria-label="Checking the server"></progress>`}
      <span role="status">${isAsking && answer ? "Checking again: " : ""}${answer ? `${counted(bad, "problem")}, ${counted(notes, "note")}, ${good.length} in order` : "Checking the server takes some seconds."}</span>
    </div>
    <${Problem} problem=${problem} />
    <${FindingList} findings=${[...bad, ...notes]} />
    ${good.length > 0 &&
    html`<details open=${bad.length + notes.length === 0}>
      <summary>In order</summary>
      <${FindingList} findings=${good} />
    </details>`}
  </div>`;
}

function FindingList({ findings }) {
  if (findings.length === 0) return null;
  return html`<ul class="findings">
    ${findings.map(
      ({ state, about, sentence, remedy }) => html`<li>
        <span class="tag ${state}">${STATE_TEXT[state]}</span>
        <div><strong>${about}</strong> ${withCode(sentence)}${remedy && html`<p class="remedy">${withCode(remedy)}</p>`}</div>
      </li>`,
    )}
  </ul>`;
}

function counted(list, noun) {
  return `${list.length} ${noun}${list.length === 1 ? "" : "s"}`;
}
