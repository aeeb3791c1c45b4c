"""From the body of a request to what is to be made: every field read, and nothing looked up yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_protocol.errors import RequestError
from bandmate_protocol.texts import say
from bandmate_server.compat.chat.body import AudioConfig, ChatBody
from bandmate_server.compat.chat.data_url import MEDIA_TYPES, AudioPart
from bandmate_server.compat.chat.errors import FieldError
from bandmate_server.compat.chat.messages import Wish, read_messages
from bandmate_server.compat.songs import music
from bandmate_server.compat.songs.music_request import MusicRequest, read_music_request

Container = Literal["mp3", "wav", "flac"]
MAX_PROMPT = 10_000
MAX_LYRICS = 4_096
_OPEN = ("", "N/A", "auto")


@dataclass(frozen=True)
class MusicOrder:
    """What is to be made, and how it is answered."""

    request: MusicRequest
    audio: tuple[AudioPart, ...]
    """What came with the message: the first is what a task works on, or the reference of `text2music`."""
    container: Container
    streams: bool = False
    wants_usage: bool = False

    @property
    def model(self) -> str:
        """As the client names it; empty for none."""
        return self.request.fields.text("model").strip()


def read_order(body: ChatBody) -> MusicOrder:
    """What a body asks for. Raises FieldError."""
    _check_choices(body)
    wish = _wish_of(body)
    seeds = read_seeds(body.seed, body.batch_size or 1)
    request = _read_request(body, wish, body.audio_config or AudioConfig())
    _check_audio(body, wish)
    return MusicOrder(
        request=replace(request, seeds=seeds),
        audio=wish.audio,
        container=_read_container(body, body.audio_config or AudioConfig()),
        streams=bool(body.stream),
        wants_usage=bool(body.stream_options and body.stream_options.include_usage),
    )


def _read_request(body: ChatBody, wish: Wish, config: AudioConfig) -> MusicRequest:
    """The request in the words of ACE-Step's own API, once what it would pass over was refused."""
    metre, key = read_metre(config.time_signature), read_key(config.key_scale)
    values = {
        "task_type": body.task_type,
        "model": body.model,
        "prompt": wish.prompt,
        "lyrics": wish.lyrics,
        "sample_query": wish.prompt if body.sample_mode and not body.lyrics else None,
        "sample_mode": bool(body.sample_mode) and not body.lyrics,
        "use_format": body.use_format,
        "instrumental": config.instrumental,
        "bpm": config.bpm or None,
        "key_scale": key,
        "time_signature": music.metre_text(metre) if metre else None,
        "audio_duration": config.duration,
        "vocal_language": _read_language(config.vocal_language),
        "batch_size": body.batch_size or 1,
        "inference_steps": body.inference_steps or None,
        "guidance_scale": body.guidance_scale or None,
        "thinking": body.thinking,
        "use_cot_caption": body.use_cot_caption,
        "lm_temperature": body.temperature,
        "repainting_start": body.repainting_start,
        "repainting_end": body.repainting_end,
        "audio_cover_strength": body.audio_cover_strength,
        "track_name": body.track_name,
    }
    try:
        return read_music_request(values)
    except RequestError as error:
        # All else was checked by its own name.
        param = "messages" if body.task_type in (None, "text2music") else "track_name"
        raise FieldError(param, error.sentence, error.remedy) from error


def read_seeds(given: Any, batch: int) -> tuple[int | None, ...]:
    """A seed for each audio, from a number, which counts up, text such as `1,2`, or a list. -1 leaves one open.

    Raises FieldError.
    """
    items = given if isinstance(given, list) else str(given).split(",") if isinstance(given, str) else [given]
    items = [item.strip() if isinstance(item, str) else item for item in items]
    seeds = [_read_seed(item) for item in items if item != ""]
    return tuple(music.spread_seeds(seeds, batch))


def read_metre(text: str | int | None) -> music.Metre | None:
    """A metre such as `3/4`, or ACE-Step's `3`. Raises FieldError."""
    given = str(text or "").strip()
    if given in _OPEN:
        return None
    metre = music.read_metre(given)
    if metre is None:
        raise FieldError(
            "audio_config.time_signature",
            say("{metre} is not a metre.", metre=repr(given[:20])),
            "Use one such as 4/4, 3/4 or 6/8; 2, 3, 4 and 6 stand for 2/4, 3/4, 4/4 and 6/8.",
        )
    return metre


def read_key(text: str | None) -> str | None:
    """A key such as `C# minor` or `Am`. Raises FieldError."""
    given = (text or "").strip()
    if given in _OPEN:
        return None
    key = music.read_key(given)
    if key is None:
        raise FieldError(
            "audio_config.key_scale",
            say("{key} is not a key.", key=repr(given[:40])),
            "Use one such as C major, F# minor or Bb major.",
        )
    return key


def _read_seed(item: Any) -> int | None:
    if item is None:
        return None
    try:
        seed = int(item) if not isinstance(item, bool | dict | list) and float(item) == int(item) else None
    except (ValueError, OverflowError):
        seed = None
    if seed is None or not -1 <= seed <= music.MAX_SEED:
        raise FieldError(
            "seed",
            say("{seed} is not a seed.", seed=repr(item)[:40]),
            say(
                "Use a whole number up to {most}, or several such as 1,2; -1 leaves it open.",
                most=music.MAX_SEED,
            ),
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
    return wish


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


def _check_audio(body: ChatBody, wish: Wish) -> None:
    task = body.task_type or "text2music"
    if task != "text2music" and not wish.audio:
        raise FieldError(
            "messages",
            say("The task {task} works on audio, and none came.", task=task),
            "Send it as a part of the type `input_audio` in the message.",
        )
    start, end = body.repainting_start or 0.0, body.repainting_end or 0.0
    if task == "repaint" and 0 < end <= start:
        raise FieldError(
            "repainting_end",
            "The range ends before it starts.",
            "Both are in seconds; without `repainting_end` it goes to the end of the audio.",
        )
