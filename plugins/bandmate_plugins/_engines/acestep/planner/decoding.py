"""Lets a network choose among the tokens that grammars allow, for one text or several at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from bandmate_plugins._engines.acestep.planner.draws import DrawRules, draw_token, guided_scores
from bandmate_plugins._engines.acestep.planner.grammar import Grammar
from bandmate_plugins._engines.acestep.planner.key_value_store import make_store
from bandmate_plugins._engines.acestep.planner.token_set import TokenSet

OnToken = Callable[[int, int], None]
"""Called after each step with the tokens that are done and how many there may be; what it raises ends the loop."""

_PREFILL_TOKENS = 512
"""Tokens of a prompt that are read at a time, so that a cancel takes effect within one."""
_GATHERED_SHARE = 4
"""Rows of the last layer are gathered where they are less than a quarter of their range."""


@dataclass(frozen=True)
class PlannedText:
    """One text to write: its prompt and grammar, its own seed and settings."""

    prompt: Sequence[int]
    grammar: Grammar
    seed: int
    rules: DrawRules = field(default_factory=DrawRules)
    guidance: float = 1.0
    """1 is without, and then `negative` is not used."""
    negative: Sequence[int] = ()
    """The prompt that guidance leads away from."""

    @property
    def prompts(self) -> list[Sequence[int]]:
        """One row of the network's batch for each."""
        return [self.prompt] if self.guidance == 1.0 else [self.prompt, self.negative]


@torch.no_grad()
def write_texts(network: Any, texts: Sequence[PlannedText], on_token: OnToken | None = None) -> None:
    """Writes texts to their ends; afterwards each grammar's `written` has the tokens.

    `network` is a `Qwen3ForCausalLM`. Both branches of guidance, and all texts, are rows of one batch. A text is
    what it would be alone, as far as the network's arithmetic does not depend on the size of the batch.
    """
    most = max(text.grammar.most_tokens for text in texts)
    session = _Session(network, [prompt for text in texts for prompt in text.prompts], most)
    writers = _writers(texts, session)
    session.read_prompts(on_token)
    done = 0
    while open_writers := [writer for writer in writers if not writer.text.grammar.done]:
        block = _next_block(session, writers, open_writers)
        done += block.shape[1]
        if on_token is not None:
            on_token(done, max(most, done))
        if all(writer.text.grammar.done for writer in writers):
            return
        session.feed(block)


def _writers(texts: Sequence[PlannedText], session: _Session) -> list[_Writer]:
    found, row = [], 0
    for text in texts:
        found.append(_Writer(text, row, session))
        row += len(text.prompts)
    return found


def _next_block(
    session: _Session, writers: Sequence[_Writer], open_writers: Sequence[_Writer]
) -> torch.Tensor:
    """The next tokens of each row, shape (rows, tokens): several where no open text has a choice."""
    runs = [writer.text.grammar.forced_run() for writer in open_writers]
    length = min(len(run) for run in runs)
    chosen: dict[int, list[int]] = {}
    for writer, run in zip(open_writers, runs, strict=True):
        tokens = list(run[:length]) if length else [run[0] if run else writer.draw(session)]
        for token in tokens:
            writer.text.grammar.take(token)
        writer.note(tokens)
        chosen[writer.row] = tokens
    filler = [0] * max(length, 1)
    rows = [chosen.get(writer.row, filler) for writer in writers for _ in writer.text.prompts]
    return torch.tensor(rows, device=session.device)


class _Writer:
    """One text on its way, and its rows of the batch."""

    def __init__(self, text: PlannedText, row: int, session: _Session) -> None:
        self.text, self.row = text, row
        self._generator = torch.Generator("cpu").manual_seed(text.seed)
        self._seen: torch.Tensor | None = None
        if text.rules.repetition_penalty != 1.0:
            self._seen = torch.zeros(session.vocabulary_size, dtype=torch.bool, device=session.device)
            self.note(text.prompt)

    def note(self, tokens: Sequence[int]) -> None:
        """Remembers tokens for the repetition penalty."""
        if self._seen is not None:
            self._seen[list(tokens)] = True

    def draw(self, session: _Session) -> int:
        """The next token, of those that the grammar allows."""
        allowed = self.text.grammar.allowed()
        found = session.scores(allowed)
        scores = found[self.row]
        if len(self.text.prompts) > 1:
            scores = guided_scores(scores, found[self.row + 1], self.text.guidance)
        scores = session.masked(scores, allowed)
        seen = None if self._seen is None else session.part(self._seen, allowed)
        place = draw_token(scores, self.text.rules, self._generator, seen)
        return session.token_at(place, allowed)


