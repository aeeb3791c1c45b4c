"""The hard limits of a frame: what passes, what is refused, and in which words."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgpack
import pytest

from bandmate_protocol import codec
from bandmate_protocol.codec import CLIENT_FRAMES, SERVER_FRAMES, encode_message
from bandmate_protocol.errors import ErrorCode, RemoteProtocolError
from bandmate_protocol.messages import MAX_AUDIO_BYTES, Audio, Done, Ping, Upload
from bandmate_protocol.units import MAX_INTEGER

JOB = "0123abcd"
TIMELINE = {
    "sample_rate": 48_000,
    "start_frame": 0,
    "end_frame": 48_000,
    "tempo": [{"position": 0.0, "bpm": 120}],
}


def submit(**params: Any) -> dict[str, Any]:
    return {"type": "submit", "request": "r1", "task": "generate", "timeline": TIMELINE, "params": params}


def refused(frame: bytes, decoder: codec.FrameDecoder[Any] = CLIENT_FRAMES) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        decoder.decode(frame)
    assert 0 < len(caught.value.sentence) < 1_000
    assert type(caught.value) is RemoteProtocolError
    return caught.value


def nested(depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = [leaf]
    return leaf


class TestWholeFrames:
    def test_bytes_bytearray_and_memoryview_are_taken(self) -> None:
        frame = encode_message(Ping(request="r"))
        for form in (frame, bytearray(frame), memoryview(frame)):
            assert CLIENT_FRAMES.decode(form) == Ping(request="r")

    def test_a_frame_of_the_largest_size_passes_and_one_more_byte_does_not(self) -> None:
        limit = codec.MAX_FRAME_BYTES
        params = {str(number): "x" * codec.MAX_TEXT_BYTES for number in range(15)}
        rest = limit - len(msgpack.packb(submit(**params, last=""))) - 4
        frame = msgpack.packb(submit(**params, last="x" * rest))
        assert len(frame) == limit
        assert CLIENT_FRAMES.decode(frame)
        longer = msgpack.packb(submit(**params, last="x" * (rest + 1)))
        assert str(limit) in refused(longer).sentence

    @pytest.mark.parametrize(
        "frame", [b"", b"\xc1", b"\x81", b"\x81\xa4type", b"\x80\x80", b"\xdd\xff\xff\xff\xff"]
    )
    def test_what_is_not_one_whole_msgpack_value_is_refused(self, frame: bytes) -> None:
        assert refused(frame).code is ErrorCode.BAD_MESSAGE

    @pytest.mark.parametrize("value", [None, 1, "hello", [], [1], b"bytes", 1.5, True])
    def test_what_is_not_a_map_is_refused(self, value: Any) -> None:
        assert refused(msgpack.packb(value)).sentence == "The frame is not a map."

    @pytest.mark.parametrize(
        "kind", [None, 1, b"ping", ["ping"], {"ping": 1}, "Ping", "ping ", "", "x" * 9_999]
    )
    def test_a_type_that_does_not_exist_is_named_in_short(self, kind: Any) -> None:
        error = refused(msgpack.packb({"type": kind, "request": "r7"}))
        assert error.code is ErrorCode.UNKNOWN_TYPE
        assert error.request == "r7"
        assert len(error.sentence) < 200

    def test_a_map_without_a_type_is_refused(self) -> None:
        assert refused(b"\x80").code is ErrorCode.UNKNOWN_TYPE

    @pytest.mark.parametrize("request_id", ["", "x" * 65, 5, None, b"r"])
    def test_a_request_id_is_given_back_only_when_it_is_one(self, request_id: Any) -> None:
        assert refused(msgpack.packb({"type": "nothing", "request": request_id})).request is None


class TestBounds:
    @pytest.mark.parametrize("leaf", [1, 0.5, "x", None, {}])
    def test_nesting_passes_to_the_limit_and_not_beyond(self, leaf: Any) -> None:
        # The map of params is the first level, its values are the second.
        fits = codec.MAX_DEPTH - (2 if leaf == {} else 1)
        assert CLIENT_FRAMES.decode(msgpack.packb(submit(deep=nested(fits, leaf))))
        assert "deeper" in refused(msgpack.packb(submit(deep=nested(fits + 1, leaf)))).sentence

    @pytest.mark.parametrize("opening", [b"\x91", b"\x81\xa1x"], ids=["arrays", "maps"])
    def test_nesting_without_end_is_refused_without_a_stack_overflow(self, opening: bytes) -> None:
        assert refused(b"\x81\xa1x" + opening * 100_000 + b"\xc0").code is ErrorCode.BAD_MESSAGE

    def test_arrays_and_maps_have_a_most_of_entries(self) -> None:
        most = codec.MAX_ITEMS
        assert CLIENT_FRAMES.decode(msgpack.packb(submit(x=[0] * most)))
        assert refused(msgpack.packb(submit(x=[0] * (most + 1)))).code is ErrorCode.BAD_MESSAGE
        big_map = {str(number): 0 for number in range(most + 1)}
        assert refused(msgpack.packb(submit(x=big_map))).code is ErrorCode.BAD_MESSAGE

    def test_a_frame_of_empty_arrays_is_refused_for_their_number(self) -> None:
        frame = msgpack.packb(submit(**{str(number): [[]] * codec.MAX_ITEMS for number in range(20)}))
        assert len(frame) < codec.MAX_FRAME_BYTES / 10
        assert "values" in refused(frame).sentence

    def test_a_text_has_a_most_of_bytes(self) -> None:
        most = codec.MAX_TEXT_BYTES
        assert CLIENT_FRAMES.decode(msgpack.packb(submit(x="x" * most)))
        assert refused(msgpack.packb(submit(x="x" * (most + 1)))).code is ErrorCode.BAD_MESSAGE
        assert refused(msgpack.packb(submit(x="é" * (most // 2 + 1)))).code is ErrorCode.BAD_MESSAGE

    def test_a_piece_of_audio_has_a_most_of_bytes(self) -> None:
        def audio(size: int) -> bytes:
            return encode_message(Audio(job=JOB, attempt=0, stem=0, offset=0, data=bytes(size)))

        assert SERVER_FRAMES.decode(audio(MAX_AUDIO_BYTES))
        assert "data" in refused(audio(MAX_AUDIO_BYTES + 1), SERVER_FRAMES).sentence

    def test_a_piece_of_an_upload_has_a_most_of_bytes(self) -> None:
        def upload(size: int) -> bytes:
            return encode_message(Upload(sha256="0" * 64, total_bytes=1 << 30, offset=0, data=bytes(size)))

        assert CLIENT_FRAMES.decode(upload(1 << 20))
        assert "data" in refused(upload((1 << 20) + 1)).sentence


class TestValues:
    @pytest.mark.parametrize("code", [-1, 0, 5, 127], ids=["timestamp", "0", "5", "127"])
    @pytest.mark.parametrize("size", [0, 1, 4, 8])
    def test_extension_types_are_refused(self, code: int, size: int) -> None:
        frame = msgpack.packb({"type": "ping", "request": "r", "x": msgpack.ExtType(code & 127, bytes(size))})
        assert refused(frame).code is ErrorCode.BAD_MESSAGE
        timestamp = b"\x82\xa4type\xa4ping\xa1x\xd6" + struct.pack("b", code) + bytes(4)
        assert refused(timestamp).code is ErrorCode.BAD_MESSAGE

    @pytest.mark.parametrize("key", [1, None, True, 1.5, b"x"])
    def test_keys_are_text(self, key: Any) -> None:
        assert refused(msgpack.packb({"type": "ping", "request": "r", key: 1})).code is ErrorCode.BAD_MESSAGE
        assert refused(msgpack.packb(submit(x={key: 1}))).code is ErrorCode.BAD_MESSAGE
        assert refused(msgpack.packb(submit(x=[{"y": {key: 1}}]))).code is ErrorCode.BAD_MESSAGE

    def test_array_keys_are_refused(self) -> None:
        assert refused(b"\x82\xa4type\xa4ping\x91\x01\x01").code is ErrorCode.BAD_MESSAGE

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
    def test_numbers_are_finite(self, number: float) -> None:
        for value in (number, [number], {"x": {"y": [number]}}):
            assert "finite" in refused(msgpack.packb(submit(x=value))).sentence
        done = {"type": "done", "job": JOB, "attempt": 0, "seconds": number}
        assert "finite" in refused(msgpack.packb(done), SERVER_FRAMES).sentence
        narrow = b"\x84\xa4type\xa4done\xa3job\xa80123abcd\xa7attempt\x00\xa7seconds\xca" + struct.pack(
            ">f", number
        )
        assert "finite" in refused(narrow, SERVER_FRAMES).sentence

    @pytest.mark.parametrize("number", [MAX_INTEGER + 1, -MAX_INTEGER - 1, 2**64 - 1, -(2**63)])
    def test_integers_fit_a_double(self, number: int) -> None:
        assert refused(msgpack.packb({"type": "credit", "bytes": number})).code is ErrorCode.BAD_MESSAGE
        for value in (number, [number], {"x": {"y": [number]}}):
            assert "range" in refused(msgpack.packb(submit(x=value))).sentence

    def test_the_largest_integers_pass(self) -> None:
        assert CLIENT_FRAMES.decode(msgpack.packb({"type": "credit", "bytes": MAX_INTEGER}))
        assert CLIENT_FRAMES.decode(msgpack.packb(submit(x=[MAX_INTEGER, -MAX_INTEGER])))

    def test_text_is_never_taken_for_the_base64_of_bytes(self) -> None:
        fields = {"type": "upload", "sha256": "0" * 64, "total_bytes": 4, "offset": 0, "data": "AAAA"}
        assert "bytes" in refused(msgpack.packb(fields)).sentence

    def test_bytes_are_never_taken_for_text(self) -> None:
        assert refused(msgpack.packb({"type": "ping", "request": b"r"})).code is ErrorCode.BAD_MESSAGE

    @pytest.mark.parametrize("value", [b"x", [b"x"], {"y": [b"x"]}])
    def test_free_values_hold_no_bytes(self, value: Any) -> None:
        assert "bytes" in refused(msgpack.packb(submit(x=value))).sentence

    def test_text_is_utf_8(self) -> None:
        assert refused(b"\x82\xa4type\xa4ping\xa7request\xa2\xc3\x28").code is ErrorCode.BAD_MESSAGE
        # A lone surrogate, as sloppy encoders write it.
        assert refused(b"\x82\xa4type\xa4ping\xa7request\xa3\xed\xa0\x80").code is ErrorCode.BAD_MESSAGE

    @pytest.mark.parametrize(
        "job", ["0123abcd\n", "0123ABCD", "0123abc", "0123abcde", "../../..", "0123abc\x00"]
    )
    def test_a_job_id_is_eight_characters_and_nothing_after_them(self, job: str) -> None:
        assert refused(msgpack.packb({"type": "cancel", "job": job})).code is ErrorCode.BAD_MESSAGE

    @pytest.mark.parametrize("value", [True, 3.0, "3", None, [3]])
    def test_an_integer_field_takes_integers_only(self, value: Any) -> None:
        assert refused(msgpack.packb({"type": "credit", "bytes": value})).code is ErrorCode.BAD_MESSAGE

    def test_a_number_field_takes_integers_too(self) -> None:
        done = SERVER_FRAMES.decode(msgpack.packb({"type": "done", "job": JOB, "attempt": 0, "seconds": 3}))
        assert isinstance(done, Done)
        assert done.seconds == 3.0
        assert type(done.seconds) is float

    def test_of_a_key_that_comes_twice_the_last_one_counts(self) -> None:
        frame = b"\x83\xa4type\xa4ping\xa7request\xa1a\xa7request\xa1b"
        assert CLIENT_FRAMES.decode(frame) == Ping(request="b")


def peak_bytes(work: Callable[[], object]) -> int:
    work()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_audio_is_copied_once_each_way() -> None:
    audio = Audio(job=JOB, attempt=0, stem=0, offset=0, data=bytes(MAX_AUDIO_BYTES))
    frame = encode_message(audio)
    assert len(frame) < MAX_AUDIO_BYTES + 100
    assert peak_bytes(lambda: SERVER_FRAMES.decode(frame)) < MAX_AUDIO_BYTES * 1.1
    # The encoder's buffer grows by steps, so it may be half as large again for a moment.
    assert peak_bytes(lambda: encode_message(audio)) < MAX_AUDIO_BYTES * 1.6


def test_the_largest_frame_takes_a_bounded_multiple_of_its_size() -> None:
    frame = msgpack.packb(submit(**{str(number): [[]] * codec.MAX_ITEMS for number in range(200)}))
    assert peak_bytes(lambda: refused(frame)) < 32 << 20
