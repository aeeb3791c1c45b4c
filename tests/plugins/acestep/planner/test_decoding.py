"""The decoding loop against a plain one over transformers, token for token; batches, seeds, cancel, limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from transformers import (
    Qwen3ForCausalLM,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from bandmate_plugins._engines.acestep.planner.decoding import PlannedText, write_texts
from bandmate_plugins._engines.acestep.planner.draws import DrawRules
from bandmate_plugins._engines.acestep.planner.fields import FIELD_ORDER, PlanFields
from bandmate_plugins._engines.acestep.planner.grammar import Grammar
from bandmate_plugins._engines.acestep.planner.prompts import PromptWriter
from tests.plugins.acestep.planner.test_grammar import candidates, check_thought
from tests.plugins.acestep.planner.tiny import kit, make_network, vocabulary

GIVEN = PlanFields(bpm=93, language="en")
ASKED = set(FIELD_ORDER) - {"genres"}


@pytest.fixture(scope="module")
def network() -> Qwen3ForCausalLM:
    return make_network()


def writer() -> PromptWriter:
    return PromptWriter(vocabulary())


def thought_text(seed: int, **more: Any) -> PlannedText:
    grammar = kit().thought(GIVEN, ASKED, caption_tokens=12)
    return PlannedText(writer().plan("slow jazz", ""), grammar, seed, **more)


def codes_text(count: int, seed: int, caption: str = "slow jazz", **more: Any) -> PlannedText:
    prompt = writer().codes(caption, "", PlanFields(bpm=93, caption="A song"))
    negative = writer().codes_without_thought(caption, "")
    return PlannedText(prompt, kit().codes(count), seed, negative=negative, **{"guidance": 2.0} | more)


@torch.no_grad()
def plain_loop(network: Qwen3ForCausalLM, text: PlannedText) -> list[int]:
    """The same text with full scores over the whole vocabulary, without a cache, by transformers' own warpers."""
    generator = torch.Generator().manual_seed(text.seed)
    rules, grammar = text.rules, text.grammar
    warpers: list[Any] = [RepetitionPenaltyLogitsProcessor(rules.repetition_penalty)]
    if rules.top_k:
        warpers.append(TopKLogitsWarper(rules.top_k))
    if rules.top_p < 1:
        warpers.append(TopPLogitsWarper(rules.top_p))
    if rules.temperature:
        warpers.append(TemperatureLogitsWarper(rules.temperature))
    while not grammar.done:
        rows = [torch.tensor([[*prompt, *grammar.written]]) for prompt in text.prompts]
        found = [network(input_ids=row).logits[:, -1].float() for row in rows]
        scores = found[0] if len(found) == 1 else found[1] + text.guidance * (found[0] - found[1])
        allowed = grammar.allowed()
        barred = torch.ones_like(scores, dtype=torch.bool)
        barred[0, torch.from_numpy(candidates(allowed))] = False
        scores = scores.masked_fill(barred, -torch.inf)
        for warper in warpers:
            scores = warper(rows[0], scores)
        if allowed.forced is not None:
            token = allowed.forced
        elif rules.temperature:
            chances = torch.softmax(scores[0], -1).double().cumsum(0)
            drawn = torch.rand((), generator=generator, dtype=torch.float64)
            token = int(torch.searchsorted(chances, drawn * chances[-1], right=True))
        else:
            token = int(scores[0].argmax())
        grammar.take(token)
    return grammar.written


def written(network: Qwen3ForCausalLM, *texts: PlannedText) -> list[list[int]]:
    write_texts(network, texts)
    return [text.grammar.written for text in texts]


RULES = [
    DrawRules(),
    DrawRules(temperature=0.0),
    DrawRules(temperature=1.3, top_p=1.0),
    DrawRules(top_k=20, top_p=0.7),
    DrawRules(repetition_penalty=1.4),
]


@pytest.mark.parametrize("rules", RULES)
def test_a_thought_is_that_of_a_plain_loop(network: Qwen3ForCausalLM, rules: DrawRules) -> None:
    ours = written(network, thought_text(7, rules=rules))[0]
    assert ours == plain_loop(network, thought_text(7, rules=rules))
    check_thought(ours, GIVEN, ASKED)


