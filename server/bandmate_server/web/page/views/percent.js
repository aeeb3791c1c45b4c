// Where a frame lies in what is shown, in per cent of its width.

export function percent(frame, [first, last]) {
  return ((frame - first) / (last - first)) * 100;
}
