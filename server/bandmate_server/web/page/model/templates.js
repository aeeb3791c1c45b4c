// Templates of sentences, as the server fills them: names in braces, some with a short format such as `{bpm:.1f}`.

const PART = /\{\{|\}\}|\{(\w+)(?::([^{}]*))?\}/g;
const FORMAT = /^(\+)?(0\d*)?(,)?(?:\.(\d))?([fd%]?)$/;

/** The sentence; a value may be a wording of its own, and one that is missing stays as its name. */
export function fillTemplate(template, values = {}) {
  return template.replace(PART, (part, name, format = "") => {
    if (name === undefined) return part[0];
    if (!(name in values)) return part;
    return valueText(values[name], format);
  });
}

function valueText(value, format) {
  if (value !== null && typeof value === "object") return fillTemplate(value.template, value.values);
  const [, sign = "", zeros = "", comma, digits, kind] = FORMAT.exec(format) ?? [];
  if (typeof value !== "number" || format === "") return String(value);
  const scaled = kind === "%" ? value * 100 : value;
  const isFixed = digits !== undefined || kind === "f" || kind === "%";
  const plain = isFixed ? scaled.toFixed(digits === undefined ? 6 : Number(digits)) : String(scaled);
  const [whole, rest] = plain.split(".");
  const grouped = comma ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  const text = (value >= 0 ? sign : "") + grouped + (rest === undefined ? "" : `.${rest}`);
  return text.padStart(Number(zeros), "0") + (kind === "%" ? "%" : "");
}
