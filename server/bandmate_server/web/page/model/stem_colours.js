// Colours of stems that have the same role: the second is lighter, the third darker, so that they can be told apart.

const SHADES = [0, 0.38, -0.35, 0.6, -0.55];

/** A role's colour for a stem, given those that were announced before it. */
export function shadeFor(colour, before) {
  const count = before.filter((stem) => stem.roleColour === colour).length;
  return shade(colour, SHADES[count % SHADES.length]);
}

/** A colour of six hexadecimal digits, mixed with white (above zero) or black (below). */
function shade(colour, amount) {
  const aim = amount > 0 ? 255 : 0;
  const mixed = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16);
    return Math.round(value + (aim - value) * Math.abs(amount)).toString(16).padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}
