// Waveforms and the ruler on canvases, sharp on any screen.

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
  const [first, last] = view;
  const framesPerPixel = (last - first) / width;
  const middle = height / 2;
  context.fillStyle = colour;
  context.beginPath();
  let tops = []; // of the stretch that is being drawn, and its bottoms
  let bottoms = [];
  const close = (end) => {
    // One outline is filled many times quicker than a bar for each column.
    tops.forEach((top, index) => (index === 0 ? context.moveTo : context.lineTo).call(context, end - tops.length + index, top));
    if (tops.length > 0) context.lineTo(end, tops.at(-1));
    if (tops.length > 0) context.lineTo(end, bottoms.at(-1));
    for (let index = bottoms.length - 1; index >= 0; index -= 1) context.lineTo(end - bottoms.length + index, bottoms[index]);
    [tops, bottoms] = [[], []];
  };
  for (let x = 0; x < width; x += 1) {
    const from = first + x * framesPerPixel - stem.at;
    const isInside = from + framesPerPixel > 0 && from < stem.audio.frames;
    const found = isInside ? stem.audio.extremes(from, from + framesPerPixel) : null;
    if (found === null) {
      close(x);
      continue;
    }
    const top = middle - (found[1] / 127) * middle;
    tops.push(top);
    bottoms.push(Math.max(middle - (found[0] / 127) * middle, top + 1));
  }
  close(width);
  context.fill();
}

/** Draws bar numbers, and beats where there is room. */
export function drawRuler(canvas, lines, view, { text, line }) {
  const { context, width, height } = fitCanvas(canvas);
  const [first, last] = view;
  const scale = width / (last - first);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  let free = -Infinity;
  for (let index = firstLine(lines, first); index < lines.length; index += 1) {
    const { frame, bar, beats } = lines[index];
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
    context.fillText(String(bar), x + 4, 3);
    free = x + 34;
  }
}

/** The bar in which a view begins: an hour has thousands before it. */
function firstLine(lines, frame) {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].frame <= frame) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, 0);
}