@pytest.mark.parametrize("rules", RULES)
def test_guided_codes_are_those_of_a_plain_loop(network: Qwen3ForCausalLM, rules: DrawRules) -> None:
    ours = written(network, codes_text(12, 5, rules=rules))[0]
    assert ours == plain_loop(network, codes_text(12, 5, rules=rules))
    assert len(vocabulary().audio_codes(ours)) == 12


def test_each_text_of_a_batch_has_its_own_seed_settings_and_fields(network: Qwen3ForCausalLM) -> None:
    def texts() -> list[PlannedText]:
        other = PlanFields(duration=44, timesignature=6)
        return [
            codes_text(6, 1),
            codes_text(9, 2, "loud metal with a much longer caption", rules=DrawRules(temperature=0.4)),
            thought_text(3, rules=DrawRules(top_p=0.5)),
            PlannedText(writer().plan("punk", "Hey"), kit().thought(other, {"keyscale", "bpm"}), 4),
            codes_text(3, 5, guidance=1.0),
        ]

    together = written(network, *texts())
    alone = [written(network, text)[0] for text in texts()]
    assert together == alone
    assert [len(vocabulary().audio_codes(tokens)) for tokens in together] == [6, 9, 0, 0, 3]
    assert (
        check_thought(together[3], PlanFields(duration=44, timesignature=6), {"keyscale", "bpm"}).duration
        == 44
    )


def test_seed_prompt_guidance_and_temperature_change_the_codes(network: Qwen3ForCausalLM) -> None:
    def codes(**changes: Any) -> list[int]:
        return written(network, codes_text(**{"count": 8, "seed": 1} | changes))[0]

    plain = codes()
    assert plain == codes()
    others: Sequence[dict[str, Any]] = (
        {"seed": 2},
        {"caption": "loud metal"},
        {"guidance": 4.0},
        {"rules": DrawRules(temperature=0.2)},
    )
    assert all(codes(**change) != plain for change in others)


def test_a_network_that_wants_to_end_at_once_still_writes_the_whole_plan() -> None:
    network = make_network(tie_word_embeddings=False)
    tokens = vocabulary()
    with torch.no_grad():
        network.lm_head.weight *= 0.1
        for wish in (tokens.turn_end, tokens.think_end, *tokens.encode_text("\n")):
            # Whatever it has read, its scores for these are far above all others, or far below.
            network.lm_head.weight[wish] *= 1_000
    for seed in range(6):
        thought, codes = written(network, thought_text(seed), codes_text(9, seed))
        check_thought(thought, GIVEN, ASKED)
        assert len(tokens.audio_codes(codes)) == 9


class StopError(Exception):
    """Raised by a listener."""


def test_a_listener_ends_the_loop_at_any_token(network: Qwen3ForCausalLM) -> None:
    def stop_at(limit: int) -> tuple[list[tuple[int, int]], Grammar]:
        heard: list[tuple[int, int]] = []
        text = codes_text(20, 3)

        def listen(done: int, most: int) -> None:
            heard.append((done, most))
            if done >= limit:
                raise StopError

        with pytest.raises(StopError):
            write_texts(network, [text], listen)
        return heard, text.grammar

    for limit in (0, 1, 7):
        heard, grammar = stop_at(limit)
        assert len(grammar.written) == limit
        assert heard[-1] == (limit, 20 if limit else 1)


def test_forced_tokens_are_read_in_one_pass(network: Qwen3ForCausalLM) -> None:
    passes: list[int] = []
    hook = network.model.register_forward_hook(lambda *_: passes.append(1))
    given = PlanFields(
        bpm=93, caption="A slow song", duration=30, keyscale="C major", language="en", timesignature=4
    )
    text = PlannedText(writer().plan("slow jazz", ""), kit().thought(given, set()), 1)
    write_texts(network, [text])
    hook.remove()
    assert len(text.grammar.written) > 30
    assert len(passes) <= 9  # the prompt, and one for each field and mark
