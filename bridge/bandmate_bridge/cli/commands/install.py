"""`bandmate install`."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def install() -> None:
    """Set up what works beside Bandmate."""


@install.command()
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="REAPER's resource folder; of a portable REAPER the folder of the program.",
)
@click.option("--remove", is_flag=True, help="Take the scripts and actions out again.")
@click.option("--check", is_flag=True, help="Only look whether all is as it should be.")
def reaper(path: Path | None, remove: bool, check: bool) -> None:
    """Put Bandmate's actions into REAPER. With REAPER closed they go into its action list too.

    \b
    bandmate install reaper
    bandmate install reaper --path /media/stick/REAPER
    """
    from bandmate_bridge.reaper.installation import scripts as work
    from bandmate_bridge.reaper.installation.reaper_folders import resource_folders
    from bandmate_bridge.rpp import reaper_is_running

    if remove and check:
        raise click.UsageError("--remove and --check do not go together.")
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
    help="One folder for all formats; where DAWs of your user look when left out.",
)
@click.option("--remove", is_flag=True, help="Take the plugin out again.")
@click.option("--check", is_flag=True, help="Only look whether all is as it should be.")
def vst(path: Path | None, remove: bool, check: bool) -> None:
    """Put the plugin where DAWs look for it, after `bandmate build vst`.

    \b
    bandmate install vst
    bandmate install vst --remove
    """
    from bandmate_bridge.vst import install as work

    if remove and check:
        raise click.UsageError("--remove and --check do not go together.")
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
