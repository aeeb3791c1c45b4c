// The table of the library: only the rows in sight are in the document, however many jobs there are.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact-htm.js";
import { lengthText, stateText, sizeText, starText } from "./texts.js";
import { titleOf } from "../model/job_titles.js";

const ROW_PX = 38;
const HEAD_PX = 34;
const SPARE_ROWS = 8;
const DAY = new Intl.DateTimeFormat([], { dateStyle: "short" });
const WHEN = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "short" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const COLUMNS = ["When", "What", "Task", "Engine", "Length", "State", "Rating", "Size", "Actions"];

export function JobGrid({ studio, onOpen, onCompare, onDrop }) {
  const { library } = studio;
  const total = library.total ?? 0;
  const grid = useRef(null);
  const [seen, setSeen] = useState(() => ({ first: library.topRow, count: 30 }));
  const look = () => {
    const { scrollTop, clientHeight } = grid.current;
    const first = Math.floor(scrollTop / ROW_PX);
    const count = Math.ceil((clientHeight - HEAD_PX) / ROW_PX) + 1;
    if (first !== seen.first || count !== seen.count) setSeen({ first, count });
    library.show(first, first + count);
  };
  /** A click selects; with Ctrl or Cmd it marks one more, with Shift all up to there. */
  const pick = (index, event) => {
    if (event.shiftKey) library.marked.extendTo(index, selectedRow.current);
    else if (event.ctrlKey || event.metaKey) library.marked.toggle(index, selectedRow.current);
    else library.selectRow(index);
  };
  const selectedRow = useRef(undefined);
  const drawRows = useDrawnRows(studio, { onOpen, onCompare, onPick: pick });
  const looking = useRef(look);
  looking.current = look;
  useScrollPlace(library, grid);
  useEffect(() => {
    // It calls back at once, too.
    const observer = new ResizeObserver(() => looking.current());
    observer.observe(grid.current);
    return () => {
      observer.disconnect();
      library.hide();
    };
  }, [library]);
  const from = Math.max(seen.first - SPARE_ROWS, 0);
  const to = Math.min(seen.first + seen.count + SPARE_ROWS, total);
  const rows = [];
  for (let index = from; index < to; index += 1) rows.push(index);
  const findSelected = () => rows.find((index) => library.row(index)?.job === library.selected);
  const active = findSelected();
  if (active !== undefined || library.selected === null) selectedRow.current = active;
  const scrollTo = (index) => showRow(grid.current, index);
  // A key may come before the one before it is drawn.
  const press = (event) => handleKey(event, { library, total, active: findSelected(), seen, scrollTo, onOpen, onDrop, studio });
  return html`<div
    class="job-grid"
    role="grid"
    aria-label="Jobs"
    aria-rowcount=${total + 1}
    aria-activedescendant=${active === undefined ? undefined : rowId(library.selected)}
    aria-busy=${library.total === null}
    aria-multiselectable="true"
    tabindex="0"
    ref=${grid}
    onScroll=${() => {
      look();
      library.scrolledTo(Math.floor(grid.current.scrollTop / ROW_PX));
    }}
    onKeyDown=${press}
  >
    <div role="rowgroup" class="grid-head">
      <div role="row" class="job-row" aria-rowindex="1">
        ${COLUMNS.map((name) => html`<span role="columnheader" class=${`cell-${name.toLowerCase()}`}>${name}</span>`)}
      </div>
    </div>
    <div role="rowgroup" class="rows" style=${{ height: `${total * ROW_PX}px` }}>
      ${drawRows(rows, active)}
    </div>
  </div>`;
}

/** Draws rows; one that is as it was keeps its element, so that a frame of scrolling draws the few that came in sight. */
function useDrawnRows({ library, opened, catalogue, tasks }, { onOpen, onCompare, onPick }) {
  const drawn = useRef(new Map());
  return (rows, active) => {
    const before = drawn.current;
    const taskTitles = Object.fromEntries(tasks.map(({ name, title }) => [name, title]));
    drawn.current = new Map();
    return rows.map((index) => {
      const [summary, openedId] = [library.row(index), opened?.id];
      const isSelected = library.marked.count > 0 ? library.marked.has(summary?.job) : index === active;
      let row = before.get(index);
      if (!row || row.summary !== summary || row.isSelected !== isSelected || row.openedId !== openedId || row.catalogue !== catalogue) {
        const element = html`<${JobRow}
          key=${index}
          index=${index}
          summary=${summary}
          isSelected=${isSelected}
          taskTitle=${taskTitles[summary?.task] ?? summary?.task}
          opened=${opened}
          onPick=${onPick}
          onOpen=${onOpen}
          onCompare=${onCompare}
        />`;
        row = { summary, isSelected, openedId, catalogue, element };
      }
      drawn.current.set(index, row);
      return row.element;
    });
  };
}

