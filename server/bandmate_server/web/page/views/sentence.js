// A sentence of the server, whose names in backticks are set as code.
import { html } from "../vendor/preact-htm.js";

export function Sentence({ text }) {
  return (text ?? "").split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}
