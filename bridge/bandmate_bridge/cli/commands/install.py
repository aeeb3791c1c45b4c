"""`bandmate install`."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def install() -> None:
    """Install Bandmate's actions and plugin into other programs."""


@install.command()
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="REAPER's resource folder; for a portable REAPER, its program folder.",
)
@click.option("--remove", is_flag=True, help="Remove the scripts and actions.")
@click.option("--check", is_flag=True, help="Only check the installation.")
def reaper(path: Path | None, remove: bool, check: bool) -> None:
    """Install Bandmate's actions in REAPER. If REAPER is closed, they are also added to its action list.

    \b
    bandmate install reaper
    bandmate install reaper --path /media/stick/REAPER
    """
    from bandmate_bridge.reaper.installation import scripts as work
    from bandmate_bridge.reaper.installation.reaper_folders import resource_folders
    from bandmate_bridge.rpp import reaper_is_running

    if remove and check:
        raise click.UsageError("--remove and --check exclude each other.")
    bad = False
    for folder in resource_folders(path):
        if check:
            for finding in work.examine_scripts(folder):
                bad = bad or not finding.good
                click.echo(f"{'ok' if finding.good else 'wrong'}  {finding.sentence}")
                if finding.remedy:
                    click.echo(f"      {finding.remedy}")
        else:
            act = work.remove_scripts if remove else work.install_scripts
            for line in act(folder, reaper_runs=reaper_is_running()):
                click.echo(line)
    if bad:
        raise SystemExit(1)


@install.command()
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="One folder for all formats.  [default: your user's plugin folders]",
)
@click.option("--remove", is_flag=True, help="Remove the plugin.")
@click.option("--check", is_flag=True, help="Only check the installation.")
def vst(path: Path | None, remove: bool, check: bool) -> None:
    """Copy the built plugin to where DAWs look for it.

    \b
    bandmate install vst
    bandmate install vst --remove
    """
    from bandmate_bridge.vst import install as work

    if remove and check:
        raise click.UsageError("--remove and --check exclude each other.")
    if not check:
        for line in (work.remove_plugins if remove else work.install_plugins)(path):
            click.echo(line)
        return
    findings = work.examine_plugins(path)
    for finding in findings:
        click.echo(f"{'ok' if finding.good else 'wrong'}  {finding.sentence}")
        if finding.remedy:
            click.echo(f"      {finding.remedy}")
    if not all(finding.good for finding in findings):
        raise SystemExit(1)
