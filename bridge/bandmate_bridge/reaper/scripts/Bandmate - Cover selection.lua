-- @noindex
-- Plays the selected items again in another style. Opens the panel for the words.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { task = "cover", form = true })
