"""`bandmate doctor`."""

from __future__ import annotations

import click

from bandmate_protocol.texts import plain_text, say


@click.command()
@click.argument("about", required=False, type=click.Choice(["reaper", "vst"]))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON, for programs.")
@click.pass_context
def doctor(ctx: click.Context, about: str | None, as_json: bool) -> None:
    """Find problems and explain how to fix them.

    Checks this installation, or Bandmate's actions in REAPER, or its plugin for other DAWs.
    """
    if about is not None:
        _check_bridge(ctx, about)
        return
    from rich.console import Console
    from rich.markup import escape

    from bandmate_server.doctor import run_checks

    findings = run_checks()
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(findings, enc_hook=plain_text).decode())
    else:
        console = Console()
        for finding in findings:
            mark = {"good": "[green]ok[/]", "note": "[yellow]note[/]", "bad": "[red]wrong[/]"}[finding.state]
            console.print(f"{mark}  [bold]{escape(finding.about)}[/]: {escape(finding.sentence)}")
            if finding.remedy:
                console.print(f"      {escape(finding.remedy)}")
    if any(finding.state == "bad" for finding in findings):
        raise SystemExit(1)


def _check_bridge(ctx: click.Context, about: str) -> None:
    """A bridge looks after its own part, by the command that installs it."""
    root = ctx.find_root().command
    install = root.get_command(ctx, "install") if isinstance(root, click.Group) else None
    part = install.get_command(ctx, about) if isinstance(install, click.Group) else None
    if part is None:
        raise click.UsageError(say("No bridge named {about} is installed.", about=about), ctx)
    ctx.invoke(part, check=True)
