"""Colours of stems by role: the same part has the same colour in every project."""

_COLOURS = {
    "drums": "#d9534f",
    "percussion": "#e0795a",
    "kick": "#c0392b",
    "snare": "#d35454",
    "hats": "#e59866",
    "bass": "#7e57c2",
    "keys": "#3f8fd2",
    "keyboard": "#3f8fd2",
    "chords": "#3f8fd2",
    "piano": "#5b9bd5",
    "guitar": "#c98b2b",
    "strings": "#8e6bb0",
    "brass": "#d4a017",
    "pad": "#4aa8a0",
    "lead": "#4caf50",
    "synth": "#4caf50",
    "woodwinds": "#9ccc65",
    "fx": "#78909c",
    "vocals": "#e0609d",
    "backing_vocals": "#ec93bd",
    "mix": "#8a9199",
    "residual": "#6c757d",
}
_OTHER = "#5f9ea0"


def colour_of(role: str) -> str:
    """`#rrggbb` for a role; roles without a colour of their own share one."""
    return _COLOURS.get(role, _OTHER)
