-- @noindex
-- Ends every job that runs, and takes back what it had inserted.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "cancel" })
