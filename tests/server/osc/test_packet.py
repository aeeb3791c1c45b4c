"""Decoding OSC: every type tag of OSC 1.0 and 1.1, bundles, and bytes that are neither."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder, build_msg

from bandmate_server.surfaces.control.actions import RunTask
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.control.parameters import ControlValue
from bandmate_server.surfaces.osc.packet import Impulse, MalformedPacketError, OscMessage, read_packet
from bandmate_server.surfaces.osc.reading import OscTranslator, UnreadableMessageError
from tests.server.control.test_model import info

PARAMETER = "/bandmate/v1/param/cover"

DATA: dict[str, tuple[bytes, object]] = {
    "i": (struct.pack(">i", -7), -7),
    "f": (struct.pack(">f", 0.25), 0.25),
    "s": (b"two\0", "two"),
    "b": (struct.pack(">i", 5) + b"\1\2\3\4\5\0\0\0", b"\1\2\3\4\5"),
    "h": (struct.pack(">q", -(2**40)), -(2**40)),
    "t": (struct.pack(">Q", 1), 1),
    "d": (struct.pack(">d", 0.1), 0.1),
    "S": (b"drei\0\0\0\0", "drei"),
    "c": (struct.pack(">I", ord("A")), "A"),
    "r": (bytes([255, 0, 0, 9]), 0xFF000009),
    "m": (bytes([0, 0x90, 60, 100]), bytes([0, 0x90, 60, 100])),
    "T": (b"", True),
    "F": (b"", False),
    "N": (b"", None),
    "I": (b"", Impulse.BANG),
}


def padded(text: str) -> bytes:
    data = text.encode()
    return data + b"\0" * (4 - len(data) % 4)


def message(address: str, tags: str, data: bytes = b"") -> bytes:
    return padded(address) + padded(f",{tags}") + data


def bundle(*elements: bytes) -> bytes:
    sized = (struct.pack(">i", len(each)) + each for each in elements)
    return b"#bundle\0" + struct.pack(">Q", 1) + b"".join(sized)


@pytest.mark.parametrize("tag", DATA)
def test_what_follows_an_argument_of_any_type_is_right(tag: str) -> None:
    data, value = DATA[tag]
    read = read_packet(message("/a", f"{tag}f{tag}", data + struct.pack(">f", 0.5) + data))
    assert read == [OscMessage("/a", [value, 0.5, value])]  # type: ignore[list-item]


def test_arrays_are_lists() -> None:
    data = struct.pack(">ff", 1.0, 2.0) + b"x\0\0\0"
    assert read_packet(message("/a", "[f[f]]s", data)) == [OscMessage("/a", [[1.0, [2.0]], "x"])]


def test_python_osc_writes_what_is_read() -> None:
    """Another implementation's packets, with the types that it knows."""
    builder = OscMessageBuilder("/a")
    values = [("i", 3), ("f", 0.5), ("s", "東京"), ("b", b"abc"), ("h", 2**40), ("d", 0.1), ("T", True)]
    for tag, value in values:
        builder.add_arg(value, tag)
    outer, inner = OscBundleBuilder(IMMEDIATELY), OscBundleBuilder(IMMEDIATELY)
    inner.add_content(builder.build())
    outer.add_content(build_msg("/first"))
    outer.add_content(inner.build())
    assert read_packet(outer.build().dgram) == [
        OscMessage("/first", []),
        OscMessage("/a", [value for _, value in values]),
    ]


def test_an_address_alone_has_no_arguments() -> None:
    assert read_packet(padded("/bandmate/v1/refresh")) == [OscMessage("/bandmate/v1/refresh", [])]


