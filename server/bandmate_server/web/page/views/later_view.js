// Views that are not needed at first: their modules are fetched once the page can be used, or when they are opened.
import { html, useEffect, useState } from "../vendor/preact-htm.js";

const viewLoaders = [];

/** A component whose module is fetched later; `name` is its export, `label` what a screen reader hears until then. */
export function laterView(name, label, load) {
  let View = null;
  let loading = null;
  const fetchModule = () => {
    loading ??= load().then(
      (module) => (View = module[name]),
      (error) => {
        loading = null;
        throw error;
      },
    );
    return loading;
  };
  viewLoaders.push(fetchModule);
  return function LaterView(props) {
    const [problem, setProblem] = useState(false);
    const [, setLoaded] = useState(View !== null);
    useEffect(() => {
      // Also where the module came between the first drawing and this: it is drawn then.
      fetchModule().then(() => setLoaded(true), () => setProblem(true));
    }, []);
    if (View !== null) return html`<${View} ...${props} />`;
    if (!problem) return html`<section class=${name.toLowerCase()} aria-label=${label} aria-busy="true"></section>`;
    return html`<section aria-label=${label}>
      <p role="alert" class="problem">The server did not send this part of the page.</p>
      <button type="button" onClick=${() => location.reload()}>Reload the page</button>
    </section>`;
  };
}

/** Fetches what was put off, so that no view is waited for; one that fails is tried again when it is opened. */
export function fetchLaterViews() {
  for (const fetchModule of viewLoaders) fetchModule().catch(() => {});
}
