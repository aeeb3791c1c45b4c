-- @noindex
-- Makes a backing for the selected items, on new tracks. Opens the panel for the prompt.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { task = "accompany", form = true })
