-- @noindex
-- Plays the last result from its start; run it again to stop.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "audition" })
