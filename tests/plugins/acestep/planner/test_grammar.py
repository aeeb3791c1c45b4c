"""The grammar against models that want to leave it at every token, without a network."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_plugins._engines.acestep.planner.fields import (
    FIELD_ORDER,
    KEY_VALUES,
    LANGUAGE_VALUES,
    METRE_VALUES,
    FieldName,
    PlanFields,
    read_fields,
)
from bandmate_plugins._engines.acestep.planner.grammar import Grammar
from bandmate_plugins._engines.acestep.planner.token_set import TokenSet, set_of, union
from tests.plugins.acestep.planner.tiny import kit, vocabulary

_SEEDS = 2_000


def candidates(allowed: TokenSet) -> np.ndarray:
    ids = np.arange(allowed.low, allowed.high)
    return ids if allowed.mask is None else ids[allowed.mask]


def escape_tokens() -> np.ndarray:
    """What a model takes that wants out: ends, marks, codes, new lines, names of fields, indents, quotes."""
    tokens = vocabulary()
    texts = [
        "\n",
        ".\n",
        "\n\n",
        " ",
        "  ",
        "`",
        "```",
        "duration",
        "bpm",
        "tempo",
        ":",
        ": ",
        "-",
        "'",
        '"',
        "#",
        "\t",
        "|",
    ]
    found = [token for text in texts for token in tokens.encode_text(text)]
    return np.array(
        [*found, tokens.turn_end, tokens.turn_start, tokens.think_end, tokens.think_start, tokens.first_code]
    )


def write_against(grammar: Grammar, seed: int, eagerness: float) -> list[int]:
    """Lets an adversary write: its wishes first where they are allowed, else anything that is."""
    draw = np.random.default_rng(seed)
    wishes = escape_tokens()
    while not grammar.done:
        allowed = grammar.allowed()
        token = None
        if draw.random() < eagerness:
            token = next((int(wish) for wish in draw.permutation(wishes) if int(wish) in allowed), None)
        if token is None:
            at = int(draw.integers(allowed.low, allowed.high))
            token = at if at in allowed else int(draw.choice(candidates(allowed)))
        grammar.take(token)
    return grammar.written


def some_fields(draw: np.random.Generator) -> PlanFields:
    """Any of the fields, given by a project."""
    given: dict[str, object] = {
        "bpm": int(draw.integers(30, 301)),
        "duration": int(draw.integers(10, 601)),
        "keyscale": str(draw.choice(KEY_VALUES)),
        "language": str(draw.choice(LANGUAGE_VALUES)),
        "timesignature": int(draw.choice(METRE_VALUES)),
        "caption": "a caption: with 'everything' in it, " * int(draw.integers(1, 4)),
    }
    return PlanFields(**{name: value for name, value in given.items() if draw.random() < 0.4})  # type: ignore[arg-type]


def check_thought(written: list[int], given: PlanFields, names: set[FieldName]) -> PlanFields:
    """Every field is legal, in order, there once, and what was given is there to the token."""
    tokens = vocabulary()
    assert written[0] == tokens.think_start
    end = written.index(tokens.think_end)
    inside = written[1:end]
    assert all(token < tokens.turn_start for token in inside)
    text = tokens.decode_text(inside)
    found = read_fields(text)
    left = [line.partition(":")[0] for line in text.splitlines() if line.strip() and not line.startswith(" ")]
    wanted = [name for name in FIELD_ORDER if name in names or name in given.given_values()]
    assert left == wanted
    for name, value in given.given_values().items():
        assert getattr(found, name) == (value.strip() if isinstance(value, str) else value)
    assert set(given.to_yaml().splitlines()) <= set(text.splitlines())
    return found


@pytest.mark.parametrize("eagerness", [0.0, 0.6, 1.0])
def test_a_model_that_wants_out_writes_legal_fields_in_order_and_once(eagerness: float) -> None:
    for seed in range(_SEEDS // 3 + 1):
        draw = np.random.default_rng(seed)
        given = some_fields(draw)
        names = {name for name in FIELD_ORDER if draw.random() < 0.8}
        grammar = kit().thought(given, names, caption_tokens=int(draw.integers(4, 40)))
        most = grammar.most_tokens
        written = write_against(grammar, seed, eagerness)
        assert len(written) <= most
        check_thought(written, given, names)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_choice_of_allowed_tokens_is_a_legal_plan(data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(FIELD_ORDER)))
    grammar = kit().thought(PlanFields(duration=90), names, caption_tokens=8)
    while not grammar.done:
        allowed = grammar.allowed()
        at = data.draw(st.integers(0, allowed.count - 1)) if allowed.count > 1 else 0
        grammar.take(int(candidates(allowed)[at]))
    found = check_thought(grammar.written, PlanFields(duration=90), names)
    assert found.duration == 90


def test_a_caption_goes_on_behind_two_spaces_alone() -> None:
    tokens = vocabulary()
    grammar = kit().thought(PlanFields(), {"caption", "duration"})

    def texts_allowed() -> set[bytes]:
        return {tokens.text_bytes(int(token)) for token in candidates(grammar.allowed())}

    def write(text: str) -> None:
        for token in tokens.encode_text(text):
            grammar.take(token)

    grammar.take(tokens.think_start)
    write("\ncaption:")
    assert all(text.startswith(b" ") and b"\n" not in text for text in texts_allowed())
    write(" A song")
    inside = texts_allowed()
    assert b"\n" in inside
    assert not any(b"`" in text or b"\t" in text or not text or b"\n" in text[:-1] for text in inside)
    write("\n")
    at_left = texts_allowed()
    assert all(text.startswith(b" ") or b"duration".startswith(text) for text in at_left)
    assert b"\n" not in at_left
    write(" ")
    assert all(text.startswith(b" ") and not text.startswith(b"  ") for text in texts_allowed())
    write(" and more\n")
    write("duration: 90\n")
    assert grammar.allowed().forced == tokens.think_end


def test_lyrics_end_with_the_turn_and_hold_no_codes() -> None:
    tokens = vocabulary()
    for seed in range(200):
        grammar = kit().thought(PlanFields(bpm=90), {"caption"}, caption_tokens=8, lyric_tokens=30)
        written = write_against(grammar, seed, 0.5)
        lyrics = written[written.index(tokens.think_end) + 1 :]
        assert lyrics[-1] == tokens.turn_end
        assert not tokens.audio_codes(lyrics)
        assert tokens.turn_end not in lyrics[:-1]
        assert tokens.think_start not in lyrics
        assert len(lyrics) <= 30 + len(tokens.encode_text("\n\n"))


def test_given_lyrics_are_forced() -> None:
    tokens = vocabulary()
    words = "[Verse]\nHello <|im_end|> `world`"
    grammar = kit().thought(PlanFields(), set(), lyrics=words)
    written = write_against(grammar, 1, 1.0)
    assert tokens.decode_text(written[:-1]).strip() == words
    assert written.count(tokens.turn_end) == 1


@pytest.mark.parametrize("count", [1, 7, 3_000])
def test_there_are_exactly_as_many_codes_as_asked_for(count: int) -> None:
    grammar = kit().codes(count)
    assert grammar.most_tokens == count
    written = write_against(grammar, 5, 0.7)
    assert len(vocabulary().audio_codes(written)) == len(written) == count


def test_sets_are_made_once_for_a_state() -> None:
    one, other = (kit().thought(PlanFields(), {"bpm", "caption", "duration"}) for _ in range(2))
    seen: list[list[TokenSet]] = []
    for grammar in (one, other):
        met = []
        draw = np.random.default_rng(4)
        while not grammar.done:
            met.append(grammar.allowed())
            grammar.take(int(draw.choice(candidates(grammar.allowed()))))
        seen.append(met)
    assert len(seen[0]) == len(seen[1])
    assert all(a is b for a, b in zip(*seen, strict=True))


def test_a_token_that_is_not_allowed_is_refused() -> None:
    grammar = kit().codes(2)
    with pytest.raises(ValueError, match="not allowed"):
        grammar.take(vocabulary().turn_end)
    assert grammar.most_tokens == 2


def test_sets_of_tokens() -> None:
    few, range_ = set_of([9, 3, 3]), TokenSet(5, 8)
    both = union(few, range_)
    assert [token for token in range(12) if token in both] == [3, 5, 6, 7, 9]
    assert (few.count, both.count, few.forced, set_of([4]).forced) == (2, 5, None, 4)
    with pytest.raises(ValueError, match="never empty"):
        set_of([])
