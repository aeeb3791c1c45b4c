// Files that were dropped on the page or chosen: one of them goes to the stage, and what becomes of the rest is said.
import { FileSource } from "./sources.js";

/** Takes the first file. `folders` are the names of folders among what was dropped. */
export function takeFiles(studio, files, folders = []) {
  const [file] = files;
  studio.notice = noticeOf(file, files.length, folders);
  if (file) studio.file = new FileSource(studio, file);
  studio.changed();
}

/** The files and the names of the folders in a drop. */
export function droppedFiles({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const folders = entries.filter((entry) => entry.isDirectory).map(({ name }) => name);
  return { files: [...files].filter(({ name }) => !folders.includes(name)), folders };
}

function noticeOf(file, count, folders) {
  if (!file && folders.length > 0) return { sentence: `“${folders[0]}” is a folder.`, remedy: "Drop an audio file out of it." };
  if (count < 2) return null;
  return { sentence: `${count} files were dropped, and only “${file.name}” is used.`, remedy: "Drop the others one at a time." };
}
