-- New tracks for stems, in a folder when there are several.

local facts = require("facts")
local find = require("find")
local lanes = require("lanes")
local names = require("names")
local put = require("put")

local fresh_tracks = {}

-- Where new tracks go: below a track, or at the end, after closing a folder that was left open there.
local function opening(proj, below)
  local track, index = find.track(proj, below)
  if track then return index + 1, track end
  local count, open = reaper.CountTracks(proj), 0
  for at = 0, count - 1 do
    local before = open
    open = math.max(open + put.depth_of(reaper.GetTrack(proj, at)), 0)
    if at == count - 1 and open > 0 then
      reaper.SetMediaTrackInfo_Value(reaper.GetTrack(proj, at), "I_FOLDERDEPTH", -before)
    end
  end
  return count, nil
end

-- New tracks for the stems, in a folder when there are several. `shared`: tracks by name that take them.
function fresh_tracks.put(proj, job, stems, shared, noted)
  local kept, fresh = {}, {}
  local like = find.item(proj, job.place.like)
  for _, stem in ipairs(stems) do
    local track = shared and find.track(proj, shared[stem.name])
    if track and not lanes.are_on(track) then
      local item, source = put.item(track, stem, stem.name)
      if like then put.item_like(item, like, 1.0 / (job.rate or 48000)) end
      noted(stem, track, item, source)
      kept[#kept + 1] = stem
    else
      fresh[#fresh + 1] = stem
    end
  end
  if #fresh == 0 then return end
  local index, below = opening(proj, job.place.below)
  local closes = below and math.min(put.depth_of(below), 0) or 0
  if closes < 0 then reaper.SetMediaTrackInfo_Value(below, "I_FOLDERDEPTH", 0) end
  local folder = #fresh > 1 and not job.place.flat
  local taken = names.taken(proj)
  if folder then
    local title = names.free(taken, put.shortened(job.title))
    local parent = put.track(proj, index, title, fresh[1].colour, job.id)
    reaper.SetMediaTrackInfo_Value(parent, "I_FOLDERDEPTH", 1)
    index = index + 1
  end
  local last
  for _, stem in ipairs(fresh) do
    local name = job.place.mixed and job.title or stem.name
    local prompt = #fresh == 1 and not job.place.mixed and job.title or nil
    last = put.track(proj, index, names.free(taken, name, prompt), stem.colour, job.id)
    index = index + 1
    local item, source = put.item(last, stem, stem.name)
    if like then put.item_like(item, like, 1.0 / (job.rate or 48000)) end
    noted(stem, last, item, source)
    if shared then shared[stem.name] = facts.track_guid(last) end
  end
  reaper.SetMediaTrackInfo_Value(last, "I_FOLDERDEPTH", (folder and -1 or 0) + closes)
end

return fresh_tracks
