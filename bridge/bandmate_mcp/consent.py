"""What the user is asked before anything is replaced, deleted or downloaded."""

from __future__ import annotations

from pathlib import Path

from mcp.server.mcpserver import Context, Elicit
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from bandmate_bridge.cli.job_table import size_text
from bandmate_bridge.files import names_folder
from bandmate_bridge.runs.pull_model import ask_offer
from bandmate_mcp.calls import ToolCall, run_call


class Consent(BaseModel):
    """The user's answer."""

    agreed: bool = Field(description="Whether to go on.")


AGREED = Consent(agreed=True)
"""For what needs no question."""


def ask_overwrite(ctx: Context, output: str | None = None) -> Consent | Elicit[Consent]:
    """Asks before a file is replaced. Files in a folder are never replaced."""
    if output is None or not is_replaced(output):
        return AGREED
    check_client_asks(ctx, f"{output} exists. Replacing it", "Give another name for `output`.")
    return Elicit(f"Replace the file {output}?", Consent)


def is_replaced(output: str) -> bool:
    """Whether writing to an ``output`` would replace a file."""
    return not names_folder(output) and Path(output).is_file()


async def ask_drop(ctx: Context, jobs: list[str]) -> Consent | Elicit[Consent]:
    """Asks before jobs are dropped, with what that frees."""
    remedy = f"The user can run `bandmate jobs drop {' '.join(jobs)}`."
    check_client_asks(ctx, "Dropping jobs", remedy)

    def find_effect(call: ToolCall) -> str:
        names = tuple(call.client.job(each).job for each in jobs)
        effect = call.client.drop_jobs(*names, preview=True)
        return f"Drop {', '.join(names)}? This frees {size_text(effect.disk_bytes)}."

    return Elicit(await run_call(ctx, find_effect), Consent)


async def ask_pull(ctx: Context, model: str, max_gb: float = 20.0) -> Consent | Elicit[Consent]:
    """Asks before a model is downloaded, with its licence and size."""
    check_client_asks(ctx, "Downloading a model", f"The user can run `bandmate pull {model}`.")
    lines = await run_call(ctx, lambda call: ask_offer(call.client, model, call.progress).lines)
    limit = f"Accept the licence and download at most {max_gb:g} GB?"
    return Elicit("\n".join([*lines, limit]), Consent)


def check_client_asks(ctx: Context, action: str, remedy: str) -> None:
    """Raises ToolError where the assistant's program cannot ask its user."""
    can = ctx.client_capabilities
    if can is None or can.elicitation is None:
        raise ToolError(
            f"{action} needs the user's consent, and this client cannot ask for it. {remedy} [not_confirmed]"
        )


def check_agreed(consent: Consent, remedy: str) -> None:
    """Raises ToolError where the user said no."""
    if not consent.agreed:
        raise ToolError(f"The user did not agree, so nothing was changed. {remedy} [not_confirmed]")
