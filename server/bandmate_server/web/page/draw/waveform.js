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

const images = new WeakMap(); // of canvases, to be filled again with each frame of a zoom

/** Draws a stem's peaks; `view` is [first, last] in frames of the job, `colour` six hexadecimal digits. */
export function drawWaveform(canvas, stem, view, colour) {
  const { context } = fitCanvas(canvas);
  const { width, height } = canvas;
  let image = images.get(canvas);
  if (image?.width !== width || image?.height !== height) {
    image = context.createImageData(width, height);
    images.set(canvas, image);
  }
  const pixels = new Uint32Array(image.data.buffer);
  pixels.fill(0);
  const [first, last] = view;
  const framesPerPixel = (last - first) / width;
  const middle = height / 2;
  const ink = pixelOf(colour);
  for (let x = 0; x < width; x += 1) {
    const from = first + x * framesPerPixel - stem.at;
    if (from + framesPerPixel <= 0 || from >= stem.audio.frames) continue;
    const found = stem.audio.extremes(from, from + framesPerPixel);
    if (found === null) continue;
    const top = Math.round(middle - (found[1] / 127) * middle);
    const bottom = Math.min(Math.max(Math.round(middle - (found[0] / 127) * middle), top + 1), height);
    for (let at = top * width + x; at < bottom * width; at += width) pixels[at] = ink;
  }
  // Many times quicker than paths, where a browser draws without a graphics card.
  context.putImageData(image, 0, 0);
}

const IS_LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function pixelOf(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return (IS_LITTLE ? (255 << 24) | (blue << 16) | (green << 8) | red : (red << 24) | (green << 16) | (blue << 8) | 255) >>> 0;
}

/** Draws bar numbers, and beats where there is room; inside a bar, the time. */
export function drawRuler(canvas, lines, view, rate, { text, line }) {
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
  if (free < width / 2) drawTimes(context, view, rate, { from: Math.max(free, 0), width, height, text, line });
}

/** Times in seconds, as far apart as their labels need. */
function drawTimes(context, [first, last], rate, { from, width, height, text, line }) {
  const scale = (width * rate) / (last - first); // pixels a second
  const power = 10 ** Math.ceil(Math.log10(90 / scale));
  const step = [0.2, 0.5, 1].map((share) => share * power).find((each) => each * scale >= 90) ?? power;
  const digits = Math.max(Math.ceil(-Math.log10(step)), 0);
  for (let number = Math.ceil(first / rate / step); number * step * rate <= last; number += 1) {
    const x = (number * step - first / rate) * scale;
    if (x < from) continue;
    context.fillStyle = line;
    context.fillRect(x, height - 4, 1, 4);
    context.fillStyle = text;
    context.fillText(`${(number * step).toFixed(digits)} s`, x + 4, height - 16);
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
