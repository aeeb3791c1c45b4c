-- What of the jobs outlives the service, and REAPER: those that run, and the last result of a project.

local state = require("state")

local kept = {}

function kept.write(jobs)
  local out = {}
  for _, job in ipairs(jobs) do
    if not job.ended then
      out[#out + 1] = {
        id = job.id, task = job.task, title = job.title, project = job.project, media = job.media,
        place = job.place, spot = job.spot, files = job.files, placed = job.placed, joins = job.joins,
        rate = job.rate,
      }
    end
  end
  state.keep_jobs(out)
end

-- A spot as the agent names its fields now; what was kept by scripts of before has them without units.
local function spot_of(spot)
  if not spot or spot.position_seconds then return spot end
  return {
    item = spot.item, track = spot.track, position_seconds = spot.position, length_seconds = spot.length,
    phase_seconds = spot.phase,
  }
end

-- The jobs that ran, to be taken up again.
function kept.read()
  local out = {}
  for _, job in ipairs(state.jobs()) do
    if type(job.id) == "string" then
      job.files, job.placed = job.files or {}, job.placed or {}
      job.place, job.spot = job.place or { kind = "tracks" }, spot_of(job.spot)
      job.stage, job.sources, job.waiting, job.inserted = "Resuming", {}, {}, {}
      out[#out + 1] = job
    end
  end
  return out
end

-- Notes in the project what was made last, for another try and for comparing.
function kept.remember(proj, job)
  local placed, first, last = {}, math.huge, 0
  for _, entry in pairs(job.placed) do
    placed[entry.part or entry.name] = { item = entry.item, track = entry.track }
    first, last = math.min(first, entry.begin), math.max(last, entry.stop)
  end
  if not next(placed) then return end
  state.keep_project(proj, "last", {
    job = job.id, title = job.title, place = job.place, spot = job.spot, placed = placed, media = job.media,
    first = first, last = last, rate = job.rate,
  })
end

-- What was made last in a project, to make it once more; without an id where nothing was.
function kept.recall(proj)
  local last = state.project(proj, "last")
  last.id, last.spot = last.job, spot_of(last.spot)
  return last
end

return kept
