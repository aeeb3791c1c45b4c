// The buttons that take one stem away: by a click, or by dragging it into the DAW.
import { html, useRef } from "../vendor/preact-htm.js";
import { wavBlob } from "../audio/wav_file.js";
import { mixOrder } from "../model/downloads.js";
import { orderFile, saveAddress, saveBlob } from "../net/files.js";

export function SaveStem({ studio, job, stem }) {
  if (!stem.ended || stem.audio.isGone || job.isFile || stem.isSource) return null;
  const mix = stem.isPatched ? mixOrder(job, stem) : null;
  if (stem.isPatched && mix === null) return html`<${SaveHere} ...${{ studio, job, stem }} />`;
  return html`<${SaveFile} ...${{ studio, stem, order: (container) => stemOrder(job, stem, mix, container) }} />`;
}

/** What a range was made again in is sent as it is, to the last bit. */
function stemOrder(job, stem, mix, container) {
  if (mix === null) return { job: job.id, stem: stem.index, container };
  return { job: job.id, stem: 0, container, bits: container === "wav" ? 32 : 24, mixes: [mix] };
}

/** A file of the musician's with a range made again: only the page has all of it. */
function SaveHere({ studio, job, stem }) {
  const save = () => studio.attempt(async () => saveBlob(await wavBlob(stem.audio), `${stem.name} ${job.id}.wav`));
  return html`<span class="save"><button type="button" aria-label=${`Download ${stem.name} as WAV`} onClick=${save}>WAV</button></span>`;
}

function SaveFile({ studio, stem, order }) {
  const save = (container) =>
    studio.attempt(async () => {
      const { address, name } = await orderFile(order(container));
      saveAddress(address, name);
    });
  // A drag cannot wait for an answer, so the address is asked for when the pointer comes near.
  const ready = useRef(null);
  const prepare = () => (ready.current ??= orderFile(order("wav")).then((file) => (ready.current = file), () => (ready.current = null)));
  const drag = (event) => {
    const { address, name } = ready.current ?? {};
    if (address) event.dataTransfer.setData("DownloadURL", `audio/wav:${name}:${location.origin}${address}`);
  };
  return html`<span class="save">
    <button
      type="button"
      draggable="true"
      title="Click to download, or drag it into the DAW"
      aria-label=${`Download ${stem.name} as WAV`}
      onPointerEnter=${prepare}
      onDragStart=${drag}
      onClick=${() => save("wav")}
    >WAV</button>
    <button type="button" aria-label=${`Download ${stem.name} as FLAC`} onClick=${() => save("flac")}>FLAC</button>
  </span>`;
}
