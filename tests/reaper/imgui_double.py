# ruff: noqa: N802 - the names are ReaImGui's
"""ReaImGui, as far as the panel uses it: elements are recorded, and clicks, keys and text are played."""

from pathlib import Path
from typing import Any

from tests.reaper.signatures import IMGUI

SHIM = """return function(version)
  assert(version == "0.9", version)
  -- Constants have an underscore in their names, and are numbers.
  return setmetatable({}, { __index = function(_, name)
    local found = reaper["ImGui_" .. name]
    if name:find("_") then return found() end
    return found
  end })
end
"""
CONSTANTS = {"Cond_FirstUseEver": 4, "Col_Text": 0, "Col_Button": 21, "Key_Enter": 525, "Key_Escape": 526}


class Context:
    """What a script has made; it is gone when a tick passes without it."""

    def __init__(self) -> None:
        self.is_alive = True
        self.is_used = True
        self.in_window = False
        self.styles = 0
        self.labels: set[str] = set()
        self.elements: list[tuple[str, str]] = []
        self.texts: list[str] = []
        """Of the last whole picture."""
        self.buffers: dict[str, str] = {}
        self.focused = ""
        self.wants_focus = False


class ImGuiApi:
    """Mixed into the double. What the musician does: `clicks`, `typed` and `pressed`, each once."""

    imgui: Context | None = None

    def play(
        self, *, click: str = "", nth: int = 0, type_into: str = "", text: str = "", key: int = 0
    ) -> None:
        """`nth`: of several elements with that label."""
        self.clicked, self.clicked_nth, self.typed, self.pressed = click, nth, (type_into, text), key

    def install_imgui(self) -> None:
        """As ReaPack would."""
        folder = self.resource / "ReaImGui"
        folder.mkdir(parents=True)
        (folder / "imgui.lua").write_text(SHIM)
        self.imgui_folder: Path | None = folder
        self.imgui_open = self.imgui_visible = True
        self.imgui_breaks = False
        self.names |= set(IMGUI)
        self.play()

    def end_of_tick(self) -> None:
        context = self.imgui
        if context is not None:
            assert not context.in_window, "a window was not ended"
            context.is_alive, context.is_used = context.is_used, False

    def ImGui_CreateContext(self, label, flags=0):
        self.imgui = Context()
        return self.imgui

    def ImGui_GetBuiltinPath(self):
        return str(self.imgui_folder)

    def ImGui_SetNextWindowSize(self, context, width, height, cond=0):
        self._used(context)

    def ImGui_Begin(self, context, name, is_open=None, flags=0):
        self._used(context)
        assert not context.in_window
        assert not self.imgui_breaks, "ImGui_Begin: it is another ReaImGui"
        context.in_window = self.imgui_visible
        context.labels, context.elements = set(), []
        return self.imgui_visible, self.imgui_open

    def ImGui_End(self, context):
        self._inside(context)
        assert context.styles == 0, "colours were not taken back"
        context.in_window = False
        context.texts = [text for _, text in context.elements]
        self.play()

    def ImGui_IsWindowFocused(self, context, flags=0):
        self._inside(context)
        return True

    def ImGui_IsKeyPressed(self, context, key, repeats=True):
        self._inside(context)
        return self.pressed == key

    def ImGui_TextColored(self, context, colour, text):
        self._show(context, "text", text)

    def ImGui_TextWrapped(self, context, text):
        self._show(context, "text", text)

    def ImGui_PushStyleColor(self, context, index, colour):
        self._inside(context)
        assert index in CONSTANTS.values()
        context.styles += 1

    def ImGui_PopStyleColor(self, context, count=1):
        self._inside(context)
        context.styles -= int(count)
        assert context.styles >= 0

    def ImGui_Button(self, context, label, width=0, height=0):
        return self._element(context, "button", label)

    def ImGui_Checkbox(self, context, label, value):
        clicked = self._element(context, "switch", label)
        return clicked, value != clicked

    def ImGui_RadioButton(self, context, label, active):
        return self._element(context, "radio", label)

    def ImGui_SetNextItemWidth(self, context, width):
        self._inside(context)

    def ImGui_SetKeyboardFocusHere(self, context, offset=0):
        self._inside(context)
        context.wants_focus = True

    def ImGui_InputTextWithHint(self, context, label, hint, buffer, flags=0):
        self._element(context, "field", label)
        if context.wants_focus:
            context.focused, context.wants_focus = label, False
        context.buffers[label] = buffer
        into, text = self.typed
        if f"##{into}" != label:
            return False, buffer
        context.focused = label
        return True, text

    def ImGui_SameLine(self, context, offset=0, spacing=-1):
        self._inside(context)
        assert context.elements, "beside nothing"

    def ImGui_Spacing(self, context):
        self._inside(context)

    def ImGui_ProgressBar(self, context, share, width=-1, height=0, overlay=""):
        assert 0.0 <= share <= 1.0
        self._show(context, "bar", f"{share:.2f}")

    def _used(self, context: Context) -> None:
        assert context.is_alive, "a context that was not drawn for a tick is gone"
        context.is_used = True

    def _inside(self, context: Context) -> None:
        self._used(context)
        assert context.in_window, "outside of a window"

    def _show(self, context: Context, kind: str, text: str) -> None:
        self._inside(context)
        assert "\n" not in text
        context.elements.append((kind, text))

    def _element(self, context: Context, kind: str, label: str) -> bool:
        assert label not in context.labels, f"two elements of the id {label!r}"
        context.labels.add(label)
        self._show(context, kind, label.partition("##")[0])
        if not self.clicked or label.partition("##")[0] != self.clicked:
            return False
        self.clicked_nth -= 1
        return self.clicked_nth == -1


def _constant(value: int) -> Any:
    return lambda _: value


for _name, _value in CONSTANTS.items():
    setattr(ImGuiApi, f"ImGui_{_name}", _constant(_value))
