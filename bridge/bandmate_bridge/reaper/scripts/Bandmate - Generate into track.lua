-- @noindex
-- Makes new parts for the selected bars, on the selected track or on new ones. Opens the panel for the prompt.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { task = "generate", form = true })
