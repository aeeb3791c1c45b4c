"""Prompts for clients that ask for one at random."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """A piece in words, without lyrics, so that every engine can play it."""

    caption: str
    bpm: int
    key: str
    metre: str = "4"
    seconds: int = 30


SAMPLES = (
    Sample("dusty lo-fi hip hop beat with electric piano and brushed snare, calm", 78, "D minor"),
    Sample("sunny house with piano chords, deep bass and open hats", 124, "F major"),
    Sample("jazz quartet, walking bass and ride cymbal, warm tenor saxophone", 132, "Bb major"),
    Sample("rock band with driving drums and two electric guitars", 140, "E minor"),
    Sample("funk with slap bass, clean guitar and brass", 104, "E minor"),
    Sample("bossa nova, nylon guitar, soft shaker and rim clicks", 126, "A minor"),
    Sample("roots reggae, one drop drums, organ bubble", 74, "G minor"),
    Sample("slow waltz with strings and harp", 84, "G major", "3"),
)
