-- Puts results into the project: tracks, items and takes, in one undo step each.

local find = require("find")
local frozen = require("frozen")
local fresh_tracks = require("fresh")
local lanes = require("lanes")
local pieces = require("pieces")
local put = require("put")

local place = {}

-- Runs what changes the project as one undo step. An error in it is raised after the step was closed.
function place.step(proj, label, act)
  reaper.PreventUIRefresh(1)
  reaper.Undo_BeginBlock2(proj)
  local ok, problem = pcall(act)
  reaper.Undo_EndBlock2(proj, label, -1)
  reaper.PreventUIRefresh(-1)
  reaper.UpdateArrange()
  if not ok then
    -- Half a result is none.
    reaper.Undo_DoUndo2(proj)
    error(problem, 0)
  end
end

local function onto_track(proj, job, stems, noted, rest)
  local track = find.track(proj, job.place.track)
  -- A further item would lie in a lane that plays, or hides, something else: the musician's comp.
  if track and (lanes.are_on(track) or frozen.is_frozen(track)) then track = nil end
  for _, stem in ipairs(stems) do
    if track then
      local item, source = put.item(track, stem, stem.name)
      noted(stem, track, item, source)
    else
      rest[#rest + 1] = stem
    end
  end
end

-- Inserts stems of a job; `noted(stem, track, item, source)` is told of each. What has lost its place
-- (a track or an item that was deleted meanwhile) comes on a new track. Returns whether that happened.
-- `also()`, where given, belongs to the same step.
function place.stems(proj, job, stems, shared, noted, also)
  local lost = false
  place.step(proj, "Bandmate: " .. put.plain(job.title), function()
    local rest = {}
    if job.place.kind == "takes" then
      pieces.as_takes(proj, job, stems, noted, rest)
      lost = #rest > 0
    else
      pieces.as_further_takes(proj, job, stems, noted, rest)
      if job.place.kind == "track" and #rest > 0 then
        local before = rest
        rest = {}
        onto_track(proj, job, before, noted, rest)
        lost = #rest > 0
      end
    end
    if #rest > 0 then fresh_tracks.put(proj, job, rest, shared, noted) end
    for _, reference in ipairs(job.place.mute or {}) do
      local mute = find.item(proj, reference)
      if mute and frozen.is_frozen(reaper.GetMediaItemTrack(mute)) then
        job.note = "Its track is frozen, so the source was not muted."
      elseif mute then
        reaper.SetMediaItemInfo_Value(mute, "B_MUTE", 1)
      end
    end
    if also then also() end
  end)
  job.changes, job.blocks = reaper.GetProjectStateChangeCount(proj), (job.blocks or 0) + 1
  return lost
end

-- Undoes what a job inserted, if that was one step and is the very last thing that happened to the project.
function place.undo(proj, job)
  local is_last = job.changes == reaper.GetProjectStateChangeCount(proj)
  if not is_last or job.blocks ~= 1 or reaper.Undo_CanUndo2(proj) ~= "Bandmate: " .. put.plain(job.title) then return false end
  job.blocks = 0
  return reaper.Undo_DoUndo2(proj) ~= 0
end

-- The take before the one of that file sounds again.
local function silence(item, file)
  for index = 1, reaper.CountTakes(item) - 1 do
    local take = reaper.GetMediaItemTake(item, index)
    local source = take and reaper.GetMediaItemTake_Source(take)
    local before = reaper.GetMediaItemTake(item, index - 1)
    if source and before and take == reaper.GetActiveTake(item) and reaper.GetMediaSourceFileName(source) == file then
      reaper.SetActiveTake(before)
    end
  end
end

-- Takes what a job inserted out of the project again: by undo where that is the last step, else as a step.
-- `whole`: that is all that it inserted. Returns whether nothing refers to its files any more: a take cannot be taken out of an item, only silenced.
function place.remove(proj, job, placed, whole)
  if whole and place.undo(proj, job) then return true end
  local clean = true
  place.step(proj, "Bandmate: take back " .. put.plain(job.title), function()
    for _, entry in pairs(placed) do
      local item = find.item(proj, entry)
      if item then
        local track = reaper.GetMediaItemTrack(item)
        if reaper.CountTakes(item) <= 1 then
          reaper.DeleteTrackMediaItem(track, item)
        else
          silence(item, entry.file)
          clean = false
        end
      end
    end
    local depth, lowest = 0, nil
    for index = reaper.CountTracks(proj) - 1, 0, -1 do
      local track = reaper.GetTrack(proj, index)
      local _, owner = reaper.GetSetMediaTrackInfo_String(track, "P_EXT:bandmate", "", false)
      if owner == job.id and reaper.CountTrackMediaItems(track) == 0 then
        depth, lowest = depth + put.depth_of(track), index
        reaper.DeleteTrack(track)
      end
    end
    -- The folder that the last of them closed is closed by the track before them again.
    local before = lowest and lowest > 0 and depth ~= 0 and reaper.GetTrack(proj, lowest - 1)
    if before then reaper.SetMediaTrackInfo_Value(before, "I_FOLDERDEPTH", put.depth_of(before) + depth) end
  end)
  return clean
end

return place
