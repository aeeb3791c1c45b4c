-- @noindex
-- Analyses the selected items: chords become markers, sections become regions.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
dofile(here .. "bandmate/ask.lua")(here, { task = "analyse" })
