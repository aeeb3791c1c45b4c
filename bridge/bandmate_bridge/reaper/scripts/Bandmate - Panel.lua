-- @noindex
-- Opens the panel.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "panel" })
