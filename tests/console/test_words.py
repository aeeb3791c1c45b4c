"""The form's words: examples, lyrics, and remedies that name the page's own buttons."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, opened_job, wait_for_another
from tests.console.examples import TARGET, examples_script


def test_the_examples_of_the_page_are_those_of_the_folder() -> None:
    assert TARGET.read_text(encoding="utf-8") == examples_script(), "python -m tests.console.examples"


def test_examples_lyrics_and_the_dice_fill_the_form(page: Page) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Start from an example").select_option("A whole song")
    expect(page.get_by_label("Prompt")).to_have_value("happy pop song")
    expect(page.locator("[name=bpm]")).to_have_value("108")
    expect(page.locator("[name=bars]")).to_have_value("54")
    # The embedded band does not sing, so it is not asked to.
    assert page.locator("[name=lyrics]").count() == 0
    page.evaluate(
        "bandmate.catalogue.engines.forEach((engine) => (engine.reads_lyrics = true)); bandmate.changed()"
    )
    lyrics = page.locator("[name=lyrics]")
    lyrics.fill("One morning")
    marks = page.get_by_role("group", name="Section marks")
    lyrics.press("End")
    marks.get_by_role("button", name="[Chorus]").click()
    expect(lyrics).to_have_value("One morning\n\n[Chorus]\n")
    expect(lyrics).to_be_focused()
    page.keyboard.type("We sing\nand sing")
    expect(page.locator("#field-lyrics-help")).to_contain_text("3 lines in 1 section.")


def test_a_remedy_names_the_buttons_of_the_page(page: Page) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("zzyzx quux")
    page.locator("[name=bars]").fill("1")
    page.locator("form button[type=submit]").click()
    stage = page.get_by_label("Stage")
    expect(stage.get_by_role("alert")).to_contain_text("knows no word of")
    assert "--anyway" not in (said := stage.get_by_role("alert").inner_text())
    assert "bandmate words" not in said
    failed = opened_job(page)
    stage.get_by_role("button", name="Play it anyway").click()
    wait_for_another(page, failed)
    expect(page.locator(".head [role=status]")).to_have_text("Done")
    # What lacks a model has the button that brings it here.
    generate(page, "drums", bars=1)
    choose_task(page, "Separate")
    page.locator("[name=mode]").select_option("six")
    before = opened_job(page)
    page.locator("form button[type=submit]").click()
    wait_for_another(page, before)
    expect(stage.get_by_role("alert")).to_contain_text(
        "Use the mode four, or download it here or in the studio."
    )
    expect(stage.locator(".models").get_by_role("button", name="Download…")).to_be_visible()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("`bandmate models pull htdemucs` downloads them (84 MB).", "Download it here or in the studio."),
        ("`bandmate models pull ace_step1.5` downloads them (6.3 GB).", "Download it here or in the studio."),
        (
            "Wait for one to end, cancel some (`bandmate jobs` lists them), or wait.",
            "Wait for one to end, cancel some in the library, or wait.",
        ),
        (
            "Choose a shorter range, or `--engine sketch`.",
            "Choose a shorter range, or the engine sketch under More.",
        ),
        (
            "No track given. Name one with --track, or select one in REAPER and save; these have audio: 1 Bass.",
            "No track given. Select one in the DAW and save the project; these have audio: 1 Bass.",
        ),
        ("iPhone speakers are small.", "iPhone speakers are small."),
    ],
)
def test_sentences_for_the_command_line_are_put_in_the_words_of_the_page(
    page: Page, said: str, words: str
) -> None:
    assert (
        page.evaluate(
            "said => import('/page/model/page_words.js').then(({ pageWords }) => pageWords(said))", said
        )
        == words
    )


def test_buttons_and_words_of_the_page_hold_in_another_language(page: Page) -> None:
    """The server's template says what a sentence is; the sentence itself may be translated."""
    template = "`bandmate words` lists the vocabulary, and --anyway plays {style}. It takes {seconds:.1f} s of {all:,}."
    values = {
        "style": {"template": "{kind} drums", "values": {"kind": "rock"}},
        "seconds": 2.25,
        "all": 12_500,
    }
    wording = {"template": template, "values": values}
    problem = page.evaluate(
        """async ({ wording }) => {
          const { problemOf } = await import("/page/model/jobs.js");
          return problemOf({ sentence: "Unbekannt.", remedy: "Es geht auch so.", remedy_wording: wording });
        }""",
        {"wording": wording},
    )
    assert problem["offersAnyway"]
    assert problem["remedy"] == "Or it plays rock drums all the same. It takes 2.3 s of 12,500."
    assert problem["sentence"] == "Unbekannt."
