-- @noindex
-- Separates the selected items into stems on new tracks, with the form's last values.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { task = "separate" })
