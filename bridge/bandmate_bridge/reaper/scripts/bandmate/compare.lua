-- Comparing what was made: the next take, the one before, and playing it.

local find = require("find")
local place = require("place")
local state = require("state")

local compare = {}

-- The selected items; without a selection those of the last result.
local function items_of(proj)
  local items = {}
  for index = 0, reaper.CountSelectedMediaItems(proj) - 1 do items[#items + 1] = reaper.GetSelectedMediaItem(proj, index) end
  if #items > 0 then return items end
  for _, reference in pairs(state.project(proj, "last").placed or {}) do
    local item = find.item(proj, reference)
    if item then items[#items + 1] = item end
  end
  return items
end

local function turn(item, step)
  local count, active = reaper.CountTakes(item), reaper.GetActiveTake(item)
  for index = 0, count - 1 do
    local take = reaper.GetMediaItemTake(item, index)
    if take and take == active then
      local wanted = reaper.GetMediaItemTake(item, (index + step) % count)
      if wanted then reaper.SetActiveTake(wanted) end
      return
    end
  end
end

-- The next take (step 1) or the one before (-1) sounds. Returns a sentence and a remedy when there is none.
function compare.take(proj, step)
  local items = items_of(proj)
  if #items == 0 then return "No item is selected.", "Select items that have several takes." end
  place.step(proj, step > 0 and "Bandmate: next take" or "Bandmate: previous take", function()
    for _, item in ipairs(items) do turn(item, step) end
  end)
end

-- Plays what was made last, from its start; again: stops.
function compare.audition(proj)
  local last = state.project(proj, "last")
  if reaper.GetPlayStateEx(proj) & 1 ~= 0 then
    reaper.OnStopButtonEx(proj)
  elseif last.first then
    reaper.SetEditCurPos2(proj, last.first, true, true)
    reaper.OnPlayButtonEx(proj)
  else
    return "There are no results in this project yet.", "Generate something first."
  end
end

return compare