def test_a_last_float_may_lack_its_zeros() -> None:
    """Reaktor sends such."""
    assert read_packet(message("/a", "f", b"\x3f\x80")) == [OscMessage("/a", [1.0])]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "An OSC packet must start with / or #bundle"),
        (b"mixer\0\0\0", "An OSC packet must start with / or #bundle"),
        (b"/a", "address of an OSC message has no end"),
        (b"/\xff\xfe\0", "not UTF-8"),
        (padded("/a") + padded("f"), "do not start with a comma"),
        (message("/a", "fx", b"\0" * 8), "/a with the type tags ,fx: the type x is not one of OSC 1.1"),
        (message("/a", "i", b"\0\0"), "needs 4 bytes, but only 2 are left"),
        (message("/a", "s", b"abcd"), "text of an OSC message has no end"),
        (message("/a", "c", struct.pack(">I", 200)), "200 is not ASCII"),
        (message("/a", "b", struct.pack(">i", 9) + b"1234"), "needs 9 bytes"),
        (message("/a", "b", struct.pack(">i", -4)), "a blob has -4 bytes"),
        (message("/a", "[f", struct.pack(">f", 1)), "an array does not end"),
        (message("/a", "]"), "an array ends that did not start"),
        (message("/a", "[" * 99), "nested more than 8"),
        (b"#bundle\0\0\0", "before its time tag"),
        (b"#bundle\0" + bytes(8) + b"\0\0", "within the size"),
        (
            b"#bundle\0" + bytes(8) + struct.pack(">i", 99) + padded("/a"),
            "element of 99 bytes, but only 4 are left",
        ),
        (bundle(b"text\0\0\0\0"), "An OSC packet must start with / or #bundle"),
    ],
)
def test_what_is_no_osc_has_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(MalformedPacketError) as caught:
        read_packet(data)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith((".", "])."))


def test_bundles_end_somewhere() -> None:
    nested = message("/a", "")
    for _ in range(100):
        nested = bundle(nested)
    with pytest.raises(MalformedPacketError, match="nested more than 8"):
        read_packet(nested)


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(lambda data: b"#bundle\0" + data)))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(MalformedPacketError):
        for each in read_packet(data):
            assert each.address.startswith("/")


@pytest.fixture
def model() -> ControlModel:
    return ControlModel([info("cover")])


def applied(model: ControlModel, data: bytes) -> ControlValue | None:
    """What the messages of a packet leave of the parameter, or None when they are refused."""
    reader = OscTranslator(model, lambda: 0.0)
    control = ""
    try:
        for each in read_packet(data):
            control, _ = reader.apply_message(each.address, each.arguments, "me")
    except (MalformedPacketError, UnreadableMessageError):
        return None
    return model.value_of(control)


def test_no_argument_is_taken_for_another(model: ControlModel) -> None:
    """These set 1.0 and 9e-44 while python-osc read them."""
    model.set_value("cover/strength", 0.125)
    half = struct.pack(">f", 0.5)
    assert applied(model, message(f"{PARAMETER}/strength", "Sf", b"x\0\0\0" + half)) is None
    assert applied(model, message(f"{PARAMETER}/strength/raw", "cf", struct.pack(">I", 65) + half)) is None
    assert applied(model, message(f"{PARAMETER}/strength/raw", "If", half)) is None
    assert model.value_of("cover/strength") == 0.125
    assert applied(model, message(f"{PARAMETER}/strength/raw", "d", struct.pack(">d", 0.5))) == 0.5


def test_symbols_and_characters_are_text(model: ControlModel) -> None:
    assert applied(model, message(f"{PARAMETER}/mode/str", "S", b"two\0")) == "two"
    assert applied(model, message(f"{PARAMETER}/prompt", "c", struct.pack(">I", ord("x")))) == "x"


def test_an_impulse_is_a_press(model: ControlModel) -> None:
    reader = OscTranslator(model, lambda: 0.0)
    (bang,) = read_packet(message("/bandmate/v1/task/cover", "I"))
    assert isinstance(reader.apply_message(bang.address, bang.arguments, "me")[1], RunTask)
    (nil,) = read_packet(message("/bandmate/v1/task/cover", "N"))
    with pytest.raises(UnreadableMessageError, match="a number, not nil"):
        reader.apply_message(nil.address, nil.arguments, "me")
