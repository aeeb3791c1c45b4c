// A job's recipe as a file, and a form out of such a file.
import { Refusal } from "../net/access.js";

const KIND = "recipe";

export function recipeText({ task, engine, seed, params, options, range }) {
  return JSON.stringify({ bandmate: KIND, task, engine, seed, params, options, timeline: range }, null, 2);
}

/** What the form has to hold to make that music again. Throws Refusal for a file that is no recipe. */
export function formOfRecipe(text, studio) {
  let recipe;
  try {
    recipe = JSON.parse(text);
  } catch {
    recipe = null;
  }
  if (recipe?.bandmate !== KIND || typeof recipe.task !== "string") {
    throw new Refusal({ sentence: "This file is no recipe of the console.", remedy: "Recipe (JSON) on a job saves one." });
  }
  const task = studio.task(recipe.task);
  if (!task) throw new Refusal({ sentence: `This server has no task ${recipe.task}.` });
  const engines = studio.enginesFor(task).map((engine) => engine.name);
  return {
    task: recipe.task,
    values: { ...recipe.params, ...recipe.options },
    music: musicOf(recipe.timeline),
    engine: engines.includes(recipe.engine) ? recipe.engine : "",
    seed: String(recipe.seed ?? ""),
  };
}

function musicOf(timeline) {
  const first = timeline?.tempo?.[0];
  if (!first) return {};
  const { bpm, numerator = 4, denominator = 4 } = first;
  const seconds = (timeline.end_frame - timeline.start_frame) / timeline.sample_rate;
  const bars = (seconds * bpm * denominator) / (60 * 4 * numerator);
  return { bpm, metre: `${numerator}/${denominator}`, key: timeline.key ?? "", bars: Math.round(bars * 1e6) / 1e6 };
}
