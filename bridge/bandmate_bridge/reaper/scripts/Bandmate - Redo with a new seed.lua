-- @noindex
-- Makes the last result of this project again with a new seed, as further takes.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { act = "redo" })
