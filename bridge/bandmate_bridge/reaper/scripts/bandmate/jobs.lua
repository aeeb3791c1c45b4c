-- Jobs: what was asked for, what came of it, and where it went.

local facts = require("facts")
local find = require("find")
local kept = require("kept")
local marks = require("marks")
local messages = require("messages")
local Peaks = require("peaks")
local place = require("place")
local put = require("put")

local Jobs = {}
Jobs.__index = Jobs

local KEPT = 12 -- ended jobs that the panel shows

function Jobs.new(send, say)
  return setmetatable({
    send = send,
    say = say,
    asks = {}, -- by id: what was sent and not yet accepted in full
    by_id = {},
    order = {},
    peaks = Peaks.new(),
  }, Jobs)
end

-- The project of that id, among those that are open; the pointer first, as copies share an id.
function Jobs.project_of(id, pointer)
  local fits
  for index = 0, 1000 do
    local proj = reaper.EnumProjects(index)
    if not proj then break end
    if facts.project_id(proj, false) == id then
      if proj == pointer then return proj end
      fits = fits or proj
    end
  end
  return fits
end

-- The bar up to which all parts of a job are there; nil before the first audio.
function Jobs:bar(job)
  local proj = job.at and Jobs.project_of(job.project, job.pointer)
  return proj and facts.bar_at(proj, job.at) or nil
end

function Jobs:running()
  local count = 0
  for _, job in ipairs(self.order) do
    if not job.ended then count = count + 1 end
  end
  for _ in pairs(self.asks) do count = count + 1 end
  return count
end

function Jobs:keep()
  kept.write(self.order)
end

-- Sends a task on its way. `ask` has: id, task, params, facts, place, takes, mixed, ...
function Jobs:ask(ask, proj)
  self.asks[ask.id] = { ask = ask, proj = proj, left = nil, shared = {}, accepted = {} }
  self:send_ask(ask, false)
end

function Jobs:send_ask(ask, again)
  self.send(messages.run(ask, again))
end

-- A new agent knows nothing: it is given all that runs.
function Jobs:resume()
  for _, entry in pairs(self.asks) do
    if entry.message then self.send(entry.message) else self:send_ask(entry.ask, true) end
  end
  for _, job in ipairs(self.order) do
    if not job.ended then self.send(messages.attach(job)) end
  end
end

