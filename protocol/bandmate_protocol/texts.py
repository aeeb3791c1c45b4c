"""Sentences for people that keep their template and values, so that they can be translated.

`say` fills a template, whose text in English is its id as in gettext:

    say("There is no track {name}.", name="Bass")

The result is an ordinary ``str`` to whoever only shows it. `wording_of` gives the template and the values for
the wire; `text_of` is the way back, through a translation where there is one.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from bandmate_protocol.messages.wording import Wording
from bandmate_protocol.units import MAX_MODEL_NAMES, one_line, shorten_text

Translate = Callable[[str], str]
"""From a template to the same template in another language; it keeps the names in braces."""


_SPEC = re.compile(r"[ +,]?0?\d?\d?(\.\d)?[a-z%]?")
"""Of a value in a template, such as `.1f`."""


class TemplateText(str):
    """A sentence with its template and values. Made by `say`."""

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any]) -> TemplateText:
        """Raises KeyError for a name in braces that has no value."""
        self = super().__new__(cls, template.format(**values))
        self.template, self.values = template, values
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return TemplateText, (self.template, dict(self.values))


def say(template: str, /, **values: Any) -> TemplateText:
    """Fills a template with values and returns the sentence; format specs such as `{bpm:.1f}` are allowed."""
    return TemplateText(template, values)


def plain_text(value: Any) -> str:
    """A sentence as plain text: the `enc_hook` of encoders, which know ``str`` alone. Raises TypeError."""
    if isinstance(value, TemplateText):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be encoded")


def wording_of(text: str) -> Wording:
    """The template and values of a sentence; a plain one is a template without values."""
    if isinstance(text, TemplateText):
        values = {name: _json_value(value) for name, value in text.values.items()}
        return Wording(template=text.template, values=values)
    return Wording(template=str(text).replace("{", "{{").replace("}", "}}"))


def wording_with_values(text: str) -> Wording | None:
    """The wording of a sentence with values in it; None of a plain one, which is its own template."""
    return wording_of(text) if isinstance(text, TemplateText) else None


def text_of(wording: Wording, translate: Translate = str) -> TemplateText:
    """The sentence again, in the language of ``translate``. Raises ValueError where the two do not fit."""
    values = {name: _restored_value(value, translate) for name, value in wording.values.items()}
    template = translate(wording.template)
    if not _is_harmless(template):
        raise ValueError("a template has more than names and short formats in its braces")
    try:
        return TemplateText(template, values)
    except (KeyError, TypeError) as error:
        raise ValueError("a template does not match its values") from error


def _is_harmless(template: str) -> bool:
    """Whether braces hold names only: a peer's template reaches no attributes and asks for no huge widths."""
    for _, name, spec, _ in string.Formatter().parse(template):
        if name is not None and not (name.isidentifier() and _SPEC.fullmatch(spec or "")):
            return False
    return True


def _json_value(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, TemplateText):
        return msgspec.to_builtins(wording_of(value))
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return str(value)


def _restored_value(value: Any, translate: Translate) -> Any:
    if isinstance(value, dict):
        return text_of(msgspec.convert(value, Wording), translate)
    return value


def fault_fields(sentence: str, remedy: str = "", models: Iterable[str] = ()) -> dict[str, Any]:
    """The fields of `error` and `failed` that say what happened, and what, or which models, would help."""
    fields: dict[str, Any] = {"sentence": shorten_text(str(sentence)), "remedy": shorten_text(str(remedy))}
    if wording := wording_with_values(sentence):
        fields["wording"] = wording
    if remedy_wording := wording_with_values(remedy):
        fields["remedy_wording"] = remedy_wording
    if named := model_names(models):
        fields["models"] = named
    return fields


def model_names(models: Iterable[str]) -> tuple[str, ...]:
    """Names of models as the wire takes them: each once, and no more than it carries."""
    return tuple(dict.fromkeys(one_line(name) for name in models))[:MAX_MODEL_NAMES]
