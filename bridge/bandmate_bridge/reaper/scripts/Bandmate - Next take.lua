-- @noindex
-- Switches to the next take of the selected items, or of the last result, to compare.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "next_take" })
