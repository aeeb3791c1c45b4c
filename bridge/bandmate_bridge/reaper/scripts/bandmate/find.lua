-- Finding tracks and items again by their ids: pointers die between ticks.

local facts = require("facts")

local find = {}

function find.track(proj, guid)
  if not guid or guid == "" then return nil end
  for index = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, index)
    if facts.track_guid(track) == guid then return track, index end
  end
end

-- Where items were seen last: to look through a project of thousands takes longer than a tick may.
local seen = {}

local function note_item(item)
  local guid = facts.item_guid(item)
  seen[guid] = item
  return guid
end
find.note_item = note_item

function find.item(proj, guid)
  if not guid or guid == "" then return nil end
  local last = seen[guid]
  if last and reaper.ValidatePtr2(proj, last, "MediaItem*") and facts.item_guid(last) == guid then return last end
  for index = 0, reaper.CountMediaItems(proj) - 1 do
    local item = reaper.GetMediaItem(proj, index)
    if note_item(item) == guid then return item end
  end
end

return find
