-- @noindex
-- Plays the selected items in another style. Opens the panel for the prompt.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { task = "cover", form = true })
