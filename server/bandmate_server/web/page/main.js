// The console starts here: it signs in and connects while the rest of the page is still on its way.
import { signInFromLink } from "./net/access.js";
import { Wire } from "./net/wire.js";

const wire = new Wire();
const signingIn = signInFromLink();
signingIn.then(() => wire.open());
const { startPage } = await import("./start.js");
startPage(wire, await signingIn);
