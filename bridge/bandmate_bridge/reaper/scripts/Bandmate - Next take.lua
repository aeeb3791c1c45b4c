-- @noindex
-- The next take of the selected items, or of what was made last: to compare.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "next_take" })
