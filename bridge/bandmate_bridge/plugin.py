"""The bridge as a plugin: it adds its commands through the same door as everybody."""

from __future__ import annotations

import click

from bandmate_plugins.hooks import hookimpl


@hookimpl
def bandmate_commands(group: click.Group) -> None:
    """Adds the commands that make music, those that look after jobs, `watch`, `demo`, `listen`."""
    from bandmate_bridge.cli.commands.accompany import accompany
    from bandmate_bridge.cli.commands.agent import agent
    from bandmate_bridge.cli.commands.analyse import analyse
    from bandmate_bridge.cli.commands.build import build
    from bandmate_bridge.cli.commands.cancel import cancel
    from bandmate_bridge.cli.commands.console import console
    from bandmate_bridge.cli.commands.cover import cover
    from bandmate_bridge.cli.commands.demo import demo
    from bandmate_bridge.cli.commands.export import export
    from bandmate_bridge.cli.commands.extend import extend
    from bandmate_bridge.cli.commands.fetch import fetch
    from bandmate_bridge.cli.commands.generate import generate
    from bandmate_bridge.cli.commands.install import install
    from bandmate_bridge.cli.commands.jobs import jobs
    from bandmate_bridge.cli.commands.listen import listen
    from bandmate_bridge.cli.commands.loop import loop
    from bandmate_bridge.cli.commands.pull import pull
    from bandmate_bridge.cli.commands.redo import redo
    from bandmate_bridge.cli.commands.repaint import repaint
    from bandmate_bridge.cli.commands.run import run
    from bandmate_bridge.cli.commands.score import score
    from bandmate_bridge.cli.commands.separate import separate
    from bandmate_bridge.cli.commands.slots import slots
    from bandmate_bridge.cli.commands.try_prompt import try_prompt
    from bandmate_bridge.cli.commands.watch import watch
    from bandmate_bridge.cli.commands.write import write

    making = (generate, try_prompt, repaint, extend, loop, cover, accompany, separate, analyse, write, run)
    about_jobs = (redo, fetch, score, export, jobs, cancel)
    for command in (*making, *about_jobs, console, pull, slots, watch, demo, listen, build, install, agent):
        group.add_command(command)
