"""The server as a plugin: it adds its commands through the same door as everybody."""

from __future__ import annotations

import click

from bandmate_plugins.hooks import hookimpl


@hookimpl
def bandmate_commands(group: click.Group) -> None:
    """Adds `serve`, `osc`, `midi`, `doctor` and `import-acestep`."""
    from bandmate_server.commands.doctor import doctor
    from bandmate_server.commands.import_acestep import import_acestep
    from bandmate_server.commands.midi import midi
    from bandmate_server.commands.osc import osc
    from bandmate_server.commands.serve import serve

    group.add_command(serve)
    group.add_command(osc)
    group.add_command(midi)
    group.add_command(doctor)
    group.add_command(import_acestep)
