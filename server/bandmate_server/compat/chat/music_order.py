"""From the body of a request to what is to be made: every field read, and nothing looked up yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_protocol.texts import say
from bandmate_server.compat.chat.body import AudioConfig, ChatBody, TaskType
from bandmate_server.compat.chat.data_url import MEDIA_TYPES
from bandmate_server.compat.chat.errors import FieldError
from bandmate_server.compat.chat.messages import Wish, read_messages

Container = Literal["mp3", "wav", "flac"]
MAX_PROMPT = 10_000
MAX_LYRICS = 4_096
MAX_SEED = 2**32 - 1
_NOTHING_SUNG = ("[inst]", "[instrumental]")
_METRES = {"2": (2, 4), "3": (3, 4), "4": (4, 4), "6": (6, 8)}
"""What ACE-Step calls metres by; others are written whole."""
_METRE = re.compile(r"([0-9]{1,2})/(1|2|4|8|16|32)")
_KEY = re.compile(r"([A-Ga-g])\s*(#|b|♯|♭)?\s*(m|min|minor|maj|major|[a-z]+)?", re.IGNORECASE)


@dataclass(frozen=True)
class WantedMusic:
    """Length, tempo, metre, key and language; None is open."""

    seconds: float | None = None
    bpm: float | None = None
    metre: tuple[int, int] | None = None
    key: str | None = None
    language: str = "unknown"


@dataclass(frozen=True)
class MusicOrder:
    """What is to be made, and how it is answered."""

    model: str
    task: TaskType
    wish: Wish
    music: WantedMusic
    seeds: tuple[int | None, ...]
    """One for each audio; None lets the server choose."""
    container: Container
    is_idea: bool = False
    """The prompt is an idea, to be written out as a song first."""
    tidies: bool = False
    """Prompt and lyrics are to be put into shape first."""
    instrumental: bool = False
    thinks: bool = False
    rewrites: bool = True
    temperature: float | None = None
    steps: int | None = None
    guidance: float | None = None
    repaint_seconds: tuple[float, float | None] = (0.0, None)
    """The end is None where it is that of the audio."""
    cover_strength: float | None = None
    track: str = ""
    streams: bool = False
    wants_usage: bool = False


def read_order(body: ChatBody) -> MusicOrder:
    """What a body asks for. Raises FieldError."""
    config = body.audio_config or AudioConfig()
    _check_choices(body)
    wish = _wish_of(body)
    is_idea = bool(body.sample_mode) and not body.lyrics
    order = MusicOrder(
        model=(body.model or "").strip(),
        task=body.task_type or "text2music",
        wish=wish,
        music=_read_music(config),
        seeds=read_seeds(body.seed, body.batch_size or 1),
        container=_read_container(body, config),
        is_idea=is_idea,
        tidies=bool(body.use_format) and not is_idea,
        instrumental=bool(config.instrumental),
        thinks=bool(body.thinking),
        rewrites=body.use_cot_caption is not False,
        temperature=body.temperature,
        steps=body.inference_steps or None,
        guidance=body.guidance_scale or None,
        repaint_seconds=(body.repainting_start or 0.0, _open_at_zero(body.repainting_end)),
        cover_strength=body.audio_cover_strength,
        track=(body.track_name or "").strip().lower(),
        streams=bool(body.stream),
        wants_usage=bool(body.stream_options and body.stream_options.include_usage),
    )
    _check_audio(order)
    return order


def read_seeds(given: Any, batch: int) -> tuple[int | None, ...]:
    """A seed for each audio, from a number, text such as `1,2`, or a list. -1 and what is missing are left open.

    Raises FieldError.
    """
    items = given if isinstance(given, list) else str(given).split(",") if isinstance(given, str) else [given]
    items = [item.strip() if isinstance(item, str) else item for item in items]
    seeds = [_read_seed(item) for item in items if item != ""]
    return tuple((*seeds, *[None] * batch)[:batch])


def read_metre(text: str | int | None) -> tuple[int, int] | None:
    """A metre such as `3/4`, or ACE-Step's `3`. Raises FieldError."""
    given = str(text or "").strip()
    if given in ("", "N/A", "auto"):
        return None
    found = _METRE.fullmatch(given)
    if given in _METRES:
        return _METRES[given]
    if found is None or not int(found[1]):
        raise FieldError(
            "audio_config.time_signature",
            say("{metre} is not a metre.", metre=repr(given[:20])),
            "Use one such as 4/4, 3/4 or 6/8; 2, 3, 4 and 6 stand for 2/4, 3/4, 4/4 and 6/8.",
        )
    return int(found[1]), int(found[2])


