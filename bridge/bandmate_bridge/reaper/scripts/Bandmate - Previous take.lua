-- @noindex
-- Switches to the previous take of the selected items, or of the last result.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "previous_take" })
