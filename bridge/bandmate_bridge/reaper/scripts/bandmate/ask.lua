-- What every action does: leaves word for the service, and starts it when it is not there.

return function(here, ask)
  package.path = here .. "bandmate/?.lua;" .. package.path
  local state = require("state")
  state.push_ask(ask)
  local _, beat = state.service()
  if reaper.time_precise() - beat < 1.5 then return end
  local command = reaper.AddRemoveReaScript(true, 0, here .. "Bandmate - Service.lua", true)
  if command == 0 then
    reaper.ShowConsoleMsg("Bandmate: REAPER does not accept the script " .. here .. "Bandmate - Service.lua.\n")
    return
  end
  reaper.Main_OnCommand(command, 0)
end
