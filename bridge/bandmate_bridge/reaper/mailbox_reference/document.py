"""Puts docs/reaper-mailbox.md together."""

from __future__ import annotations

import inspect
from typing import get_args

import msgspec

from bandmate_bridge.reaper.agent.mailbox import MAX_WAITING
from bandmate_bridge.reaper.mailbox_messages import (
    MAILBOX_VERSION,
    AgentMessage,
    MailboxMessage,
    ScriptMessage,
    kind_of,
)
from bandmate_bridge.reaper.mailbox_messages.older_names import OLDER_NAMES
from bandmate_protocol.reference.fields import field_table, first_sentence, parts_of
from bandmate_protocol.reference.sources import one_paragraph

_TO_AGENT: tuple[type[MailboxMessage], ...] = get_args(ScriptMessage)
_TO_REAPER: tuple[type[MailboxMessage], ...] = get_args(AgentMessage)

_INTRODUCTION = """\
# The mailbox between REAPER and the agent

<!-- Written by `python -m bandmate_bridge.reaper.mailbox_reference`; change the Structs or texts, not this file. -->

REAPER's scripts cannot open a connection, so they leave their messages in a folder, and a small process beside REAPER,
the agent, reads them and talks to the server. This page lists every message in either direction. It describes version
{version} of the mailbox. You need it to change the scripts or the agent, not to use Bandmate.

The same in other forms: the Structs in `bridge/bandmate_bridge/reaper/mailbox_messages`, from which this page is made;
[schema.json](../bridge/reaper_mailbox/schema.json) (JSON Schema); and
[vectors](../bridge/reaper_mailbox/vectors) (messages to test a reader and a writer against, a file for each kind).

## Files

- A mailbox is a folder of one run of the scripts, with a folder for each direction: `to-agent` and `to-reaper`.
- A message is one JSON object in one file. It is written as `SEQUENCE-WRITER.tmp` and renamed to `SEQUENCE-WRITER.json`
  once it is whole: 16 decimal digits, a hyphen, 8 hexadecimal digits. Sequences are microseconds since 1970 and grow.
- The reader takes the files in the order of their names, and deletes each before it looks into it.
- While {waiting} messages wait unread, `alive`, `progress`, `pulling`, `grown` and `sending` are left out: a later one
  says the same.

## Rules

- `type` names the kind. Each direction has its own kinds: its own `hello` and its own `preview`, too.
- A field marked *required* must be present. Any other may be omitted and then has its default. The agent writes every
  field.
- Unknown fields are skipped, at every level: newer scripts, or a newer agent, may send them.
- The types are strict: text is not taken for a number. A whole number is also a *number*; an *integer* has no fraction.
- A kind that the agent does not know is answered by `failed` with the code `unknown_type`, and a message that breaks a
  type or a bound by `failed` with `bad_message`, both with the message's `id` as `re`. Jobs go on, and the next message
  is read. The scripts show in the panel what they could not read, once for each kind.
- Times are seconds from the project's start, as doubles; *frames* are counted at the project's sample rate.

## Older versions

`mailbox_version` in the scripts' `hello` says what they read; scripts of version 1 send none. REAPER may have run them
since before Bandmate was updated, so the agent reads the names that fields had then, and writes them for such scripts.
The names also come back in what those scripts noted in projects and in REAPER's settings.

| in | field | name in version 1 |
|---|---|---|
{older}
"""


def mailbox_document() -> str:
    """The whole of docs/reaper-mailbox.md."""
    introduction = _INTRODUCTION.format(version=MAILBOX_VERSION, waiting=MAX_WAITING, older=_older_rows())
    return "\n".join(
        [
            introduction,
            _direction_section("From the scripts to the agent", _TO_AGENT),
            _direction_section("From the agent to the scripts", _TO_REAPER),
            _parts_section(),
        ]
    )


def _older_rows() -> str:
    return "\n".join(
        f"| {_title_of(struct)} | `{name}` | `{older}` |"
        for struct, names in OLDER_NAMES.items()
        for name, older in names.items()
    )


def _title_of(struct: type[msgspec.Struct]) -> str:
    return f"`{kind_of(struct)}`" if issubclass(struct, MailboxMessage) else struct.__name__


def _direction_section(title: str, kinds: tuple[type[MailboxMessage], ...]) -> str:
    index = [f"## {title}\n", "| message | |", "|---|---|"]
    index += [f"| `{kind_of(kind)}` | {first_sentence(kind)} |" for kind in kinds]
    return "\n".join(
        ["\n".join(index) + "\n", *(_struct_section(f"`{kind_of(kind)}`", kind) for kind in kinds)]
    )


def _parts_section() -> str:
    classes: list[type[msgspec.Struct]] = [*_TO_AGENT, *_TO_REAPER]
    for struct in classes:
        classes += [part for part in dict.fromkeys(parts_of(struct)) if part not in classes]
    parts = [struct for struct in classes if not issubclass(struct, MailboxMessage)]
    return "\n".join(["## Parts of messages\n", *(_struct_section(part.__name__, part) for part in parts)])


def _struct_section(title: str, struct: type[msgspec.Struct]) -> str:
    text = one_paragraph(inspect.getdoc(struct) or "")
    return "\n".join([f"### {title}\n", text, "", *field_table(struct)]).rstrip() + "\n"