def read_key(text: str | None) -> str | None:
    """A key such as `C# minor` or `Am`. Raises FieldError."""
    given = (text or "").strip()
    if given in ("", "N/A", "auto"):
        return None
    found = _KEY.fullmatch(given)
    if found is None:
        raise FieldError(
            "audio_config.key_scale",
            say("{key} is not a key.", key=repr(given[:40])),
            "Use one such as C major, F# minor or Bb major.",
        )
    accidental = {"♯": "#", "♭": "b"}.get(found[2] or "", found[2] or "")
    mode = found[3] or "major"
    if mode == "m" or mode.lower() == "min":
        mode = "minor"
    elif mode.lower() in ("m", "maj"):
        mode = "major"
    return f"{found[1].upper()}{accidental} {mode.lower()}"


def _read_seed(item: Any) -> int | None:
    if item is None:
        return None
    try:
        seed = int(item) if not isinstance(item, bool | dict | list) and float(item) == int(item) else None
    except (ValueError, OverflowError):
        seed = None
    if seed is None or not -1 <= seed <= MAX_SEED:
        raise FieldError(
            "seed",
            say("{seed} is not a seed.", seed=repr(item)[:40]),
            say("Use a whole number up to {most}, or several such as 1,2; -1 leaves it open.", most=MAX_SEED),
        )
    return None if seed < 0 else seed


def _check_choices(body: ChatBody) -> None:
    if body.n not in (None, 1):
        raise FieldError(
            "n", "One choice is given for each request.", "`batch_size` gives several audios in that choice."
        )


def _wish_of(body: ChatBody) -> Wish:
    """What the message says, with `lyrics` and `sample_mode`, which say what its text is."""
    wish = read_messages(body.messages)
    if body.lyrics:
        wish = Wish(wish.prompt or wish.lyrics, body.lyrics.strip(), True, wish.audio)
    elif body.sample_mode:
        wish = Wish(wish.prompt or wish.lyrics, "", True, wish.audio)
    if wish.is_empty:
        raise FieldError(
            "messages",
            "No message of the user has a prompt, lyrics or audio.",
            'The last message with the role "user" says what to make.',
        )
    for what, text, most in (("prompt", wish.prompt, MAX_PROMPT), ("lyrics", wish.lyrics, MAX_LYRICS)):
        if len(text) > most:
            raise FieldError(
                "lyrics" if what == "lyrics" and body.lyrics else "messages",
                say("The {what} has {count} characters.", what=what, count=len(text)),
                say("At most {most} are taken.", most=most),
            )
    sung = "" if wish.lyrics.lower() in _NOTHING_SUNG else wish.lyrics
    return Wish(wish.prompt, sung, wish.is_tagged, wish.audio)


def _read_music(config: AudioConfig) -> WantedMusic:
    return WantedMusic(
        seconds=_open_at_zero(config.duration),
        bpm=config.bpm or None,
        metre=read_metre(config.time_signature),
        key=read_key(config.key_scale),
        language=_read_language(config.vocal_language),
    )


def _read_language(text: str | None) -> str:
    code = (text or "unknown").strip().lower()
    if code not in get_args(LanguageCode):
        raise FieldError(
            "audio_config.vocal_language",
            say("{language} is not the code of a language that can be sung.", language=repr(code[:20])),
            say("Codes: {codes}.", codes=", ".join(get_args(LanguageCode))),
        )
    return code


def _read_container(body: ChatBody, config: AudioConfig) -> Container:
    param = "audio_config.format" if config.format or not body.audio else "audio.format"
    given = config.format or (body.audio.format if body.audio else None) or "mp3"
    name = given.strip().lower().removeprefix(".")
    if name not in MEDIA_TYPES:
        raise FieldError(
            param,
            say("The format {format} is not one that is written here.", format=repr(given[:20])),
            say("Formats: {formats}.", formats=", ".join(MEDIA_TYPES)),
        )
    return cast("Container", name)


def _check_audio(order: MusicOrder) -> None:
    if order.task != "text2music" and not order.wish.audio:
        raise FieldError(
            "messages",
            say("The task {task} works on audio, and none came.", task=order.task),
            "Send it as a part of the type `input_audio` in the message.",
        )
    start, end = order.repaint_seconds
    if order.task == "repaint" and end is not None and end <= start:
        raise FieldError(
            "repainting_end",
            "The range ends before it starts.",
            "Both are in seconds; without `repainting_end` it goes to the end of the audio.",
        )


def _open_at_zero(seconds: float | None) -> float | None:
    """A length in seconds; upstream's clients send 0 or -1 for one that is open."""
    return seconds if seconds is not None and seconds > 0 else None
