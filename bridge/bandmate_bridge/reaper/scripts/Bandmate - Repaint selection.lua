-- @noindex
-- Repaints the selected time of the selected items, as new takes. Opens the panel for the prompt.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { task = "repaint", form = true })
