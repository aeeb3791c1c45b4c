// The installed plugins: what each brings, or why it is off.
import { html } from "../../vendor/preact-htm.js";

const STATUS_TEXT = {
  enabled: "on",
  disabled: "off",
  failed: "does not load",
  invalid: "not valid",
  heavy: "loads too much",
};

export function Plugins({ studio }) {
  const { catalogue } = studio;
  if (!catalogue) return html`<p role="status">Asking the server…</p>`;
  const plugins = [...catalogue.plugins].sort((a, b) => (a.status === "enabled") - (b.status === "enabled"));
  return html`<div class="table plugins" role="region" aria-label="List of plugins" tabindex="0">
    <table>
      <thead><tr><th scope="col">Plugin</th><th scope="col">Status</th><th scope="col">Brings, or why it is off</th><th scope="col">From</th></tr></thead>
      <tbody>
        ${plugins.map(
          (plugin) => html`<tr key=${plugin.name}>
            <td>${plugin.name}</td>
            <td><span class="tag ${plugin.status === "enabled" ? "ready" : "bad"}">${STATUS_TEXT[plugin.status] ?? plugin.status}</span></td>
            <td>${plugin.reason || contributions(catalogue, plugin.name)}</td>
            <td class="facts from">${plugin.distribution} ${plugin.version}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function contributions(catalogue, plugin) {
  const of = (list) => list.filter((each) => each.plugin === plugin).map((each) => each.title);
  const found = [
    ["Tasks", of(catalogue.tasks)],
    ["Engines", of(catalogue.engines)],
  ];
  const texts = found.filter(([, titles]) => titles.length > 0).map(([kind, titles]) => `${kind}: ${titles.join(", ")}`);
  return texts.join("; ") || "Commands";
}
