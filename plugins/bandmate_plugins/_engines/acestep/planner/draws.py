"""How the next token is drawn from a network's scores."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class DrawRules:
    """Settings of one text; the defaults are upstream's for codes."""

    temperature: float = 0.85
    """0 takes the likeliest token."""
    top_p: float = 0.9
    """Draws from the likeliest tokens that together have this probability; 1 from all of them."""
    top_k: int = 0
    """Draws from the so many likeliest tokens; 0 from all of them."""
    repetition_penalty: float = 1.0
    """Makes tokens that were there before less likely; 1 does not."""


def guided_scores(with_prompt: torch.Tensor, without: torch.Tensor, guidance: float) -> torch.Tensor:
    """Classifier-free guidance on raw scores, in float32."""
    base = without.float()
    return base + guidance * (with_prompt.float() - base)


def draw_token(
    scores: torch.Tensor, rules: DrawRules, generator: torch.Generator, seen: torch.Tensor | None = None
) -> int:
    """The place of the drawn token in `scores`, float32 of shape (tokens,) with those not allowed at -inf.

    In upstream's order: repetition penalty, top-k, top-p, temperature. `seen` marks the tokens that were there before.
    One number of the generator is used for each draw, and the place is the same whether tokens that are not allowed
    are in `scores` or left out.
    """
    if seen is not None and rules.repetition_penalty != 1.0:
        scores = _penalized(scores, rules.repetition_penalty, seen)
    if rules.top_k and rules.top_k < len(scores):
        floor = torch.topk(scores, rules.top_k).values[-1]
        scores = scores.masked_fill(scores < floor, -torch.inf)
    if rules.top_p < 1.0:
        scores = _within_top_p(scores, rules.top_p)
    if rules.temperature <= 0:
        return int(scores.argmax())
    chances = torch.softmax(scores / rules.temperature, dim=-1).double().cumsum(0)
    drawn = torch.rand((), generator=generator, dtype=torch.float64).to(chances.device)
    return int(torch.searchsorted(chances, drawn * chances[-1], right=True).clamp(max=len(chances) - 1))


def _penalized(scores: torch.Tensor, penalty: float, seen: torch.Tensor) -> torch.Tensor:
    weaker = torch.where(scores < 0, scores * penalty, scores / penalty)
    return torch.where(seen, weaker, scores)


def _within_top_p(scores: torch.Tensor, top_p: float) -> torch.Tensor:
    """The scores with -inf outside the smallest set of tokens that has the probability `top_p`."""
    ordered, places = torch.sort(scores, descending=True)
    chances = torch.softmax(ordered, dim=-1)
    before = chances.cumsum(-1) - chances
    kept = torch.full_like(scores, -torch.inf)
    inside = before < top_p
    inside[0] = True
    return kept.scatter(0, places[inside], ordered[inside])
