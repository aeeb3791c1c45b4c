"""`bandmate doctor`."""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Look for what is wrong with this installation, and say how to mend it."""
    from rich.console import Console
    from rich.markup import escape

    from bandmate_server.doctor import examine

    findings = examine()
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(findings).decode())
    else:
        console = Console()
        for finding in findings:
            mark = {"good": "[green]ok[/]", "note": "[yellow]note[/]", "bad": "[red]wrong[/]"}[finding.state]
            console.print(f"{mark}  [bold]{escape(finding.about)}[/]: {escape(finding.sentence)}")
            if finding.remedy:
                console.print(f"      {escape(finding.remedy)}")
    if any(finding.state == "bad" for finding in findings):
        raise SystemExit(1)
