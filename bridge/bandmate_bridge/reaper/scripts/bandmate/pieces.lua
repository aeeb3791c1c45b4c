-- Takes in the place of a part of an item: the item is split, and the piece gets a take.

local find = require("find")
local frozen = require("frozen")
local lanes = require("lanes")
local put = require("put")

local pieces = {}

-- What lies on both sides of a cut plays as before: no fades there, and not a sample moved.
local function cut(item, at)
  local begin = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  local length = reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
  if at <= begin + 1e-7 or at >= begin + length - 1e-7 then return item, nil end
  local offsets = {}
  for index = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetMediaItemTake(item, index)
    offsets[index] = take and reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS")
  end
  local later = reaper.SplitMediaItem(item, at)
  if not later then error("REAPER did not split the item", 0) end
  -- A preference may have made the pieces overlap, to fade from one into the other.
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", at - begin)
  reaper.SetMediaItemInfo_Value(later, "D_POSITION", at)
  reaper.SetMediaItemInfo_Value(later, "D_LENGTH", begin + length - at)
  for _, parm in ipairs({ "D_FADEOUTLEN", "D_FADEOUTLEN_AUTO" }) do reaper.SetMediaItemInfo_Value(item, parm, 0.0) end
  for _, parm in ipairs({ "D_FADEINLEN", "D_FADEINLEN_AUTO" }) do reaper.SetMediaItemInfo_Value(later, parm, 0.0) end
  for index = 0, reaper.CountTakes(later) - 1 do
    local take = reaper.GetMediaItemTake(later, index)
    if take and offsets[index] then
      local rate = reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE")
      reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offsets[index] + (at - begin) * rate)
    end
  end
  return item, later
end

-- A take that sounds in the place of the one that sounded, as loud and where that was.
local function add_take_like(item, stem, name)
  local like = reaper.GetActiveTake(item)
  local take, source = put.take(item, stem.file, name, stem.offset_seconds)
  if like then put.take_like(take, like) end
  reaper.SetActiveTake(take)
  return source
end

-- The piece of the item from begin to end; the item is cut where it must be.
local function piece(proj, job, stem)
  local item = find.item(proj, job.spot)
  if not item or lanes.is_comp(item) then return nil end
  local track = reaper.GetMediaItemTrack(item)
  if frozen.is_frozen(track) then return nil end
  local lane = lanes.of(item)
  local spot_begin = job.spot.position_seconds
  local spot_stop = spot_begin + job.spot.length_seconds
  local middle = (stem.begin_seconds + stem.end_seconds) / 2
  for index = 0, reaper.CountTrackMediaItems(track) - 1 do
    local other = reaper.GetTrackMediaItem(track, index)
    local begin = reaper.GetMediaItemInfo_Value(other, "D_POSITION")
    local stop = begin + reaper.GetMediaItemInfo_Value(other, "D_LENGTH")
    local inside = begin >= spot_begin - 1e-6 and stop <= spot_stop + 1e-6
    if inside and lanes.of(other) == lane and begin < middle and stop > middle then
      if begin > stem.begin_seconds + 1e-6 or stop < stem.end_seconds - 1e-6 then return nil end
      local _, later = cut(other, stem.begin_seconds)
      local found = later or other
      cut(found, stem.end_seconds)
      return found
    end
  end
end

-- Stems as takes of their pieces; those whose item is gone are added to `rest`.
function pieces.as_takes(proj, job, stems, noted, rest)
  for _, stem in ipairs(stems) do
    local item = find.item(proj, job.joins and job.joins[stem.part]) or piece(proj, job, stem)
    if item then
      noted(stem, reaper.GetMediaItemTrack(item), item, add_take_like(item, stem, job.title))
    else
      rest[#rest + 1] = stem
    end
  end
end

-- Further takes on the items of an earlier job.
function pieces.as_further_takes(proj, job, stems, noted, rest)
  for _, stem in ipairs(stems) do
    local item = find.item(proj, job.joins and job.joins[stem.name])
    if item then
      local like = reaper.GetActiveTake(item)
      local take, source = put.take(item, stem.file, stem.name, 0.0)
      if like then put.take_like(take, like) end
      reaper.SetActiveTake(take)
      noted(stem, reaper.GetMediaItemTrack(item), item, source)
    else
      rest[#rest + 1] = stem
    end
  end
end

return pieces
