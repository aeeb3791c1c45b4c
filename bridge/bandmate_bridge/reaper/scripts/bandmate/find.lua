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

local function is_on(item, track)
  return not track or track == "" or facts.track_guid(reaper.GetMediaItemTrack(item)) == track
end

-- The item of a reference: its id, or a table of that (`item`) and the id of its track (`track`). Projects of REAPER
-- 4 and 5 have items of one id on several tracks; an item of an id of its own is found wherever it was moved to.
function find.item(proj, reference)
  local guid, on = reference, nil
  if type(reference) == "table" then guid, on = reference.item, reference.track end
  if not guid or guid == "" then return nil end
  local last = seen[guid]
  if last and reaper.ValidatePtr2(proj, last, "MediaItem*") and facts.item_guid(last) == guid and is_on(last, on) then return last end
  local moved, count = nil, 0
  for index = 0, reaper.CountMediaItems(proj) - 1 do
    local item = reaper.GetMediaItem(proj, index)
    if note_item(item) == guid then
      if is_on(item, on) then return item end
      moved, count = item, count + 1
    end
  end
  return count == 1 and moved or nil
end

return find
