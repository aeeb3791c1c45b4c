// Minutes and seconds as a clock has them.

export function timeText(seconds) {
  const hundredths = Math.round(seconds * 100);
  const minutes = Math.floor(hundredths / 6_000);
  return `${minutes}:${((hundredths - minutes * 6_000) / 100).toFixed(2).padStart(5, "0")}`;
}
