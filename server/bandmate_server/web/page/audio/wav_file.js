// A WAV file out of samples that the page has: 32-bit floats, so that not a bit is lost.

const PIECE_FRAMES = 1 << 18;

/** The whole audio as a Blob. Throws Refusal when some of it cannot be fetched. */
export async function wavBlob(audio) {
  const pieces = [header(audio)];
  for (let from = 0; from < audio.frames; from += PIECE_FRAMES) {
    const count = Math.min(PIECE_FRAMES, audio.frames - from);
    await audio.prepare(from, count);
    const interleaved = new Float32Array(count * audio.channels);
    const channel = new Float32Array(count);
    for (let index = 0; index < audio.channels; index += 1) {
      channel.fill(0);
      audio.read(index, from, channel);
      for (let frame = 0; frame < count; frame += 1) interleaved[frame * audio.channels + index] = channel[frame];
    }
    pieces.push(interleaved);
  }
  return new Blob(pieces, { type: "audio/wav" });
}

function header({ channels, rate, frames }) {
  const bytes = frames * channels * 4;
  const view = new DataView(new ArrayBuffer(58));
  const text = (at, word) => [...word].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 50 + bytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 18, true);
  view.setUint16(20, 3, true); // floats
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * 4, true);
  view.setUint16(32, channels * 4, true);
  view.setUint16(34, 32, true);
  text(38, "fact");
  view.setUint32(42, 4, true);
  view.setUint32(46, frames, true);
  text(50, "data");
  view.setUint32(54, bytes, true);
  return view.buffer;
}
