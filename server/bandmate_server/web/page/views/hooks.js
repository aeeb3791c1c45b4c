// What the views share: following the studio, values that survive a reload, drawing when something changed.
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "../vendor/preact-htm.js";
import { browserState } from "../model/stored_state.js";

/** Draws the view again whenever the studio changed, or a part of it that can be listened to. */
export function useStudio(studio) {
  const [, again] = useReducer((count) => count + 1, 0);
  useEffect(() => studio.listen(again), [studio]);
  return studio;
}

/** A value that is still there after a reload. */
export function useKept(name, first) {
  const [value, setValue] = useState(() => browserState.read(name) ?? first);
  const keep = (next) => {
    setValue(next);
    browserState.write(name, next);
  };
  return [value, keep];
}

/** A canvas that `draw` fills whenever one of `inputs` or its size changed. */
export function useCanvas(draw, inputs) {
  const canvas = useRef(null);
  useLayoutEffect(() => {
    if (canvas.current) draw(canvas.current);
  }, inputs);
  useEffect(() => {
    const observer = new ResizeObserver(() => canvas.current && draw(canvas.current));
    observer.observe(canvas.current);
    // Another theme has other colours.
    const theme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => canvas.current && draw(canvas.current);
    theme.addEventListener("change", redraw);
    return () => {
      observer.disconnect();
      theme.removeEventListener("change", redraw);
    };
  }, inputs);
  return canvas;
}

/** Calls `step` once a frame while the view is shown. */
export function useFrames(step, isActive) {
  useEffect(() => {
    if (!isActive) return undefined;
    let handle = requestAnimationFrame(function run() {
      step();
      handle = requestAnimationFrame(run);
    });
    return () => cancelAnimationFrame(handle);
  });
}
