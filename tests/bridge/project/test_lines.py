"""Words, quoting and numbers of a line."""

import rpp
from hypothesis import example, given
from hypothesis import strategies as st

from bandmate_bridge.rpp.lines import as_float, as_int, number_text, quote_text, readable_text, split_words

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")))


def test_words_are_taken_apart_as_reaper_quotes_them() -> None:
    line = """  NAME "a 'b' c" 'd "e"' `f "g" 'h'` {GUID} "" bare"quote -1.5\r\n"""
    assert split_words(line) == [
        "NAME",
        "a 'b' c",
        'd "e"',
        "f \"g\" 'h'",
        "{GUID}",
        "",
        'bare"quote',
        "-1.5",
    ]


def test_a_quote_without_an_end_runs_to_the_end_of_the_line() -> None:
    assert split_words('NAME "half open \n') == ["NAME", "half open"]
    assert split_words('NAME "\n') == ["NAME", ""]


def test_the_first_quote_that_the_text_does_not_hold_is_taken() -> None:
    assert quote_text("plain") == '"plain"'
    assert quote_text('a "b"') == "'a \"b\"'"
    assert quote_text("a \"b\" 'c'") == "`a \"b\" 'c'`"
    assert quote_text("a \"b\" 'c' `d`") == "`a \"b\" 'c' 'd'`"


@given(TEXTS)
@example("\"'`")
@example("|<>")
def test_a_quoted_text_is_one_word_that_says_the_same(text: str) -> None:
    said = text.replace("`", "'") if all(mark in text for mark in "\"'`") else text
    assert split_words(f"NAME {quote_text(text)}\n")[1:] == [said]


@given(TEXTS.filter(lambda text: text.isascii()))
def test_another_reader_reads_the_same_word(text: str) -> None:
    said = text.replace("`", "'") if all(mark in text for mark in "\"'`") else text
    assert rpp.loads(f"<A\n NAME {quote_text(text)} end\n>\n").children == [["NAME", said, "end"]]


@given(st.text())
def test_a_quoted_text_never_ends_the_line_and_can_always_be_written(text: str) -> None:
    written = quote_text(text).encode("utf-8", "surrogateescape")
    assert b"\n" not in written
    assert b"\r" not in written
    assert len(written.decode("utf-8", "surrogateescape").splitlines()) == 1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_without_an_exponent_and_read_back_the_same(value: float) -> None:
    text = number_text(value)
    assert "e" not in text
    assert as_float(text) == value


def test_numbers_are_read_from_the_start_of_a_word_as_c_does() -> None:
    assert as_float("1.5:2") == 1.5
    assert as_float("-.5e1x") == -5
    assert as_float("x", 7.0) == 7.0
    assert as_float("1e999", 3.0) == 3.0
    assert as_int("-1:U") == -1


def test_bytes_of_any_encoding_are_readable() -> None:
    assert readable_text("Fl\udcfcgel") == "Flügel"
    assert readable_text("\udc93a\udc94") == "“a”"
    assert readable_text("\udc81") == "\x81"
    assert readable_text("日本") == "日本"
