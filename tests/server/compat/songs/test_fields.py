"""Every field by every name and in every place, without a server."""

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_protocol.errors import RequestError
from bandmate_server.compat.songs.fields import FIELDS, META_NAMES
from bandmate_server.compat.songs.music import metre_text, read_key, read_language, read_lyrics, read_metre
from bandmate_server.compat.songs.music_request import TRACKS, AudioFormat, TaskType, read_music_request
from bandmate_server.compat.songs.values import FieldValues, read_flag, read_number

NAMES = [(field, name) for field in FIELDS for name in field.names]
SENT = {"text": "a text", "number": 1.0, "whole": 2, "flag": True, "words": "drums, bass"}
READ = {"text": "a text", "number": 1.0, "whole": 2, "flag": True, "words": "drums, bass"}

UPSTREAM = {
    "prompt": ("caption",),
    "sample_query": ("sampleQuery", "description", "desc"),
    "sample_mode": ("sampleMode",),
    "use_format": ("useFormat", "format"),
    "model": ("model_name", "modelName", "dit_model", "ditModel"),
    "key_scale": ("keyscale", "keyScale", "key"),
    "time_signature": ("timesignature", "timeSignature"),
    "audio_duration": ("duration", "audioDuration", "target_duration", "targetDuration"),
    "vocal_language": ("vocalLanguage", "language"),
    "inference_steps": ("inferenceSteps",),
    "guidance_scale": ("guidanceScale",),
    "use_random_seed": ("useRandomSeed",),
    "batch_size": ("batchSize",),
    "reference_audio_path": ("ref_audio_path", "referenceAudioPath"),
    "src_audio_path": ("ctx_audio_path", "sourceAudioPath"),
    "audio_code_string": ("audioCodeString", "audio_codes"),
    "audio_cover_strength": ("cover_strength", "coverStrength"),
    "task_type": ("taskType",),
    "track_name": ("trackName",),
    "track_classes": ("trackClasses", "instruments"),
}


def read(values, field):
    return getattr(FieldValues(values), "text" if field.kind == "words" else field.kind)(field.name)


def test_the_table_has_every_other_name_that_upstream_takes():
    table = {field.name: field.aliases for field in FIELDS}
    assert {name: set(aliases) - set(table[name]) for name, aliases in UPSTREAM.items()} == {
        name: set() for name in UPSTREAM
    }


@pytest.mark.parametrize(("field", "name"), NAMES)
def test_a_name_is_read_in_every_place(field, name):
    sent, wanted = SENT[field.kind], READ[field.kind]
    assert read({name: sent}, field) == wanted
    assert read({"param_obj": {name: sent}}, field) == wanted
    assert read({"param_obj": json.dumps({name: sent})}, field) == wanted
    for place in META_NAMES:
        assert read({place: {name: sent}}, field) == wanted
        assert read({place: json.dumps({name: sent})}, field) == wanted


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_top_level_comes_first_and_nothing_gives_the_default(field):
    sent = SENT[field.kind]
    other = {"text": "other", "number": 0.5, "whole": 1, "flag": False, "words": "other"}[field.kind]
    given_twice = {field.name: sent, "param_obj": {field.name: other}, "metas": {field.name: other}}
    assert read(given_twice, field) == READ[field.kind]
    empty = {"text": "", "words": "", "flag": False}.get(field.kind)
    expected = field.default if field.default is not None else empty
    for values in ({}, {field.name: None}, {"param_obj": "not JSON", "metas": [1]}):
        assert read(values, field) == expected


@pytest.mark.parametrize(
    "field", [each for each in FIELDS if each.kind in ("number", "whole")], ids=lambda f: f.name
)
@pytest.mark.parametrize("bad", ["abc", "nan", "inf", "1e999", "9" * 100, [], {}, True, ""])
def test_a_number_that_is_none_counts_as_not_given(field, bad):
    assert read({field.name: bad}, field) == field.default


@pytest.mark.parametrize("sent", [True, 1, "1", "true", "TRUE", "yes", "Y", "on", " on "])
def test_true(sent):
    assert read_flag(sent)


