// Waveforms, notes and the ruler on canvases, sharp on any screen.

/** Makes a canvas as large as it is shown; returns its context with one unit a CSS pixel, and its size. */
export function fitCanvas(canvas) {
  const scale = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const [wide, high] = [Math.max(Math.round(width * scale), 1), Math.max(Math.round(height * scale), 1)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Draws a stem's peaks; `view` is [first, last] in frames of the job. */
export function drawWaveform(canvas, stem, view, colour) {
  const { context, width, height } = fitCanvas(canvas);
  const { lows, highs, bucketFrames, drawn } = stem.audio;
  const [first, last] = view;
  const framesPerPixel = (last - first) / width;
  const middle = height / 2;
  context.fillStyle = colour;
  for (let x = 0; x < width; x += 1) {
    const from = first + x * framesPerPixel - stem.at;
    const end = Math.min(from + framesPerPixel, drawn);
    if (end <= 0 || from >= drawn) continue;
    const begin = Math.max(Math.floor(from / bucketFrames), 0);
    const stop = Math.max(Math.ceil(end / bucketFrames), begin + 1);
    let [low, high] = [0, 0];
    for (let bucket = begin; bucket < stop && bucket < lows.length; bucket += 1) {
      if (lows[bucket] < low) low = lows[bucket];
      if (highs[bucket] > high) high = highs[bucket];
    }
    const top = middle - (high / 127) * middle;
    context.fillRect(x, top, 1, Math.max(((high - low) / 127) * middle, 1));
  }
}

/** Draws a stem's notes as a piano roll. */
export function drawNotes(canvas, stem, view, colour) {
  const { context, width, height } = fitCanvas(canvas);
  const pitches = stem.notes.map((note) => note.pitch);
  const lowest = Math.min(...pitches) - 1;
  const rows = Math.max(Math.max(...pitches) - lowest + 2, 12);
  const row = height / rows;
  const [first, last] = view;
  const scale = width / (last - first);
  context.fillStyle = colour;
  for (const note of stem.notes) {
    const x = (note.start + stem.noteAt - first) * scale;
    const wide = Math.max(note.frames * scale, 2);
    if (x + wide < 0 || x > width) continue;
    context.globalAlpha = 0.35 + (0.65 * note.velocity) / 127;
    context.fillRect(x, height - (note.pitch - lowest + 1) * row, wide, Math.max(row - 0.5, 1.5));
  }
  context.globalAlpha = 1;
}

/** Draws bar numbers, and beats where there is room; `marks` are [frame, text] above them. */
export function drawRuler(canvas, lines, view, { text, line }, marks = []) {
  const { context, width, height } = fitCanvas(canvas);
  const [first, last] = view;
  const scale = width / (last - first);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  let free = -Infinity;
  for (const { frame, bar, beats } of lines) {
    const x = (frame - first) * scale;
    if (x > width) break;
    if (beats.length > 1 && (beats[1] - beats[0]) * scale > 9) {
      context.fillStyle = line;
      for (const beat of beats) context.fillRect((beat - first) * scale, height - 4, 1, 4);
    }
    if (x < -1 || x < free) continue;
    context.fillStyle = line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = text;
    context.fillText(String(bar), x + 4, 4);
    free = x + 34;
  }
  context.fillStyle = text;
  for (const [frame, word] of marks) context.fillText(word, (frame - first) * scale + 4, height - 16);
}
