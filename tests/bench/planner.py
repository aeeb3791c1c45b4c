"""The planner's loop next to `transformers.generate` with the same processors: random weights of the 0.6B's size.

Both write audio codes under the grammar with guidance, top-p and temperature, and neither ends early. On a machine with
a card, both run there in bf16.
"""

import time

import numpy as np
import torch
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    Qwen3Config,
    Qwen3ForCausalLM,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
    UnbatchedClassifierFreeGuidanceLogitsProcessor,
)

from bandmate_plugins._engines.acestep.planner.decoding import PlannedText, write_texts
from bandmate_plugins._engines.acestep.planner.draws import DrawRules
from bandmate_plugins._engines.acestep.planner.grammar import Grammar
from bandmate_plugins._engines.acestep.planner.segments import AudioCodes
from bandmate_plugins._engines.acestep.planner.token_set import TokenSet
from tests.bench.figure import Figure, median

CODES = 100
"""Of 20 s of music."""
RUNS = 2
PROMPT_TOKENS, NEGATIVE_TOKENS = 200, 120
FIRST_CODE, VOCABULARY = 151_669, 217_204
RULES = DrawRules()
GUIDANCE = 2.0


def planner_network():
    """28 layers of width 1024, as the smallest planner has them."""
    torch.manual_seed(1)
    config = Qwen3Config(
        vocab_size=VOCABULARY,
        hidden_size=1024,
        intermediate_size=3072,
        num_hidden_layers=28,
        num_attention_heads=16,
        num_key_value_heads=8,
        head_dim=128,
        tie_word_embeddings=True,
        eos_token_id=151_645,
        pad_token_id=151_643,
    )
    network = Qwen3ForCausalLM(config).eval()
    return network.to("cuda", torch.bfloat16) if torch.cuda.is_available() else network


class GrammarProcessor(LogitsProcessor):
    """The grammar as a processor: one mask over the vocabulary, made once."""

    def __init__(self, codes, device):
        self._barred = torch.ones((1, VOCABULARY), dtype=torch.bool, device=device)
        self._barred[:, codes.low : codes.high] = False

    def __call__(self, input_ids, scores):
        return scores.masked_fill(self._barred, -torch.inf)


def ours(network, prompt, negative, codes):
    grammar = Grammar([AudioCodes(codes, CODES)])
    text = PlannedText(prompt, grammar, 1, RULES, GUIDANCE, negative)
    started = time.perf_counter()
    write_texts(network, [text])
    spent = time.perf_counter() - started
    return grammar.written, spent


@torch.no_grad()
def theirs(network, prompt, negative, codes):
    device = network.device
    negative_ids = torch.tensor([negative], device=device)
    processors = LogitsProcessorList(
        [
            UnbatchedClassifierFreeGuidanceLogitsProcessor(GUIDANCE, network, negative_ids),
            GrammarProcessor(codes, device),
            TopPLogitsWarper(RULES.top_p),
            TemperatureLogitsWarper(RULES.temperature),
        ]
    )
    torch.manual_seed(1)
    ids = torch.tensor([prompt], device=device)
    started = time.perf_counter()
    out = network.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        logits_processor=processors,
        do_sample=True,
        top_p=1.0,
        top_k=0,
        max_new_tokens=CODES,
    )
    written = out[0, len(prompt) :].tolist()
    return written, time.perf_counter() - started


def measure(folder):
    network = planner_network()
    codes = TokenSet(FIRST_CODE, FIRST_CODE + 64_000)
    draw = np.random.default_rng(1)
    prompt, negative = (
        draw.integers(0, 150_000, count).tolist() for count in (PROMPT_TOKENS, NEGATIVE_TOKENS)
    )
    spent = {ours: [], theirs: []}
    for _ in range(RUNS + 1):
        for way, seconds in spent.items():
            written, took = way(network, prompt, negative, codes)
            assert len(written) == CODES
            assert all(token in codes for token in written)
            seconds.append(took)
    # The first run of each takes memory for the first time.
    speed, beside = (CODES / median(seconds[1:]) for seconds in spent.values())
    words = f"transformers.generate: {beside:.2f} tokens/s"
    return [Figure("planner, 0.6B size", speed, "tokens/s", words, speed / beside, "1.8 or more")]
