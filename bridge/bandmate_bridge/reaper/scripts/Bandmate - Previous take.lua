-- @noindex
-- The take before, of the selected items or of what was made last.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "previous_take" })
