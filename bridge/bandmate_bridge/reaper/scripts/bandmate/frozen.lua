-- Frozen tracks: REAPER plays a render of them, and at the unfreeze puts back the items of before. What is changed
-- on such a track is lost then.

local frozen = {}

function frozen.is_frozen(track)
  local _, chunk = reaper.GetTrackStateChunk(track, "", false)
  return chunk:find("\n%s*<FREEZE") ~= nil
end

-- Raises a sentence and a remedy for selected items that no take may be put on.
function frozen.check_takes(proj)
  for index = 0, reaper.CountSelectedMediaItems(proj) - 1 do
    local track = reaper.GetMediaItemTrack(reaper.GetSelectedMediaItem(proj, index))
    if frozen.is_frozen(track) then
      local _, name = reaper.GetTrackName(track)
      error({
        sentence = "The track " .. name .. " is frozen; unfreezing it would discard the change.",
        remedy = "Unfreeze it (Track > Unfreeze tracks), or copy the item to another track.",
      }, 0)
    end
  end
end

return frozen
