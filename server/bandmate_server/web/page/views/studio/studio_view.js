// The studio: what is connected, installed and set, one topic at a time.
import { html } from "../../vendor/preact-htm.js";
import { Doctor } from "./doctor.js";
import { Engines } from "./engines.js";
import { Plugins } from "./plugins.js";
import { Projects } from "./projects.js";
import { Settings } from "./settings.js";
import { Slots } from "./slots.js";
import { Surfaces } from "./surfaces.js";

const TOPICS = [
  ["projects", "Projects", Projects],
  ["engines", "Engines and models", Engines],
  ["slots", "Slots", Slots],
  ["surfaces", "Surfaces", Surfaces],
  ["plugins", "Plugins", Plugins],
  ["settings", "Settings", Settings],
  ["doctor", "Doctor", Doctor],
];

/** `onStage` shows what has been started. */
export function StudioView({ studio, onStage }) {
  const [topic, title, View] = TOPICS.find(([name]) => name === studio.place.topic) ?? TOPICS[0];
  return html`<div class="studio-view">
    <nav aria-label="Studio">
      ${TOPICS.map(
        ([name, text]) => html`<button type="button" aria-current=${name === topic ? "page" : undefined} onClick=${() => studio.place.showTopic(name)}>${text}</button>`,
      )}
    </nav>
    <section aria-label=${title} key=${topic}>
      <h2>${title}</h2>
      <${View} studio=${studio} onStage=${onStage} />
      <p class="facts version">Bandmate ${studio.wire.serverVersion}</p>
    </section>
  </div>`;
}
