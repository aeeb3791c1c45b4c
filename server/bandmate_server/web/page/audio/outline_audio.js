// Audio that is drawn from the server's peaks and not played: a file that is too long for the browser to decode.
import { StemAudio } from "./stem_audio.js";

export class OutlineAudio extends StemAudio {
  /** A deep zoom has no more than the peaks. */
  async loadDetail() {}
}
