"""The console in Chromium: what is sent before it can be used, how soon that is, and how smoothly it draws.

Next to: a page without anything on it, of the same server in the same browser.
"""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect, sync_playwright

from bandmate_protocol.messages import ListJobs
from tests.bench.figure import Figure, median
from tests.bench.hour_of_stems import put_hour_of_stems
from tests.console.acting import choose_task
from tests.console.conftest import CHROMIUM, OPTIONS, console_link
from tests.material.many_jobs import fill_job_table
from tests.running import RunningServer
from tests.server.wire import Wire

LOADS = 7
IS_USABLE = """() => document.querySelector("form button[type=submit]:enabled") !== null"""
STEMS = 8
FRAMES_SECONDS = 4.0
OPENINGS = 3
COUNT_FRAMES = """(seconds) => new Promise((resolve) => {
  let count = 0;
  const begun = performance.now();
  requestAnimationFrame(function step(now) {
    count += 1;
    if (now - begun < seconds * 1000) requestAnimationFrame(step);
    else resolve((count * 1000) / (now - begun));
  });
})"""


OPEN_LONG = """async (job) => {
  const begun = performance.now();
  await bandmate.openListed({ job });
  const isDrawn = () =>
    bandmate.opened?.stems.length === 8 &&
    bandmate.opened.stems.every((stem) => stem.audio.drawn === stem.audio.frames) &&
    document.querySelectorAll(".wave").length === 8;
  while (!isDrawn()) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return (performance.now() - begun) / 1000;
}"""
MOVE = """(how) => {
  let step = 0;
  const move = () => {
    if (globalThis.stopped) return;
    const { view } = bandmate;
    if (how === "scroll") view.scroll(step % 200 < 100 ? view.frames / 50 : -view.frames / 50);
    else view.zoom(step % 200 < 100 ? 0.93 : 1 / 0.93, (view.first + view.last) / 2);
    step += 1;
    requestAnimationFrame(move);
  };
  globalThis.stopped = false;
  move();
}"""
PLAIN_ROWS = """(rows) => {
  const grid = document.body.appendChild(document.createElement("div"));
  grid.setAttribute("role", "grid");
  Object.assign(grid.style, { height: "700px", overflow: "auto", contain: "strict" });
  for (let row = 0; row < rows; row += 1) {
    const line = grid.appendChild(document.createElement("div"));
    Object.assign(line.style, { height: "38px", display: "grid", gridTemplateColumns: "repeat(8, 1fr)" });
    for (let cell = 0; cell < 8; cell += 1) line.appendChild(document.createElement("span")).textContent = `row ${row}`;
  }
}"""
SCROLL_FRAMES = """(seconds) => new Promise((resolve) => {
  const grid = document.querySelector("[role=grid]");
  let count = 0;
  const begun = performance.now();
  requestAnimationFrame(function step(now) {
    count += 1;
    // Three rows a frame, which a wheel that is turned fast does.
    grid.scrollTop += 114;
    if (now - begun < seconds * 1000) requestAnimationFrame(step);
    else resolve((count * 1000) / (now - begun));
  });
})"""
SCROLL_WORK = """async (steps) => {
  const grid = document.querySelector("[role=grid]");
  let spent = 0;
  for (let step = 0; step < steps; step += 1) {
    await new Promise(requestAnimationFrame);
    const begun = performance.now();
    grid.scrollTop += 114;
    grid.dispatchEvent(new Event("scroll"));
    await null;
    await null;
    grid.getBoundingClientRect();
    spent += performance.now() - begun;
  }
  return spent / steps;
}"""
SCROLL_STEPS = 300
PLAIN_COUNT = 1_500
FRAME_MS = 1_000 / 60
MANY_JOBS = 100_000
LISTS = 15


def measure(folder):
    long_job = put_hour_of_stems(folder / "data")
    server = RunningServer(folder)
    fill_job_table(folder / "data" / "jobs.sqlite", MANY_JOBS)
    server.start()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        try:
            return [
                *_loading(browser, server),
                *_long_job(browser, server, long_job),
                *_streaming(browser, server),
                *_scrolling(browser, server),
                *_searching(server),
            ]
        finally:
            browser.close()
            server.stop()


def _loading(browser, server):
    """Each load in a fresh context, so that nothing is cached."""
    usable, empty, sizes = [], [], []
    for _ in range(LOADS):
        context = browser.new_context()
        page = context.new_page()
        finished = []
        page.on("requestfinished", lambda request, finished=finished: finished.append(request))
        link = console_link(server)
        begun = time.perf_counter()
        page.goto(link, wait_until="commit")
        # Asked once a frame; `expect` would ask again only after up to half a second.
        page.wait_for_function(IS_USABLE)
        usable.append(time.perf_counter() - begun)
        sizes.append(sum(request.sizes()["responseBodySize"] for request in tuple(finished)))
        bare = context.new_page()
        begun = time.perf_counter()
        bare.goto(f"http://{server.address}/health")
        empty.append(time.perf_counter() - begun)
        context.close()
    beside = f"a page of one line: {median(empty):.3f} s"
    ratio = median(usable) / median(empty)
    return [
        Figure("console: sent before it can be used", median(sizes) / 1e3, "kB", aim="under 400 kB"),
        Figure("console: until it can be used", median(usable), "s", beside, ratio, "under 1 s"),
    ]


