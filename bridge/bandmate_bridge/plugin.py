"""The bridge as a plugin: it adds its commands through the same door as everybody."""

from __future__ import annotations

import click

from bandmate_plugins.hooks import hookimpl


@hookimpl
def bandmate_commands(group: click.Group) -> None:
    """Adds the commands that make music, those that look after jobs, `watch`, `demo`, `listen`."""
    from bandmate_bridge.commands.accompany import accompany
    from bandmate_bridge.commands.agent import agent
    from bandmate_bridge.commands.analyse import analyse
    from bandmate_bridge.commands.build import build
    from bandmate_bridge.commands.cancel import cancel
    from bandmate_bridge.commands.cover import cover
    from bandmate_bridge.commands.demo import demo
    from bandmate_bridge.commands.extend import extend
    from bandmate_bridge.commands.fetch import fetch
    from bandmate_bridge.commands.generate import generate
    from bandmate_bridge.commands.install import install
    from bandmate_bridge.commands.jobs import jobs
    from bandmate_bridge.commands.listen import listen
    from bandmate_bridge.commands.loop import loop
    from bandmate_bridge.commands.pull import pull
    from bandmate_bridge.commands.redo import redo
    from bandmate_bridge.commands.repaint import repaint
    from bandmate_bridge.commands.run import run
    from bandmate_bridge.commands.separate import separate
    from bandmate_bridge.commands.slots import slots
    from bandmate_bridge.commands.watch import watch

    making = (generate, repaint, extend, loop, cover, accompany, separate, analyse, run)
    about_jobs = (redo, fetch, jobs, cancel)
    for command in (*making, *about_jobs, pull, slots, watch, demo, listen, build, install, agent):
        group.add_command(command)
