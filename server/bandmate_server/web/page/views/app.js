// The frame around everything: header, connection, what to do when there is none.
import { html, useEffect } from "../vendor/preact-htm.js";
import { droppedFiles, takeFiles } from "../model/dropped_files.js";
import { useStudio } from "./hooks.js";
import { fetchLaterViews, laterView } from "./later_view.js";
import { LeftRequests } from "./left_requests.js";
import { Make } from "./make.js";
import { ProblemHelp } from "./problem_help.js";

const Library = laterView("Library", "Library", () => import("./library.js"));
const Stage = laterView("Stage", "Stage", () => import("./stage.js"));
const StudioView = laterView("StudioView", "Studio", () => import("./studio/studio_view.js"));

const PLACES = [
  ["make", "Make"],
  ["library", "Library"],
  ["studio", "Studio"],
];

export function App({ studio }) {
  useStudio(studio);
  const place = studio.place.view;
  const setPlace = (view) => studio.place.showView(view);
  const isUsable = studio.catalogue !== null;
  useEffect(() => {
    if (isUsable) fetchLaterViews();
  }, [isUsable]);
  useDrops(studio, () => setPlace("make"));
  if (studio.connection === "signed-out") return html`<${SignIn} problem=${studio.signInProblem} />`;
  return html`
    <header>
      <h1>Bandmate</h1>
      <nav aria-label="Views">
        ${PLACES.map(
          ([name, title]) => html`<button
            type="button"
            aria-current=${place === name ? "page" : undefined}
            onClick=${() => setPlace(name)}
          >
            ${title}
          </button>`,
        )}
      </nav>
      <${Connection} studio=${studio} />
      <button type="button" class="quiet" onClick=${() => studio.leave()}>Sign out</button>
    </header>
    <${Notice} studio=${studio} />
    <${LeftRequests} studio=${studio} />
    <main class=${place}>
      ${place === "make" && html`<${Make} studio=${studio} />`}
      ${place === "library" && html`<${Library} studio=${studio} onOpen=${() => setPlace("make")} />`}
      ${place === "studio" && html`<${StudioView} studio=${studio} onStage=${() => setPlace("make")} />`}
      ${place === "make" && html`<${Stage} studio=${studio} />`}
    </main>
  `;
}

/** A file may be dropped anywhere: the browser would leave the page for it otherwise. */
function useDrops(studio, onFile) {
  useEffect(() => {
    const isFile = (event) => event.dataTransfer?.types.includes("Files");
    const allow = (event) => isFile(event) && event.preventDefault();
    const drop = (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      if (studio.connection === "signed-out") return;
      const { files, folders } = droppedFiles(event.dataTransfer);
      takeFiles(studio, files, folders);
      onFile();
    };
    window.addEventListener("dragover", allow);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", allow);
      window.removeEventListener("drop", drop);
    };
  }, [studio]);
}

function SignIn({ problem }) {
  return html`<main class="sign-in">
    <h1>Bandmate</h1>
    ${problem && html`<p role="alert" class="problem">${problem}</p>`}
    <p>This browser is not signed in. In a terminal, run:</p>
    <pre tabindex="0">bandmate console</pre>
    <p>It opens this page again, signed in. The link works once, for a minute.</p>
  </main>`;
}

const CONNECTION_TEXT = {
  connecting: "Connecting…",
  open: "Connected",
  lost: "The server is gone. Trying again…",
};

function Connection({ studio }) {
  const state = studio.connection;
  return html`<span class="connection ${state}" role="status">${CONNECTION_TEXT[state]}</span>`;
}

function Notice({ studio }) {
  const notice = studio.notice;
  if (!notice) return null;
  const close = () => {
    studio.notice = null;
    studio.changed();
  };
  return html`<div class="${notice.isGood ? "good" : "problem"} notice" role=${notice.isGood ? "status" : "alert"}>
    <div><strong>${notice.sentence}</strong> ${notice.remedy} <${ProblemHelp} studio=${studio} problem=${notice} /></div>
    <button type="button" class="quiet" onClick=${close} aria-label="Close this message">✕</button>
  </div>`;
}