@pytest.mark.parametrize("sent", [False, 0, 2, "0", "false", "no", "off", "", "truth", None, [], {}])
def test_false(sent):
    assert not read_flag(sent)


@pytest.mark.parametrize(
    ("text", "metre", "written"),
    [
        ("4", (4, 4), "4"),
        ("3/4", (3, 4), "3"),
        ("6", (6, 8), "6"),
        ("6/8", (6, 8), "6"),
        ("2/4", (2, 4), "2"),
        ("7/8", (7, 8), "7/8"),
        ("5 / 4", (5, 4), "5/4"),
    ],
)
def test_metres(text, metre, written):
    assert (read_metre(text), metre_text(metre)) == (metre, written)


@pytest.mark.parametrize("text", ["", "0/4", "4/0", "N/A", "waltz", "100/4", "\u0664"])
def test_what_is_no_metre(text):
    assert read_metre(text) is None


def test_keys_languages_and_lyrics():
    assert (read_key("A  minor"), read_key("Bb major"), read_key("H major"), read_key("")) == (
        "A minor",
        "Bb major",
        None,
        None,
    )
    assert (read_language("DE"), read_language("klingon")) == ("de", "unknown")
    assert [read_lyrics(text) for text in ("[Instrumental]", "[inst]", " ", "la")] == ["", "", "", "la"]


@pytest.mark.parametrize(
    ("values", "seeds"),
    [
        ({}, (None, None)),
        ({"seed": 5}, (None, None)),
        ({"seed": 5, "use_random_seed": False}, (5, 6)),
        ({"seed": "5,9", "use_random_seed": "false"}, (5, 9)),
        ({"seed": [5, 9], "use_random_seed": 0}, (5, 9)),
        ({"seed": -1, "use_random_seed": False}, (None, None)),
        ({"seed": "x", "use_random_seed": False}, (None, None)),
        ({"seed": 2**32 - 1, "use_random_seed": False}, (2**32 - 1, 0)),
        ({"batch_size": 99}, (None,) * 8),
        ({"batch_size": 0}, (None,)),
    ],
)
def test_seeds(values, seeds):
    assert read_music_request(values).seeds == seeds


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"task_type": "text2musik"}, "text2music"),
        ({"task_type": "midi_generate"}, "stem_separation"),
        ({"audio_format": "opus"}, "mp3, wav, wav32, flac"),
        ({"audio_code_string": "<|audio_code_1|>"}, "audio codes"),
        ({"extract_codes_only": True}, "audio codes"),
        ({"task_type": "lego"}, "No track is named"),
        ({"task_type": "extract", "track_name": "kazoo"}, "backing_vocals"),
        ({"prompt": "x" * 10_001}, "10001 characters"),
        ({"lyrics": "x" * 4_097}, "4097 characters"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(values, said):
    with pytest.raises(RequestError) as caught:
        read_music_request(values)
    assert said in str(caught.value)


def test_tracks_by_any_spelling():
    values = {"task_type": "complete", "track_classes": ["Backing Vocals", "DRUMS"], "track_name": "drums"}
    assert read_music_request(values).tracks == ("drums", "backing_vocals")
    assert all(read_music_request({"task_type": "lego", "track_name": name}).tracks for name in TRACKS)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([name for field in FIELDS for name in field.names] + ["param_obj", *META_NAMES])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(names, anything, max_size=8))
def test_no_body_breaks_the_reader(values):
    try:
        found = read_music_request(values)
    except RequestError:
        return
    assert found.task in get_args(TaskType)
    assert found.audio_format in get_args(AudioFormat)
    assert 1 <= len(found.seeds) <= 8
    assert all(seed is None or 0 <= seed < 2**32 for seed in found.seeds)
    found.song.caption.encode()


def test_numbers():
    assert [read_number(value) for value in ("1.5", 2, True, "1" * 65, 10**400)] == [
        1.5,
        2.0,
        None,
        None,
        None,
    ]
