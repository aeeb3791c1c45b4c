-- @noindex
-- Cancels every running job, and removes what it had inserted.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "cancel" })
