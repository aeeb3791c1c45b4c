-- @noindex
-- Puts all of Bandmate's actions into REAPER's action list. Run it once, from New action > Load ReaScript.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
local own = "Bandmate - Register actions.lua"
local names, index = {}, 0

reaper.EnumerateFiles(here, -1)
while true do
  local name = reaper.EnumerateFiles(here, index)
  if not name then break end
  if name:find("^Bandmate %- .*%.lua$") and name ~= own and name ~= "Bandmate - Service.lua" then names[#names + 1] = name end
  index = index + 1
end
table.sort(names)

local refused = {}
for count, name in ipairs(names) do
  if reaper.AddRemoveReaScript(true, 0, here .. name, count == #names) == 0 then refused[#refused + 1] = name end
end
local said = #names - #refused .. " actions are in the action list: press ?, and type bandmate."
if #refused > 0 then said = said .. " REAPER refused " .. table.concat(refused, ", ") .. "." end
reaper.ShowConsoleMsg("!SHOW:Bandmate: " .. said .. "\n")
