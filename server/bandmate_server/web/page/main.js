// The console starts here: sign in, connect, draw.
import { html, render } from "./vendor/preact-htm.js";
import { signInFromLink } from "./net/access.js";
import { Studio } from "./model/studio.js";
import { App } from "./views/app.js";

const problem = await signInFromLink();
const studio = new Studio(problem);
// For tests and for the curious: the page's state under one name.
window.bandmate = studio;
render(html`<${App} studio=${studio} />`, document.getElementById("app"));
studio.start();
