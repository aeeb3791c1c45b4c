// The server's sentences in the words of the page: what they advise for the command line has a button or a field here.
import { fillTemplate } from "./templates.js";

const RULES = [
  [/`bandmate words(?: TEXT)?` (?:lists|searches) the vocabulary, and --anyway plays ([^.]*)\./, "Or it plays $1 all the same."],
  [/ ?`bandmate words` lists the known ones\./, ""],
  [/; --level does\./, "; the field Level does."],
  [/, such as with --midi-track, or/, ", or"],
  [/`bandmate jobs` lists the jobs\./, "The library lists the jobs."],
  [/cancel some \(`bandmate jobs` lists them\)/, "cancel some in the library"],
  [/`bandmate redo \S+ --seed \S+` renders it again\./, "“Again” with the same seed renders it again."],
  [/When that is fixed, `bandmate fetch \S+` fetches it\./, "When that is fixed, open it from the library."],
  [/`bandmate fetch \S+` starts it again/, "opening it from the library starts it again"],
  [/`bandmate plugins(?: --refresh)?` [^.]*\./, "The studio lists the plugins."],
  [/`bandmate models verify` checks for damage, `?bandmate models pull`? downloads [^.]*\./, "The studio verifies models and downloads them again."],
  [/`bandmate models (?:pull|list)[^`]*`(?:[^.;(]|\([^)]*\))*[.;]/, "download it here or in the studio."],
  [/Use `--engine (\w+)`/, "Choose the engine $1 under More"],
  [/or `--engine (\w+)`/, "or the engine $1 under More"],
  [/Release it first: `bandmate jobs keep \S+ --release`\./, "Press Keep beside it to release it first."],
  [/Cancel it first: `bandmate cancel \S+`\./, "Cancel it first."],
  [/--yes accepts the licences\./, "Accept the licences."],
  [/Name one with --track, or select one in REAPER and save; /, "Select one in the DAW and save the project; "],
  [/Give --from and --to, such as --from \S+ --to \S+, or select the time in REAPER and save\./, "Select the time in REAPER and save the project."],
  [/Choose one with --from and --to inside it, or glue/, "Select the time inside one of them and save the project, or glue"],
  [/Choose one(?: track)? with --midi-track/, "Select one track"],
  [/, or run `bandmate watch song\.rpp`/, ""],
];

/**
 * A sentence as the page says it. `wording` is its template with its values, where the server sent one: the template is
 * the same in every language, so what is matched does not depend on that of the sentence.
 */
export function pageWords(text, wording = null) {
  const template = wording?.template ?? (text ?? "");
  const said = RULES.reduce((so, [pattern, words]) => so.replace(pattern, words), template).trim();
  if (said === template) return (text ?? "").trim();
  const filled = wording ? fillTemplate(said, wording.values) : said;
  return filled.replace(/(^|\. )([a-z])/g, (_, before, letter) => before + letter.toUpperCase());
}

/** Whether a remedy offers to play what no word of the prompt asks for. */
export function offersAnyway(remedy, wording = null) {
  return (wording?.template ?? remedy ?? "").includes("--anyway");
}
