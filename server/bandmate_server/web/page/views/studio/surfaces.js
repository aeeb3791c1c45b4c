// MIDI controllers and OSC surfaces: what is connected, and teaching a knob what it controls.
import { html, useState } from "../../vendor/preact-htm.js";
import { useAnswer, usePolling, useRequest } from "./answers.js";
import { Problem, withCode } from "./problem.js";

const POLL_MS = 2_000;
const LEARN_SECONDS = 60;
const STATE_TEXT = { used: "in use", no_map: "no map yet", unused: "not listened to" };
const KIND_TEXT = { cc: "controller", cc14: "14-bit controller", note: "note", program: "program", pitch: "pitch bend" };

export function Surfaces({ studio }) {
  const { answer, setAnswer, problem, ask } = useAnswer(studio, { type: "list_surfaces" });
  usePolling(ask, POLL_MS);
  if (!answer) return html`<${Problem} problem=${problem} /><p role="status">Asking the server…</p>`;
  const controllers = answer.controllers ?? [];
  return html`
    <h3>MIDI</h3>
    <${Listening} studio=${studio} name="midi" isOn=${answer.midi === true} text="Listen to MIDI controllers" onChange=${ask} />
    ${answer.midi_problem && html`<p class="problem" role="alert">${withCode(answer.midi_problem)}</p>`}
    ${controllers.length === 0 && !answer.midi_problem && html`<p>No MIDI controller is connected.</p>`}
    ${controllers.length > 0 && html`<${Learn} studio=${studio} controllers=${controllers} onLearned=${ask} />`}
    <ul class="cards controllers">
      ${controllers.map((each) => html`<${Controller} key=${each.port} studio=${studio} controller=${each} onAnswer=${setAnswer} />`)}
    </ul>
    <h3>OSC</h3>
    <${Listening} studio=${studio} name="osc" isOn=${answer.osc === true} text="Listen to OSC" onChange=${ask} />
    ${answer.osc &&
    html`<p>UDP port ${answer.osc_port}</p>
    <ul class="peers">
      ${(answer.osc_peers ?? []).map((peer) => html`<li>${peer.name || "Surface"} <code>${peer.address}</code> <span class="tag">${peer.permanent ? "always" : "subscribed"}</span></li>`)}
      ${(answer.osc_peers ?? []).length === 0 && html`<li>No surface has subscribed.</li>`}
    </ul>`}
  `;
}

/** A switch that is a setting of the server. */
function Listening({ studio, name, isOn, text, onChange }) {
  const [run, problem, isRunning] = useRequest();
  const [wanted, setWanted] = useState(null); // until the server has it
  const change = async (value) => {
    setWanted(value);
    await run(async () => {
      await studio.wire.ask({ type: "change_setting", name, value });
      await onChange();
    });
    setWanted(null);
  };
  return html`<div class="field switch">
      <label for=${`listen-${name}`}>${text}</label>
      <input id=${`listen-${name}`} type="checkbox" checked=${wanted ?? isOn} disabled=${isRunning} onChange=${(event) => change(event.target.checked)} />
    </div>
    <${Problem} problem=${problem} />`;
}

function Learn({ studio, controllers, onLearned }) {
  const { answer } = useAnswer(studio, { type: "list_controls" });
  const [control, setControl] = useState("");
  const [port, setPort] = useState("");
  const [learned, setLearned] = useState(null);
  const [run, problem, isLearning] = useRequest();
  const controls = answer?.controls ?? [];
  const learn = async (event) => {
    event.preventDefault();
    setLearned(null);
    await run(async () => {
      setLearned(await studio.wire.ask({ type: "learn_control", control, port, seconds: LEARN_SECONDS }));
      await onLearned();
    });
  };
  const stop = () => studio.wire.ask({ type: "stop_learning" }).catch(() => {});
  return html`<form class="learn" onSubmit=${learn} aria-label="MIDI learn">
    <div>
      <label for="learn-control">Control</label>
      <select id="learn-control" value=${control} disabled=${isLearning} onChange=${(event) => setControl(event.target.value)}>
        <option value="">choose what to control</option>
        ${byGroup(controls).map(
          ([group, found]) => html`<optgroup label=${group}>
            ${found.map((each) => html`<option value=${each.control} selected=${each.control === control}>${each.title}</option>`)}
          </optgroup>`,
        )}
      </select>
    </div>
    <div>
      <label for="learn-port">Controller</label>
      <select id="learn-port" value=${port} disabled=${isLearning} onChange=${(event) => setPort(event.target.value)}>
        <option value="">any</option>
        ${controllers.map((each) => html`<option value=${each.port} selected=${each.port === port}>${each.port}</option>`)}
      </select>
    </div>
    <div class="actions">
      <button type="submit" class="main" disabled=${isLearning || control === ""}>Learn</button>
      ${isLearning && html`<button type="button" onClick=${stop}>Stop</button>`}
    </div>
    <p role="status" class="heard">
      ${isLearning && "Move a knob or press a pad. Turn an endless knob both ways."}
      ${learned && html`${movedText(learned.mapped)} of ${learned.port} controls <strong>${learned.mapped.title || learned.mapped.control}</strong>.`}
    </p>
    <${Problem} problem=${problem} />
  </form>`;
}

function byGroup(controls) {
  const groups = new Map();
  for (const each of controls) groups.set(each.group ?? "", [...(groups.get(each.group ?? "") ?? []), each]);
  return [...groups];
}

function movedText({ kind, channel = 1, number }) {
  return `${KIND_TEXT[kind]}${number === undefined || number === null ? "" : ` ${number}`}, channel ${channel}`;
}

function Controller({ studio, controller, onAnswer }) {
  const { port, state, controls = [] } = controller;
  const [run, problem, isRunning] = useRequest();
  const forget = ({ control, kind, channel, number }) =>
    run(async () => onAnswer(await studio.wire.ask({ type: "forget_control", port, control, kind, channel, number })));
  return html`<li>
    <strong>${port}</strong> <span class="tag ${state === "used" ? "ready" : ""}">${STATE_TEXT[state]}</span>
    ${controller.map_name && html`<p class="facts">${controller.is_own_map ? "Your map" : "Map that comes with Bandmate"}: <code>${controller.map_file}</code></p>`}
    ${!controller.is_own_map && controls.length > 0 && html`<p class="facts">If you learn a control, a map of your own takes the place of this one.</p>`}
    <${Problem} problem=${problem} />
    ${controls.length > 0 &&
    html`<details open=${controller.is_own_map === true}>
      <summary>${controls.length} ${controls.length === 1 ? "control" : "controls"}</summary>
      <ul class="mapped">
        ${controls.map(
          (each) => html`<li>
            <span>${each.title || each.control}</span>
            <span class="facts">${movedText(each)}</span>
            ${controller.is_own_map && html`<button type="button" disabled=${isRunning} aria-label=${`Forget ${each.title || each.control}`} onClick=${() => forget(each)}>Forget</button>`}
          </li>`,
        )}
      </ul>
    </details>`}
  </li>`;
}