-- Jobs that ran when REAPER, or the service, ended.
function Jobs:recall()
  for _, job in ipairs(kept.read()) do
    if not self.by_id[job.id] then
      self.by_id[job.id] = job
      self.order[#self.order + 1] = job
    end
  end
end

function Jobs:add(message)
  local entry = self.asks[message.re]
  if not entry then return end
  local ask = entry.ask
  local job = {
    id = message.job, task = message.task, title = message.title, engine = message.engine,
    reason = message.reason, seed = message.seed, ask = message.re, project = ask.facts.project.id,
    pointer = entry.proj, media = ask.facts.project.media, rate = ask.facts.project.sample_rate, spot = message.spot,
    place = entry.place_of and entry.place_of(message) or ask.place, joins = ask.joins,
    shared = ask.grouping == "track" and message.track and self:shared(entry, message.track) or nil,
    files = {}, placed = {}, sources = {}, waiting = {}, inserted = {}, stage = "Waiting", settings = ask.settings,
    started = reaper.time_precise(), params = ask.params,
  }
  self.by_id[job.id] = job
  self.order[#self.order + 1] = job
  self:done_with(message.re, message.index)
  while #self.order > KEPT and self.order[1].ended do
    self.by_id[self.order[1].id] = nil
    table.remove(self.order, 1)
  end
  self:keep()
  if entry.cancelled then self:cancel(job) end
  return job
end

function Jobs:shared(entry, track)
  entry.shared[track] = entry.shared[track] or {}
  return entry.shared[track]
end

-- One of the jobs of an ask was accepted or refused.
function Jobs:done_with(id, index)
  local entry = self.asks[id]
  if not entry then return end
  entry.accepted[tostring(index or 0)] = true
  local count = 0
  for _ in pairs(entry.accepted) do count = count + 1 end
  if count >= (entry.left or 1) then self.asks[id] = nil end
end

local function insert(self, job, stems, with_notes)
  local proj = Jobs.project_of(job.project, job.pointer)
  if not proj then
    job.note = "Its project is not open; the result waits in " .. job.media .. "."
    for _, stem in ipairs(stems) do job.waiting[#job.waiting + 1] = stem end
    return
  end
  local fresh = {}
  for _, stem in ipairs(stems) do
    local known = job.placed[tostring(stem.stem)]
    local item = known and known.file == stem.file and find.item(proj, known)
    if item then
      local take = reaper.GetActiveTake(item)
      job.sources[stem.stem] = take and reaper.GetMediaItemTake_Source(take)
    else
      fresh[#fresh + 1] = stem
    end
  end
  if #fresh == 0 then return end
  for _, stem in ipairs(fresh) do job.inserted[#job.inserted + 1] = stem end
  -- Stems that come later join the step of those before them, as long as nobody did anything since.
  if next(job.placed) and place.undo(proj, job) then
    job.placed, job.sources, fresh = {}, {}, job.inserted
  end
  local ok, problem = pcall(function()
    local lost = place.stems(proj, job, fresh, job.shared, function(stem, track, item, source)
      job.placed[tostring(stem.stem)] = {
        name = stem.name, file = stem.file, item = find.note_item(item), track = facts.track_guid(track),
        part = stem.part, colour = stem.colour, begin = stem.begin_seconds or stem.position_seconds,
        stop = stem.end_seconds or stem.position_seconds + stem.length_seconds,
      }
      job.sources[stem.stem] = source
    end, function()
      if with_notes then marks.notes(proj, job) end
    end)
    if lost then job.note = "It could not go to its place, so it was put on new tracks." end
  end)
  if not ok then
    job.failed, job.note = true, tostring(problem)
    self.say(tostring(problem), "Turning off `Tracks at once` in the settings may help.")
  end
  self:peak(job)
end

-- Peaks of a job's sources are built again, a little in each tick.
function Jobs:peak(job)
  local proj = Jobs.project_of(job.project, job.pointer)
  if proj then self.peaks:add(proj, job.sources) end
end

function Jobs:stems(job, message)
  for _, stem in ipairs(message.stems) do job.files[tostring(stem.stem)] = stem.file end
  if job.settings and job.settings.growing == false then
    for _, stem in ipairs(message.stems) do job.waiting[#job.waiting + 1] = stem end
  else
    insert(self, job, message.stems)
  end
  self:keep()
end

-- What has waited for the end, or for its project to be open.
function Jobs:insert_waiting(job)
  local waiting = job.waiting
  job.waiting = {}
  if #waiting > 0 then insert(self, job, waiting) end
  return #job.waiting == 0
end

-- Notes join the step of the audio, as long as nobody did anything since; else they are one step of their own.
local function put_notes(self, job, proj)
  if next(job.placed) and place.undo(proj, job) then
    local again = job.inserted
    job.inserted, job.placed, job.sources = {}, {}, {}
    insert(self, job, again, true)
  else
    place.step(proj, "Bandmate: MIDI of " .. put.plain(job.title), function() marks.notes(proj, job) end)
  end
end

local function remember(job)
  local proj = Jobs.project_of(job.project, job.pointer)
  if proj then kept.remember(proj, job) end
end

function Jobs:done(job, message)
  job.stage, job.progress, job.ended, job.seconds = "Done", 1.0, true, message.seconds
  job.remarks, job.models = message.remarks, message.models
  local proj = Jobs.project_of(job.project, job.pointer)
  self:insert_waiting(job)
  if message.marks and proj then
    marks.put(proj, message.marks, job.title, job.settings and job.settings.tempo_map)
    job.note = message.marks.summary
  elseif (message.note or "") ~= "" then
    job.note = message.note
  end
  if #job.waiting > 0 then job.ended, job.stage = false, "Waiting for its project" end
  if job.notes and proj and job.settings and job.settings.midi and job.place.kind ~= "takes" then put_notes(self, job, proj) end
  self:peak(job)
  remember(job)
  self:keep()
end

-- What a job had inserted goes again; of a failed one only what was not finished would have no audio.
function Jobs:ended_early(job, stage, note)
  job.ended, job.stage, job.note, job.waiting = true, stage, note, {}
  local proj = Jobs.project_of(job.project, job.pointer)
  local unfinished, finished = {}, 0
  for stem, entry in pairs(job.placed) do
    if stage == "Failed" and job.whole and job.whole[stem] then finished = finished + 1 else unfinished[stem] = entry end
  end
  if proj and next(unfinished) then
    if place.remove(proj, job, unfinished, finished == 0) then
      for _, entry in pairs(unfinished) do os.remove(entry.file) end
    end
  end
  if not next(job.placed) then
    for _, file in pairs(job.files) do os.remove(file) end
  end
  if finished > 0 then remember(job) end
  self:keep()
end

-- A message of the agent about a job.
function Jobs:take(message)
  local job = self.by_id[message.job]
  if not job then return end
  if message.type == "progress" then
    job.stage, job.left = message.stage, message.seconds_left
    job.progress = message.steps > 0 and message.step / message.steps or nil
    job.step, job.steps, job.at = message.step, message.steps, message.reached_seconds
  elseif message.type == "stems" then
    self:stems(job, message)
  elseif message.type == "grown" then
    job.at = message.reached_seconds
    self:peak(job)
  elseif message.type == "stem_done" then
    job.whole = job.whole or {}
    job.whole[tostring(message.stem)] = true
  elseif message.type == "notes" then
    job.notes = job.notes or {}
    job.notes[tostring(message.stem)] = message.notes
  elseif message.type == "done" then
    self:done(job, message)
  elseif message.type == "cancelled" then
    self:ended_early(job, "Cancelled", nil)
  elseif message.type == "failed" then
    self:ended_early(job, "Failed", message.sentence)
    self.say(message.sentence, message.remedy, message.models)
  end
end

function Jobs:cancel(job)
  job.stage = "Cancelling"
  self.send(messages.cancel_job(job.id))
end

-- Ends all that runs, and what was asked for and not yet accepted.
function Jobs:cancel_all()
  for id, entry in pairs(self.asks) do
    entry.cancelled = true
    self.send(messages.cancel_ask(id))
  end
  for _, job in ipairs(self.order) do
    if not job.ended then self:cancel(job) end
  end
end

return Jobs