function JobRow({ index, summary, isSelected, taskTitle, opened, onPick, onOpen, onCompare }) {
  const place = { transform: `translateY(${index * ROW_PX}px)` };
  if (summary === null) {
    return html`<div role="row" class="job-row" aria-rowindex=${index + 2} style=${place}>
      <span role="gridcell" class="cell-what">…</span>
    </div>`;
  }
  const canCompare = opened && opened.id !== summary.job && summary.state === "done";
  return html`<div
    role="row"
    id=${rowId(summary.job)}
    class="job-row ${summary.state} ${summary.kept ? "kept" : ""}"
    aria-rowindex=${index + 2}
    aria-selected=${isSelected}
    style=${place}
    onClick=${(event) => onPick(index, event)}
  >
    <span role="gridcell" class="cell-when" title=${WHEN.format(summary.created_ms)}>${whenText(summary.created_ms)}</span>
    <span role="gridcell" class="cell-what">
      <button type="button" class="link" tabindex="-1" title=${titleOf(summary)} onClick=${() => onOpen(summary)}>${titleOf(summary)}</button>
    </span>
    <span role="gridcell" class="cell-task">${taskTitle}</span>
    <span role="gridcell" class="cell-engine">${summary.engine === "none" ? "" : summary.engine}</span>
    <span role="gridcell" class="cell-length">${lengthText(summary.timeline)}</span>
    <span role="gridcell" class="cell-state" title=${summary.sentence ?? ""}>${stateText(summary)}</span>
    <span role="gridcell" class="cell-rating">${summary.kept ? html`<span class="tag" title="Nothing removes it">kept</span> ` : ""}<span aria-label=${`${summary.rating ?? 0} stars`} role="img">${starText(summary.rating ?? 0)}</span></span>
    <span role="gridcell" class="cell-size">${sizeText(summary.disk_bytes ?? 0)}</span>
    <span role="gridcell" class="cell-actions">
      ${canCompare && html`<button type="button" tabindex="-1" onClick=${() => onCompare(summary)}>Compare</button>`}
    </span>
  </div>`;
}

/** Goes back to where the list was before a reload, and stays with its rows when new ones come above them. */
function useScrollPlace(library, grid) {
  const place = useRef({ isRestored: false, grown: library.grown, asked: library.filters });
  useLayoutEffect(() => {
    const now = place.current;
    if (library.total !== null && !now.isRestored) {
      now.isRestored = true;
      grid.current.scrollTop = library.topRow * ROW_PX;
    } else if (library.filters !== now.asked) {
      grid.current.scrollTop = 0;
    } else if (library.grown > now.grown && grid.current.scrollTop > ROW_PX) {
      grid.current.scrollTop += (library.grown - now.grown) * ROW_PX;
    }
    now.grown = library.grown;
    now.asked = library.filters;
  }, [library.total, library.grown, library.filters]);
}

function handleKey(event, { library, total, active, seen, scrollTo, onOpen, onDrop, studio }) {
  if (event.target !== event.currentTarget || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key !== "a" || total === 0) return;
    library.marked.clear();
    library.marked.extendTo(total - 1, 0);
    event.preventDefault();
    return;
  }
  const page = Math.max(seen.count - 2, 1);
  const at = library.pendingRow ?? active ?? seen.first;
  const steps = {
    ArrowDown: library.pendingRow === null && active === undefined ? at : at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: total - 1,
  };
  const chosen = active === undefined ? null : library.row(active);
  const several = library.marked.all;
  const isDropped = typeof several[0]?.dropped_ms === "number";
  if (event.key in steps) {
    const isStep = event.key !== "Home" && event.key !== "End";
    const from = event.shiftKey && isStep && library.marked.end !== null ? library.marked.end - at : 0;
    const next = Math.min(Math.max(steps[event.key] + from, 0), total - 1);
    scrollTo(next);
    if (event.shiftKey) library.marked.extendTo(next, active);
    else library.selectRow(next);
  } else if (event.key === "Escape" && library.marked.count > 0) library.select(library.selected);
  else if (chosen && event.key === "Enter") onOpen(chosen);
  else if (several.length > 1 && event.key === "Delete") onDrop(several.filter((each) => (typeof each.dropped_ms === "number") === isDropped));
  else if (several.length > 1 && /^[0-5]$/.test(event.key)) studio.attempt(() => library.annotateAll(several, { rating: Number(event.key) }));
  else if (several.length > 1 && event.key === "k") studio.attempt(() => library.annotateAll(several, { kept: !several.every((each) => each.kept) }));
  else if (chosen && event.key === "Delete") onDrop([chosen]);
  else if (chosen && /^[0-5]$/.test(event.key)) studio.attempt(() => library.annotate(chosen.job, { rating: Number(event.key) }));
  else if (chosen && event.key === "k") studio.attempt(() => library.annotate(chosen.job, { kept: !chosen.kept }));
  else return;
  event.preventDefault();
}

function showRow(grid, index) {
  const [top, bottom] = [index * ROW_PX, (index + 1) * ROW_PX];
  const room = grid.clientHeight - HEAD_PX;
  if (top < grid.scrollTop) grid.scrollTop = top;
  else if (bottom > grid.scrollTop + room) grid.scrollTop = bottom - room;
}

function rowId(job) {
  return `job-${job}`;
}

/** Today's with the time, older ones with the day. */
function whenText(milliseconds) {
  const isToday = new Date(milliseconds).toDateString() === new Date().toDateString();
  return (isToday ? CLOCK : DAY).format(milliseconds);
}
