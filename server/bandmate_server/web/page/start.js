// Draws the page. What it imports is all that the first view needs; other views come later (views/later_view.js).
import { html, render } from "./vendor/preact-htm.js";
import { Studio } from "./model/studio.js";
import { App } from "./views/app.js";

/** `problem` is why signing in failed, or an empty text. */
export function startPage(wire, problem) {
  const studio = new Studio(wire, problem);
  // For tests and for the curious: the page's state under one name.
  window.bandmate = studio;
  render(html`<${App} studio=${studio} />`, document.getElementById("app"));
  studio.start();
}
