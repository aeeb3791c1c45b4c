-- @noindex
-- Makes the selected time of the selected items anew, as takes. Opens the panel for the words.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { task = "repaint", form = true })
