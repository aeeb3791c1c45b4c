// Which jobs belong together: those made of the same music, through repaints, accompaniments and analyses.

/** Whether two jobs go back to the same one. */
export function areRelated(one, other) {
  return rootOf(one).id === rootOf(other).id;
}

function rootOf(job) {
  let root = job;
  while (root.base !== null) root = root.base;
  return root;
}
