// Hashes a file in the background: a page of another machine has no Web Crypto, and that takes no file in pieces.
import { sha256 } from "../vendor/noble/sha2.js";
import { bytesToHex } from "../vendor/noble/utils.js";

const PIECE_BYTES = 4 << 20;

self.onmessage = async ({ data: file }) => {
  try {
    const hash = sha256.create();
    for (let at = 0; at < file.size; at += PIECE_BYTES) {
      hash.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
      self.postMessage({ done: Math.min(at + PIECE_BYTES, file.size) });
    }
    self.postMessage({ sha256: bytesToHex(hash.digest()) });
  } catch (error) {
    self.postMessage({ problem: error.message });
  }
};
