"""What a musician does on the page, in one call each."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

TAP = """
registerProcessor("tap", class extends AudioWorkletProcessor {
  #block = [new Float32Array(4096), new Float32Array(4096)];
  #filled = 0;
  process([input], [output]) {
    // Without a source that plays, the input has no channels: that is silence.
    for (const channel of [0, 1]) {
      const samples = input[channel] ?? input[0] ?? new Float32Array(128);
      this.#block[channel].set(samples, this.#filled);
    }
    this.#filled += 128;
    if (this.#filled === 4096) {
      this.port.postMessage(this.#block);
      this.#filled = 0;
    }
    return true;
  }
});
"""
CONNECT_TAP = """async (source) => {
  const { meter } = bandmate.player;
  await meter.context.audioWorklet.addModule(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const tap = new AudioWorkletNode(meter.context, "tap");
  globalThis.recorded = [];
  tap.port.onmessage = ({ data }) => recorded.push(...data.map((samples) => [...samples]));
  meter.connect(tap).connect(meter.context.destination);
}"""


def allow_recording(page: Page) -> None:
    """Loads the page again without its policy, which would refuse the tap of `record_audio`."""
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    page.reload()


def record_audio(page: Page) -> None:
    """From now on, `recorded` has what is heard: blocks of 4 096 frames, left and right in turn.

    They come from the thread that renders, so a page that is busy gets them later, and loses none. Wants
    `allow_recording`, and a player that has played once.
    """
    page.evaluate(CONNECT_TAP, TAP)


def choose_task(page: Page, title: str) -> None:
    page.get_by_role("group", name="Task").get_by_role("button", name=title, exact=True).click()


def generate(page: Page, prompt: str = "dusty lo-fi drums", **music: Any) -> str:
    """Makes music of four bars or as `music` says; returns the job once it is done."""
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill(prompt)
    for name, value in {"bars": 4, "bpm": 120, "key": "A minor", **music}.items():
        page.locator(f"[name={name}]").fill(str(value))
    return start(page)


def start(page: Page, state: str = "Done") -> str:
    """Presses the form's button and waits for a new job on the stage to end so; returns its id."""
    before = opened_job(page)
    page.locator("form button[type=submit]").click()
    wait_for_another(page, before)
    expect(page.locator(".head [role=status]")).to_have_text(state)
    return opened_job(page)


def wait_for_another(page: Page, before: str) -> None:
    """Until another job is on the stage and has ended; what the page shows may be a frame behind."""
    page.wait_for_function(
        "before => bandmate.opened && bandmate.opened.id !== before && !bandmate.opened.isActive", arg=before
    )


def opened_job(page: Page) -> str:
    return page.evaluate("bandmate.opened?.id ?? ''")


def stem_samples(page: Page, index: int = 0) -> NDArray[np.float32]:
    """What the page would play of a stem, (frames, channels)."""
    channels = page.evaluate(
        """async (index) => {
          const { audio } = bandmate.opened.stems[index];
          await audio.prepare(0, audio.frames);
          return Array.from({ length: audio.channels }, (_, channel) => {
            const samples = new Float32Array(audio.frames);
            audio.read(channel, 0, samples);
            const bytes = new Uint8Array(samples.buffer);
            let text = "";
            for (let at = 0; at < bytes.length; at += 32_768) {
              text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
            }
            return btoa(text);
          });
        }""",
        index,
    )
    return np.array([np.frombuffer(base64.b64decode(text), np.float32) for text in channels]).T


def open_topic(page: Page, name: str) -> Locator:
    """Opens a topic of the studio; returns what it shows."""
    page.get_by_role("button", name="Studio", exact=True).click()
    page.get_by_role("navigation", name="Studio").get_by_role("button", name=name, exact=True).click()
    return page.get_by_role("region", name=name, exact=True)
