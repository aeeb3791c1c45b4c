-- @noindex
-- Plays what was made last from its start; again: stops.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "audition" })
