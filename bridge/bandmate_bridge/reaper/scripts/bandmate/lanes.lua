-- Fixed item lanes (REAPER 7): what lies in lanes beside each other, and what of it must be left alone.
--
-- A comp lane is written by REAPER itself from the comp areas of the other lanes: what is split or put there is
-- lost at the next edit of the comp, or breaks it. So nothing is ever put into a comp lane, and no further item
-- onto a track with lanes. Lanes that are no comp are as good as tracks: an item there is split within its lane.

local lanes = {}

local FREE, FIXED = 1, 2 -- of I_FREEMODE

local function mode_of(track)
  return reaper.GetMediaTrackInfo_Value(track, "I_FREEMODE")
end

function lanes.are_on(track)
  return mode_of(track) == FIXED
end

-- Where an item lies in the height of its track: items elsewhere are no neighbours of it.
function lanes.of(item)
  local mode = mode_of(reaper.GetMediaItemTrack(item))
  if mode == FIXED then return reaper.GetMediaItemInfo_Value(item, "I_FIXEDLANE") end
  if mode == FREE then return reaper.GetMediaItemInfo_Value(item, "F_FREEMODE_Y") end
  return 0
end

-- Whether the item is in a lane that sounds.
function lanes.plays(item)
  if not lanes.are_on(reaper.GetMediaItemTrack(item)) then return true end
  local how = reaper.GetMediaItemInfo_Value(item, "C_LANEPLAYS")
  return how == 1 or how == 2
end

-- Whether the item is in a comp lane: by the name that REAPER gives one, or as the track's own lines say.
function lanes.is_comp(item)
  local track = reaper.GetMediaItemTrack(item)
  if not lanes.are_on(track) then return false end
  local lane = math.floor(reaper.GetMediaItemInfo_Value(item, "I_FIXEDLANE"))
  local _, name = reaper.GetSetMediaTrackInfo_String(track, "P_LANENAME:" .. lane, "", false)
  if name:find("^C%d+$") then return true end
  local _, chunk = reaper.GetTrackStateChunk(track, "", false)
  local comp, last = chunk:match("\nLANEREC %-?%d+ (%-?%d+) (%-?%d+)")
  return tonumber(comp) == lane or tonumber(last) == lane
end

-- Raises a sentence and a remedy for selected items that no take may be put on.
function lanes.check_takes(proj)
  for index = 0, reaper.CountSelectedMediaItems(proj) - 1 do
    if lanes.is_comp(reaper.GetSelectedMediaItem(proj, index)) then
      error({
        sentence = "A selected item is in a comp lane, which REAPER builds from the other lanes.",
        remedy = "Select the item in its own lane, or copy the comp to a separate track.",
      }, 0)
    end
  end
end

return lanes
