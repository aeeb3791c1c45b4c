"""As much of CLAP 1.1's C interface as a small host needs, by its public headers."""

from __future__ import annotations

import ctypes as c

FACTORY, STATE, PARAMS, PORTS = b"clap.plugin-factory", b"clap.state", b"clap.params", b"clap.audio-ports"
FIXED_POINT = 1 << 31
"""A beat or a second in the transport's whole numbers."""
HAS_TEMPO, HAS_BEATS, HAS_SECONDS, HAS_METRE, IS_PLAYING, IS_LOOPING = 1, 2, 4, 8, 16, 64
EVENT_PARAM_VALUE, EVENT_TRANSPORT = 5, 9

_Address = c.c_void_p
Get = c.CFUNCTYPE(_Address, _Address, c.c_uint32)
Size = c.CFUNCTYPE(c.c_uint32, _Address)
Push = c.CFUNCTYPE(c.c_bool, _Address, _Address)
Transfer = c.CFUNCTYPE(c.c_int64, _Address, _Address, c.c_uint64)
Request = c.CFUNCTYPE(None, _Address)
Extension = c.CFUNCTYPE(_Address, _Address, c.c_char_p)
_Plain = c.CFUNCTYPE(c.c_bool, _Address)


class Version(c.Structure):
    _fields_ = [("major", c.c_uint32), ("minor", c.c_uint32), ("revision", c.c_uint32)]


class Entry(c.Structure):
    _fields_ = [
        ("version", Version),
        ("init", c.CFUNCTYPE(c.c_bool, c.c_char_p)),
        ("deinit", c.CFUNCTYPE(None)),
        ("get_factory", c.CFUNCTYPE(_Address, c.c_char_p)),
    ]


class Factory(c.Structure):
    _fields_ = [
        ("count", Size),
        ("descriptor", Get),
        ("create", c.CFUNCTYPE(_Address, _Address, _Address, c.c_char_p)),
    ]


class Host(c.Structure):
    _fields_ = [
        ("version", Version),
        ("data", _Address),
        ("name", c.c_char_p),
        ("vendor", c.c_char_p),
        ("url", c.c_char_p),
        ("product_version", c.c_char_p),
        ("get_extension", Extension),
        ("request_restart", Request),
        ("request_process", Request),
        ("request_callback", Request),
    ]


class Plugin(c.Structure):
    _fields_ = [
        ("descriptor", _Address),
        ("data", _Address),
        ("init", _Plain),
        ("destroy", Request),
        ("activate", c.CFUNCTYPE(c.c_bool, _Address, c.c_double, c.c_uint32, c.c_uint32)),
        ("deactivate", Request),
        ("start_processing", _Plain),
        ("stop_processing", Request),
        ("reset", Request),
        ("process", c.CFUNCTYPE(c.c_int32, _Address, _Address)),
        ("get_extension", Extension),
        ("on_main_thread", Request),
    ]


class Header(c.Structure):
    _fields_ = [
        ("size", c.c_uint32),
        ("time", c.c_uint32),
        ("space", c.c_uint16),
        ("type", c.c_uint16),
        ("flags", c.c_uint32),
    ]


class Transport(c.Structure):
    _fields_ = [
        ("header", Header),
        ("flags", c.c_uint32),
        ("beats", c.c_int64),
        ("seconds", c.c_int64),
        ("tempo", c.c_double),
        ("tempo_increment", c.c_double),
        ("loop", c.c_int64 * 4),
        ("bar_start", c.c_int64),
        ("bar_number", c.c_int32),
        ("numerator", c.c_uint16),
        ("denominator", c.c_uint16),
    ]


class ParamValue(c.Structure):
    _fields_ = [
        ("header", Header),
        ("param", c.c_uint32),
        ("cookie", _Address),
        ("note", c.c_int32),
        ("port", c.c_int16),
        ("channel", c.c_int16),
        ("key", c.c_int16),
        ("value", c.c_double),
    ]


class InputEvents(c.Structure):
    _fields_ = [("context", _Address), ("size", Size), ("get", Get)]


class OutputEvents(c.Structure):
    _fields_ = [("context", _Address), ("push", Push)]


class Stream(c.Structure):
    """Of input or output."""

    _fields_ = [("context", _Address), ("transfer", Transfer)]


class Buffer(c.Structure):
    _fields_ = [
        ("data32", c.POINTER(c.POINTER(c.c_float))),
        ("data64", _Address),
        ("channels", c.c_uint32),
        ("latency", c.c_uint32),
        ("constant", c.c_uint64),
    ]


class Process(c.Structure):
    _fields_ = [
        ("steady_time", c.c_int64),
        ("frames", c.c_uint32),
        ("transport", c.POINTER(Transport)),
        ("inputs", c.POINTER(Buffer)),
        ("outputs", c.POINTER(Buffer)),
        ("input_count", c.c_uint32),
        ("output_count", c.c_uint32),
        ("events", c.POINTER(InputEvents)),
        ("said", c.POINTER(OutputEvents)),
    ]


class State(c.Structure):
    _fields_ = [
        ("save", c.CFUNCTYPE(c.c_bool, _Address, c.POINTER(Stream))),
        ("load", c.CFUNCTYPE(c.c_bool, _Address, c.POINTER(Stream))),
    ]


class Params(c.Structure):
    _fields_ = [
        ("count", Size),
        ("get_info", _Address),
        ("get_value", c.CFUNCTYPE(c.c_bool, _Address, c.c_uint32, c.POINTER(c.c_double))),
    ]


class Ports(c.Structure):
    _fields_ = [("count", c.CFUNCTYPE(c.c_uint32, _Address, c.c_bool))]
