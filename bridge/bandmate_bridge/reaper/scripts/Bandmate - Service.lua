-- @noindex
-- Runs in the background while Bandmate is used: speaks with the agent and draws the panel.
-- The actions start it; you need not run it yourself.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = here .. "bandmate/?.lua;" .. package.path
require("service").new(here):run()