def _streaming(browser, server):
    page = browser.new_page()
    page.goto(f"http://{server.address}/health")
    idle = page.evaluate(COUNT_FRAMES, FRAMES_SECONDS)
    page.goto(console_link(server))
    choose_task(page, "Noise")
    page.locator("[name=stems]").fill(str(STEMS))
    page.locator("[name=pieces]").fill("1000")
    page.locator("[name=delay_ms]").fill("20")
    page.locator("[name=bars]").fill("64")
    page.locator("form button[type=submit]").click()
    page.wait_for_function(f"() => bandmate.opened?.stems.length === {STEMS}")
    page.evaluate("bandmate.player.play()")
    streaming = page.evaluate(COUNT_FRAMES, FRAMES_SECONDS)
    page.get_by_role("button", name="Cancel").click()
    beside = f"an idle page: {idle:.0f} a second"
    return [
        Figure(
            "console: frames while eight stems stream and play",
            streaming,
            "1/s",
            beside,
            streaming / idle,
            "60",
        )
    ]


def _long_job(browser, server, job):
    """An hour of eight stems: opened, played, scrolled and zoomed; each frame beside those of an idle page."""
    page = browser.new_page()
    page.goto(f"http://{server.address}/health")
    idle = page.evaluate(COUNT_FRAMES, FRAMES_SECONDS)
    opened = []
    for _ in range(OPENINGS):
        context = browser.new_context()
        page = context.new_page()
        page.goto(console_link(server))
        expect(page.locator("form button[type=submit]")).to_be_enabled()
        opened.append(page.evaluate(OPEN_LONG, job))
        if len(opened) < OPENINGS:
            context.close()
    beside = f"an idle page: {idle:.0f} a second"
    figures = [Figure("console: until an hour of eight stems is drawn", median(opened), "s", aim="under 2 s")]
    page.evaluate("bandmate.player.play()")
    page.wait_for_function("() => bandmate.player.position > 48_000")
    for doing, start in (
        ("plays", None),
        ("zooms and plays", "zoom"),
        ("scrolls and plays", "scroll"),
    ):
        if start == "scroll":
            page.evaluate("bandmate.view.show(0, 600 * 48_000)")
        if start:
            page.evaluate(MOVE, start)
        frames = page.evaluate(COUNT_FRAMES, FRAMES_SECONDS)
        page.evaluate("globalThis.stopped = true")
        figures.append(
            Figure(
                f"console: frames while an hour of eight stems {doing}",
                frames,
                "1/s",
                beside,
                frames / idle,
                "60",
            )
        )
    context.close()
    return figures


def _scrolling(browser, server):
    page = browser.new_page()
    page.goto(f"http://{server.address}/health")
    idle = page.evaluate(COUNT_FRAMES, FRAMES_SECONDS)
    plain = _scrolled_plain_frames(page)
    page.goto(console_link(server))
    page.get_by_role("button", name="Library", exact=True).click()
    page.wait_for_function("() => bandmate.library.row(0) !== null")
    scrolling = page.evaluate(SCROLL_FRAMES, FRAMES_SECONDS)
    work = page.evaluate(SCROLL_WORK, SCROLL_STEPS)
    rows = page.get_by_role("row").count()
    return [
        Figure(
            f"console: frames while {MANY_JOBS} jobs scroll, with {rows} rows in the document",
            scrolling,
            "1/s",
            f"a plain list that scrolls: {plain:.0f} a second; an idle page: {idle:.0f}",
            scrolling / plain,
            "60",
        ),
        Figure(
            "console: scripts and layout of a frame of that",
            work,
            "ms",
            f"a frame at 60 a second: {FRAME_MS:.1f} ms",
            work / FRAME_MS,
            "under 1.00",
        ),
    ]


def _scrolled_plain_frames(page: Page) -> float:
    """Frames of a list without any script, scrolled the same way: what the browser itself loses."""
    page.evaluate(PLAIN_ROWS, PLAIN_COUNT)
    return float(page.evaluate(SCROLL_FRAMES, FRAMES_SECONDS))


def _searching(server):
    """A search through all jobs, beside fetching them all a thousand at a time."""
    with Wire(server) as wire:

        def seconds_of(**filters):
            begun = time.perf_counter()
            listed = wire.ask(ListJobs(request=wire.session.new_request_id(), **filters))
            return time.perf_counter() - begun, listed

        searched = median(seconds_of(most=50, brief=True, words=f"number {99 - n}")[0] for n in range(LISTS))
        middle = median(seconds_of(most=50, brief=True, skip=3_000 * n)[0] for n in range(LISTS))
        first, listed = seconds_of(most=1_000)
        fetched = first * MANY_JOBS / len(listed.jobs)
    return [
        Figure(
            f"library: searches through {MANY_JOBS} jobs in the time that fetching all of them takes",
            fetched / searched,
            "times",
            f"a search: {searched * 1e3:.1f} ms; fetching all: {fetched:.1f} s",
        ),
        Figure(
            "library: a page from the middle of the list",
            middle * 1e3,
            "ms",
            f"the search: {searched * 1e3:.1f} ms",
            middle / searched,
        ),
    ]
