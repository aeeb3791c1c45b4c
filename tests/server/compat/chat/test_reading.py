"""What a request says, without a server: messages, tags, audio, and every field that upstream reads."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_server.compat.chat.body import read_chat_body
from bandmate_server.compat.chat.errors import FieldError
from bandmate_server.compat.chat.messages import looks_like_lyrics, split_text
from bandmate_server.compat.chat.music_order import (
    MusicOrder,
    read_key,
    read_metre,
    read_order,
    read_seeds,
)
from bandmate_server.compat.songs.fields import FIELDS

BY_NAME = tuple(field.name for field in FIELDS)
WAVE = base64.b64encode(b"RIFF and more").decode()
VERSE = "Rain on the window\nRain on the door\nI wait for the morning\nI wait for more"


def order_of(content="lo-fi drums", **fields) -> MusicOrder:
    messages = [{"role": "user", "content": content}]
    return read_order(read_chat_body({"messages": messages} | fields))


def audio_part(data=WAVE):
    return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}


@pytest.mark.parametrize(
    ("text", "prompt", "lyrics"),
    [
        ("mellow jazz", "mellow jazz", ""),
        ("<prompt>pop</prompt><lyrics>la la</lyrics>", "pop", "la la"),
        ("<PROMPT> pop </PROMPT>\n<Lyrics>\nla\n\nla\n</Lyrics>", "pop", "la\n\nla"),
        ("a slow one <lyrics>la</lyrics> with strings", "a slow one  with strings", "la"),
        ("<prompt>pop</prompt> and what else is said", "pop", ""),
        ("<prompt>not closed", "<prompt>not closed", ""),
        ("[Verse]\nla", "", "[Verse]\nla"),
        ("[inst]", "", "[inst]"),
        (VERSE, "", VERSE),
        ("one\ntwo\nthree", "one\ntwo\nthree", ""),
        ("\n".join(["a long line that describes the music in every detail there is"] * 4), None, ""),
    ],
)
def test_a_text_is_a_prompt_or_lyrics(text, prompt, lyrics):
    found = split_text(text)
    assert found[:2] == (text if prompt is None else prompt, lyrics)


@given(st.text())
def test_any_text_is_read(text):
    prompt, lyrics, is_tagged = split_text(text)
    if not is_tagged:
        assert (prompt or lyrics) == text.strip()
        assert bool(lyrics) == (looks_like_lyrics(text.strip()) and bool(text.strip()))


def test_the_last_message_of_the_user_counts():
    body = {
        "messages": [
            {"role": "system", "content": "You are a band."},
            {"role": "user", "content": "polka"},
            {"role": "assistant", "content": "## Metadata"},
            {"role": "user", "content": "funk"},
            {"role": "assistant", "content": None},
        ]
    }
    assert read_order(read_chat_body(body)).request.song.caption == "funk"


def test_parts_have_texts_and_audio():
    parts = [{"type": "text", "text": "jazz"}, audio_part(), {"type": "text", "text": "trio"}, audio_part()]
    order = order_of(parts)
    assert order.request.song.caption == "jazz\ntrio"
    assert [part.data for part in order.audio] == [b"RIFF and more"] * 2


def test_audio_may_come_as_an_answer_has_it():
    part = {"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{WAVE}"}}
    assert order_of([part]).audio[0].data == b"RIFF and more"


@pytest.mark.parametrize(
    "data", [f"data:audio/wav;base64,{WAVE}", WAVE.rstrip("="), f"{WAVE[:4]}\r\n {WAVE[4:]}\n"]
)
def test_base64_is_read_as_it_is_sent(data):
    assert order_of([audio_part(data)]).audio[0].data == b"RIFF and more"


def said(order):
    song = order.request.song
    return (
        song.caption,
        song.lyrics,
        order.request.fields.text("sample_query"),
        order.request.is_to_be_written,
    )


def test_fields_say_what_the_text_is():
    idea = "a sad song about rain"
    assert said(order_of(idea, lyrics="la la")) == (idea, "la la", "", False)
    assert said(order_of(VERSE, sample_mode=True)) == (VERSE, "", VERSE, True)
    assert said(order_of("x", sample_mode=True, lyrics="la")) == ("x", "la", "", False)
    assert said(order_of("x", use_format=True)) == ("x", "", "", True)


def test_nothing_is_sung_where_the_lyrics_say_so():
    assert order_of("<prompt>x</prompt><lyrics>[Inst]</lyrics>").request.song.lyrics == ""
    assert order_of("x", lyrics="[instrumental]").request.song.lyrics == ""
    assert order_of("x", lyrics="la", audio_config={"instrumental": True}).request.song.lyrics == ""


def test_upstreams_fields_are_read():
    order = order_of(
        model="acestep/acestep-v15-turbo",
        stream=True,
        thinking=True,
        use_cot_caption=False,
        guidance_scale=7.0,
        inference_steps=12,
        temperature=0.5,
        top_p=0.9,
        top_k=50,
        seed="5,6",
        batch_size=3,
        audio_config={
            "duration": 45,
            "bpm": 96,
            "key_scale": "F# minor",
            "time_signature": "3",
            "vocal_language": "de",
            "instrumental": True,
            "format": "flac",
        },
    )
    song, fields = order.request.song, order.request.fields
    assert order.request.seeds == (5, 6, None)
    assert (song.seconds, song.bpm, song.metre, song.key) == (45.0, 96.0, (3, 4), "F# minor")
    assert (song.language, order.container, fields.flag("instrumental")) == ("de", "flac", True)
    assert (fields.flag("thinking"), fields.flag("use_cot_caption")) == (True, False)
    assert (fields.number("guidance_scale"), fields.whole("inference_steps")) == (7.0, 12)
    assert (fields.number("lm_temperature"), order.streams) == (0.5, True)
    assert order.model == "acestep/acestep-v15-turbo"


def test_numbers_and_truth_values_may_be_text():
    order = order_of(stream="true", batch_size="2", audio_config={"duration": "12.5", "bpm": "90"})
    assert (order.streams, len(order.request.seeds), order.request.song.seconds, order.request.song.bpm) == (
        True,
        2,
        12.5,
        90.0,
    )


def plain(order):
    """All that it asks for, without the object that reads its fields."""
    request = order.request
    given = [name for name in BY_NAME if request.fields.is_given(name)]
    values = {name: request.fields.text(name) for name in given}
    return replace(order, request=replace(request, fields=None)), values


def test_null_is_the_default_everywhere():
    names = read_chat_body({"messages": [{"role": "user"}]}).__struct_fields__
    nothing = dict.fromkeys(name for name in names if name != "messages")
    assert plain(order_of(**nothing)) == plain(order_of())
    config = dict.fromkeys(("duration", "format", "bpm", "key_scale", "time_signature", "vocal_language"))
    assert plain(order_of(audio_config=config | {"instrumental": None})) == plain(order_of())


def test_zero_and_minus_one_leave_open():
    order = order_of(audio_config={"duration": -1, "bpm": 0, "key_scale": "", "time_signature": ""}, seed=-1)
    assert order.request.song == order_of().request.song
    assert order.request.seeds == (None,)


def test_openais_own_fields_have_their_place():
    order = order_of(modalities=["text", "audio"], audio={"voice": "alloy", "format": "wav"}, user="me", n=1)
    assert order.container == "wav"
    assert order_of(stream_options={"include_usage": True}).wants_usage is True


@pytest.mark.parametrize(
    ("given", "batch", "seeds"),
    [
        (None, 2, (None, None)),
        (7, 1, (7,)),
        (7.0, 2, (7, 8)),
        ("7", 1, (7,)),
        ("1,2", 2, (1, 2)),
        (" 1 , -1 ,3 ", 3, (1, None, 3)),
        ([4, "5"], 2, (4, 5)),
        ("1,2,3", 2, (1, 2)),
        ("", 1, (None,)),
        (2**32 - 1, 1, (2**32 - 1,)),
    ],
)
def test_seeds(given, batch, seeds):
    assert read_seeds(given, batch) == seeds


@pytest.mark.parametrize(
    ("text", "metre"),
    [("4", (4, 4)), (3, (3, 4)), ("6", (6, 8)), ("2/4", (2, 4)), ("7/8", (7, 8)), ("", None), (None, None)],
)
def test_metres(text, metre):
    assert read_metre(text) == metre


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C major", "C major"),
        ("am", "A minor"),
        ("Am", "A minor"),
        ("C", "C major"),
        ("CM", "C major"),
        ("F# Minor", "F# minor"),
        ("B♭maj", "Bb major"),
        ("d dorian", "D dorian"),
        ("", None),
        (None, None),
        ("N/A", None),
    ],
)
def test_keys(text, key):
    assert read_key(text) == key


REFUSED = [
    ({"messages": []}, "messages"),
    ({"messages": None}, "messages"),
    ({}, "messages"),
    ([], ""),
    ({"messages": [{"role": "user", "content": ""}]}, "messages"),
    ({"messages": [{"role": "assistant", "content": "jazz"}]}, "messages"),
    ({"messages": [{"content": "jazz"}]}, "messages[0]"),
    ({"messages": "jazz"}, "messages"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
]


@pytest.mark.parametrize(("body", "param"), REFUSED, ids=range(len(REFUSED)))
def test_a_body_without_a_message_is_refused(body, param):
    with pytest.raises(FieldError) as refused:
        read_order(read_chat_body(body))
    assert refused.value.param == param


WRONG = [
    ({"batch_size": 9}, "batch_size"),
    ({"batch_size": 0}, "batch_size"),
    ({"batch_size": 1.5}, "batch_size"),
    ({"n": 2}, "n"),
    ({"seed": "x"}, "seed"),
    ({"seed": 2**32}, "seed"),
    ({"seed": 1.5}, "seed"),
    ({"seed": True}, "seed"),
    ({"seed": {"a": 1}}, "seed"),
    ({"seed": -2}, "seed"),
    ({"temperature": 3}, "temperature"),
    ({"stream": "perhaps"}, "stream"),
    ({"task_type": "sing"}, "task_type"),
    ({"task_type": "cover"}, "messages"),
    ({"lyrics": "la " * 2_000}, "lyrics"),
    ({"audio_config": {"format": "ogg"}}, "audio_config.format"),
    ({"audio": {"format": "pcm16"}}, "audio.format"),
    ({"audio_config": {"duration": 1e9}}, "audio_config.duration"),
    ({"audio_config": {"bpm": "fast"}}, "audio_config.bpm"),
    ({"audio_config": {"key_scale": "H dur"}}, "audio_config.key_scale"),
    ({"audio_config": {"time_signature": "4/5"}}, "audio_config.time_signature"),
    ({"audio_config": {"time_signature": "0/4"}}, "audio_config.time_signature"),
    ({"audio_config": {"vocal_language": "elvish"}}, "audio_config.vocal_language"),
    ({"audio_config": []}, "audio_config"),
]


@pytest.mark.parametrize(("fields", "param"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_field_is_named(fields, param):
    with pytest.raises(FieldError) as refused:
        order_of(**fields)
    assert refused.value.param == param
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("part", "param"),
    [
        ({"type": "image_url", "image_url": {"url": "x"}}, "messages[0].content[0].type"),
        (audio_part("!!!"), "messages[0].content[0].input_audio.data"),
        (audio_part(""), "messages[0].content[0].input_audio.data"),
        ({"type": "input_audio"}, "messages[0].content[0].input_audio.data"),
        (
            {"type": "audio_url", "audio_url": {"url": "https://example.org/a.mp3"}},
            "messages[0].content[0].audio_url.url",
        ),
    ],
)
def test_a_part_that_cannot_be_read_is_named(part, param):
    with pytest.raises(FieldError) as refused:
        order_of([part])
    assert refused.value.param == param


def test_a_range_that_ends_before_it_starts_is_refused():
    with pytest.raises(FieldError) as refused:
        order_of([audio_part()], task_type="repaint", repainting_start=5, repainting_end=4)
    assert refused.value.param == "repainting_end"
    order = order_of([audio_part()], task_type="repaint", repainting_start=5, repainting_end=-1)
    assert order.request.fields.number("repainting_start") == 5.0


def test_a_prompt_has_a_bound():
    with pytest.raises(FieldError, match="10001 characters"):
        order_of("a" * 10_001)
