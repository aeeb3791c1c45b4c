-- From what the musician wants to an ask: what is gathered of the project, and where the result will go.

local facts = require("facts")
local hear = require("hear")
local state = require("state")

local asking = {}

local BUDGET = 0.006 -- seconds a tick

-- Lets a tick end when it took long enough; `at_once`: now.
function asking.breather()
  local stop = reaper.time_precise() + BUDGET
  return function(at_once)
    if at_once or reaper.time_precise() > stop then
      coroutine.yield()
      stop = reaper.time_precise() + BUDGET
    end
  end
end

-- Whether results of a task take the place of what was selected, as takes.
local function comes_as_takes(task, settings)
  return task.ranged or (task.task == "cover" and settings.cover_takes)
end

-- The way in which results of a task come into the project, as the settings have it.
function asking.place_for(task, found, settings)
  if task.source ~= "required" then
    local chosen
    for _, track in ipairs(found.tracks) do
      if track.selected then chosen = chosen == nil and track.guid or false end
    end
    if chosen and settings.onto_selected then return { kind = "track", track = chosen } end
    return { kind = "tracks" }
  end
  if comes_as_takes(task, settings) then return { kind = "takes", mixed = true } end
  return { kind = "tracks", mixed = task.task == "cover" or nil }
end

-- A take goes through its track's effects: what takes its place is made from what is before them.
local function input_for(task, settings)
  if settings.input == "render" and comes_as_takes(task, settings) then return "accessor" end
  return settings.input
end

-- What gives the text of a selected item where its own will not do; nil where it will.
local function reader(service, proj, task, breathe)
  if not service.agent.config or task.source ~= "required" then return nil end
  local function names(guid)
    service.doing = "Reading the items"
    service.files = (service.files or 0) + 1
    return "heard-" .. guid:gsub("[{}]", "") .. "-" .. service.files
  end
  return hear.reader(input_for(task, service.settings), proj, service.agent.box.folder, facts.rate(proj), names, breathe)
end

-- Of a job of an ask: a separated item has its stems below its own track.
local function place_of(ask, mute)
  return function(message)
    local own = {}
    for key, value in pairs(ask.place) do own[key] = value end
    if ask.task == "separate" then
      own.below = message.track
      if mute then own.mute = message.item end
    end
    return own
  end
end

-- What is asked for on what is selected now, gathered over ticks. `more`: `engine`, `invoke`, `facts` (a function
-- that changes what was gathered), `place`.
function asking.gather(service, proj, task, params, more)
  local settings, form, breathe = service.settings, service.form, asking.breather()
  local reads = reader(service, proj, task, breathe)
  local found = facts.gather(proj, task.source == "required", breathe, task.ranged, reads)
  found.project.id = facts.project_id(proj, true)
  local engine = more.engine or form.engines[task.task]
  local ask = {
    id = reaper.genGuid(""), task = task.task, params = params or form:params(task.task), facts = found,
    engine = engine ~= "" and engine or nil, place = asking.place_for(task, found, settings), bars = settings.bars,
    invoke = more.invoke, grouping = settings.grouping, settings = settings,
  }
  return ask, place_of(ask, settings.mute_source)
end

-- The last result of a project once more: as an ask, and the message for it. Nil when there is none.
function asking.again(proj, settings)
  local last = state.project(proj, "last")
  if not last.job then return nil end
  local id, expected = reaper.genGuid(""), 0
  for _ in pairs(last.placed or {}) do expected = expected + 1 end
  local ask = {
    id = id, facts = { project = { id = facts.project_id(proj, true), media = last.media, rate = last.rate } },
    place = last.place, joins = last.placed, settings = settings,
  }
  return ask, {
    type = "redo", id = id, job = last.job, media = last.media, title = last.title, spot = last.spot, rate = last.rate,
    midi = settings.midi, expected = expected,
  }
end

return asking
