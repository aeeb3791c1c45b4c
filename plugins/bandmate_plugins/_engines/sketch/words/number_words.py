"""Numbers in words, as figures: `ninety bpm`, `at one twenty`, `sixteen bars`, `a hundred and twenty bpm`.

Only where a unit, or a word such as `tempo` or `bar`, says that they count something: `four on the floor`,
`twelve string` and `eight bit` stay as they are.
"""

from __future__ import annotations

import re

_ONES = {
    word: number
    for number, word in enumerate(
        (
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
            "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
        ),
        1,
    )
}  # fmt: skip
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2
    )
}
_ONE, _TEN = "|".join(sorted(_ONES, key=len, reverse=True)), "|".join(_TENS)
_SPACE = r"[\s-]+"
_BELOW_100 = rf"(?:(?:{_TEN})(?:{_SPACE}(?:{_ONE}))?|{_ONE})"
_NUMBER = (
    rf"(?:(?:(?:an?|one|two|three|four){_SPACE})?hundred(?:{_SPACE}(?:and{_SPACE})?{_BELOW_100})?"
    rf"|one{_SPACE}(?:(?:oh|o){_SPACE}(?:{_ONE})|(?:{_TEN})(?:{_SPACE}(?:{_ONE}))?|ten|eleven|twelve)|{_BELOW_100})"
)
_COUNTED = re.compile(
    rf"\b(?P<number>{_NUMBER})(?=[\s-]*(?:bpm|beats?\s+(?:per|a)\s+minute|bars?(?!\s*blues)|measures?|minutes?|mins?"
    rf"|(?<!thirty\s)(?<!thirty-)(?:seconds?(?![\s-]*notes?)|secs?))\b)"
    rf"|\b(?P<after>(?:tempo|bpm|speed|at|around|about|circa|roughly)(?:\s+of)?\s+)(?P<tempo>{_NUMBER})\b"
    rf"|\b(?P<bar>(?:bars?|measures?)\s+(?:\d+\s*(?:to|until|through|and|-)\s*)?)(?P<place>{_NUMBER})\b"
    rf"|\b(?P<last>one{_SPACE}(?:{_TEN})(?:{_SPACE}(?:{_ONE}))?)(?=\s*$)",
    re.IGNORECASE,
)
_SLOWEST = 20
"""Smaller numbers after `at` or `around` are no tempo."""


def write_figures(text: str) -> str:
    """A text with the numbers that count something in figures."""
    before = None
    while text != before:
        before, text = text, _COUNTED.sub(_in_figures, text)
    return text


def _in_figures(match: re.Match[str]) -> str:
    words = match["number"] or match["tempo"] or match["place"] or match["last"]
    number = read_number(words)
    if match["tempo"] and number < _SLOWEST:
        return match[0]
    return f"{match['after'] or match['bar'] or ''}{number}"


def read_number(text: str) -> int:
    """The value of a number in words, up to 499; `one twenty` and `one oh five` are read as people say tempos."""
    words = [word for word in re.split(_SPACE, text.casefold()) if word not in ("and", "a", "an")]
    if "hundred" in words:
        at = words.index("hundred")
        return 100 * (_ONES[words[0]] if at else 1) + sum(map(_value, words[at + 1 :]))
    if len(words) > 1 and words[0] == "one":
        return 100 + sum(_value(word) for word in words[1:] if word not in ("oh", "o"))
    return sum(map(_value, words))


def _value(word: str) -> int:
    return _ONES.get(word) or _TENS[word]
