// Brings a file to the server: by its hash, so that one that is there already is not sent again.
import { Refusal } from "./access.js";

const PIECE_BYTES = 512 << 10;
const MOST_PLAYED_BYTES = 2e9; // browsers hold no more in one buffer, and the page plays the whole file

/** Uploads a file and returns its hash; `onProgress` gets a share from 0 to 1. Throws Refusal. */
export async function uploadFile(wire, file, onProgress) {
  const serverMost = wire.limits?.upload_bytes ?? Infinity;
  const most = Math.min(serverMost, MOST_PLAYED_BYTES);
  if (file.size > most) {
    const whose = most === serverMost ? "the server takes" : "a browser plays";
    throw new Refusal({
      sentence: `${file.name} has ${(file.size / 1e9).toFixed(1)} GB, but ${whose} at most ${(most / 1e9).toFixed(1)} GB.`,
      remedy: "Save it as FLAC, or a shorter part of it.",
    });
  }
  if (file.size === 0) throw new Refusal({ sentence: `${file.name} is empty.` });
  const sha256 = await hashFile(file, (done) => onProgress((done / file.size) * 0.5));
  const answer = await wire.ask({ type: "have", sha256: [sha256] });
  if ((answer.sha256 ?? []).includes(sha256)) await sendFile(wire, file, sha256, answer.offsets?.[0] ?? 0, onProgress);
  onProgress(1);
  return sha256;
}

function hashFile(file, onDone) {
  return new Promise((resolve, reject) => {
    const worker = new Worker("/page/worker/hash.js", { type: "module" });
    const fail = (text) => {
      worker.terminate();
      reject(new Refusal({ sentence: `${file.name} cannot be read: ${text}.` }));
    };
    worker.onerror = (event) => fail(event.message);
    worker.onmessage = ({ data }) => {
      if (data.problem) return fail(data.problem);
      if (data.done) return onDone(data.done);
      worker.terminate();
      resolve(data.sha256);
    };
    worker.postMessage(file);
  });
}

async function sendFile(wire, file, sha256, offset, onProgress) {
  const arrived = wire.waitFor((message) => message.type === "uploaded" && message.sha256 === sha256);
  let failure = null;
  let endMuting = () => {};
  arrived.catch((error) => {
    failure = error;
    // Pieces that are on their way are refused too; the first reason is the one that counts.
    endMuting = wire.muteErrors();
  });
  try {
    // When all of it is there already, a piece without bytes has the server check it.
    for (let at = Math.min(offset, file.size); at <= file.size && failure === null; at += PIECE_BYTES) {
      if (at === file.size && at !== offset) break;
      const data = new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer());
      wire.post({ type: "upload", sha256, total_bytes: file.size, offset: at, data });
      await wire.drained();
      onProgress(0.5 + (Math.min(at + PIECE_BYTES, file.size) / file.size) * 0.5);
    }
    await arrived;
  } catch (error) {
    // Once this is answered, the server has seen all pieces.
    await wire.ask({ type: "have", sha256: [sha256] }).catch(() => {});
    throw new Refusal({ ...error, sentence: `${file.name} was not uploaded. ${error.message}` });
  } finally {
    endMuting();
  }
}
