"""A short form of tests/measure/analysis_score.py: some sketches, and floors under the table's figures."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from tests.material.sketched_pieces import sketch
from tests.metrics.analysis_scores import by_analyse, by_librosa, score

SKETCHES = (13, 17, 20, 35)
"""House in three, pop, rock and disco."""


# mir_eval warns of what it will do with silence.
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_sketches_are_heard_as_they_were_written() -> None:
    found: dict[str, list[float]] = defaultdict(list)
    for number in SKETCHES:
        piece = sketch(number, 40.0)
        for column, value in score(piece, by_analyse(piece)).items():
            found[column].append(value)
    means = {column: float(np.mean(values)) for column, values in found.items()}
    floors = {"beat F": 0.75, "AMLt": 0.75, "downbeat F": 0.6, "metre": 0.6, "key": 0.7, "chords": 0.75}
    assert {column: means[column] for column, floor in floors.items() if means[column] < floor} == {}


@pytest.mark.filterwarnings("ignore")
def test_it_is_better_than_the_baseline() -> None:
    piece = sketch(44, 30.0)
    own, plain = score(piece, by_analyse(piece)), score(piece, by_librosa(piece))
    assert own["beat F"] >= plain["beat F"]
    assert own["chords"] > plain["chords"]