class _Session:
    """The network over a batch of rows, padded on the left, and what it keeps of their tokens."""

    def __init__(self, network: Any, prompts: Sequence[Sequence[int]], most: int) -> None:
        self._body, self._head = network.model, network.lm_head.weight
        self.device = self._head.device
        self.vocabulary_size = int(self._head.shape[0])
        self._prompts = prompts
        longest = max(map(len, prompts))
        self._padding = torch.tensor([longest - len(prompt) for prompt in prompts], device=self.device)
        self._is_padded = bool(self._padding.any())
        self._store = make_store(network.config.num_hidden_layers, longest + most)
        # transformers 5.23 has another name for it.
        names = inspect.signature(type(self._body).forward).parameters
        self._store_name = "cache" if "cache" in names else "past_key_values"
        self._length = 0
        self._hidden = torch.empty(0)
        self._derived: dict[TokenSet, _DerivedSet] = {}
        self._scored: dict[TokenSet, torch.Tensor] = {}
        """Of the latest tokens."""

    def read_prompts(self, on_token: OnToken | None) -> None:
        """Reads the prompts, some tokens at a time."""
        longest = max(map(len, self._prompts))
        rows = [[0] * (longest - len(prompt)) + list(prompt) for prompt in self._prompts]
        tokens = torch.tensor(rows, device=self.device)
        for start in range(0, longest, _PREFILL_TOKENS):
            self.feed(tokens[:, start : start + _PREFILL_TOKENS])
            if on_token is not None:
                on_token(0, 1)

    def feed(self, tokens: torch.Tensor) -> None:
        """Reads tokens of shape (rows, tokens)."""
        places = torch.arange(self._length, self._length + tokens.shape[1], device=self.device)
        mask = self._attention_mask(places)
        out = self._body(
            input_ids=tokens,
            attention_mask={"full_attention": mask},
            position_ids=(places[None] - self._padding[:, None]).clamp(min=0),
            use_cache=True,
            **{self._store_name: self._store},
        )
        self._length += tokens.shape[1]
        self._hidden = out.last_hidden_state[:, -1]
        self._scored = {}

    def _attention_mask(self, places: torch.Tensor) -> torch.Tensor | None:
        """Shape (rows, 1, queries, keys), True where a query attends to a key; None where it does to all."""
        if len(places) == 1 and not self._is_padded:
            return None
        keys = torch.arange(self._length + len(places), device=self.device)
        causal = keys[None] <= places[:, None]
        there = keys[None] >= self._padding[:, None]
        # Padding attends to itself: a row that attends to nothing would be no number.
        itself = keys[None] == places[:, None]
        mask: torch.Tensor = (causal[None] & there[:, None]) | itself[None]
        return mask[:, None]

    def scores(self, allowed: TokenSet) -> torch.Tensor:
        """The scores of a set's tokens, float32, shape (rows, tokens), from their rows of the last layer alone."""
        if allowed not in self._scored:
            self._scored[allowed] = torch.nn.functional.linear(
                self._hidden, self._derive(allowed).weight
            ).float()
        return self._scored[allowed]

    def masked(self, scores: torch.Tensor, allowed: TokenSet) -> torch.Tensor:
        """The scores with -inf for what is in the set's range and not in the set."""
        barred = self._derive(allowed).barred
        return scores if barred is None else scores.masked_fill(barred, -torch.inf)

    def part(self, whole: torch.Tensor, allowed: TokenSet) -> torch.Tensor:
        """What a tensor over the vocabulary has for the scores of a set."""
        ids = self._derive(allowed).ids
        return whole[allowed.low : allowed.high] if ids is None else whole[ids]

    def token_at(self, place: int, allowed: TokenSet) -> int:
        """The token whose score is at a place."""
        ids = self._derive(allowed).ids
        return allowed.low + place if ids is None else int(ids[place])

    def _derive(self, allowed: TokenSet) -> _DerivedSet:
        if allowed not in self._derived:
            self._derived[allowed] = _DerivedSet(allowed, self._head)
        return self._derived[allowed]


class _DerivedSet:
    """What a set of tokens is to a network, made once for each set: rows of its last layer, or a range and a mask."""

    def __init__(self, allowed: TokenSet, head: torch.Tensor) -> None:
        self.ids: torch.Tensor | None = None
        self.barred: torch.Tensor | None = None
        if allowed.ids is not None and allowed.count * _GATHERED_SHARE < allowed.high - allowed.low:
            self.ids = torch.from_numpy(allowed.ids).to(head.device)
            self.weight = head[self.ids]
            return
        self.weight = head[allowed.low : allowed.high]
        if allowed.mask is not None:
            self.barred = torch.from_numpy(~allowed.mask).to(head.device)
