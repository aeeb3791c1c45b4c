-- From what the musician wants to an ask: what is gathered of the project, and where the result will go.

local facts = require("facts")
local frozen = require("frozen")
local hear = require("hear")
local kept = require("kept")
local lanes = require("lanes")
local messages = require("messages")

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
  return task.result == "take" or (task.can_be_take and settings.cover_takes)
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
  return { kind = "tracks", mixed = task.mixed or nil }
end

-- The same where another program says it, as the project-file bridge lays results.
local function place_as_said(task, where)
  if task.source ~= "required" then return { kind = where.track and "track" or "tracks", flat = where.flat } end
  if task.result == "take" or where.take then return { kind = "takes", mixed = true } end
  return { kind = "tracks", flat = where.flat, mixed = task.mixed and not where.stems or nil }
end

-- Settings of one ask: what was said with it goes before what is set.
local function settings_of(settings, where)
  if not where then return settings end
  local own = {}
  for key, value in pairs(settings) do own[key] = value end
  own.midi, own.mute_source, own.tempo_map = where.midi == true, where.mute_source == true, where.tempo_map == true
  return own
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

-- Of a job of an ask: stems, which stand for an item, are below its own track, and a track that was named is known by
-- its id now.
local function place_of(ask)
  return function(message)
    local own = {}
    for key, value in pairs(ask.place) do own[key] = value end
    if own.kind == "track" and not own.track then own.track = message.track end
    if ask.result == "stems" then
      own.below = message.track
      -- A render of the item, or what REAPER reads of it, has all that is done to it already.
      -- Several items have their volumes and fades in what was heard of them.
      local items = message.items or { message.item }
      if ask.settings.input == "source" and #items == 1 then own.like = { item = message.item, track = message.track } end
      own.mute = {}
      for _, item in ipairs(ask.settings.mute_source and items or {}) do
        own.mute[#own.mute + 1] = { item = item, track = message.track }
      end
    end
    return own
  end
end

-- What is asked for on what is selected now, gathered over ticks. `more`: `engine`, `seed`, the request of an
-- `invoke`, and `where`: what another program works on in place of what is selected.
function asking.gather(service, proj, task, params, more)
  local form, breathe, where = service.form, asking.breather(), more.where
  local settings = settings_of(service.settings, where)
  if not where and comes_as_takes(task, settings) then
    lanes.check_takes(proj)
    frozen.check_takes(proj)
  end
  local reads = not where and reader(service, proj, task, breathe) or nil
  local listens = task.listens and not (where and where.alone)
  local wanted = params or form:params(task.task)
  -- Notes of MIDI items are in the text that REAPER saves for them.
  local notes = wanted.notes ~= nil and wanted.notes ~= "off"
  -- New music has no item that says where it goes: without a time selection it is so many bars from the cursor on.
  local bars = listens and task.source ~= "required" and settings.bars or nil
  local whole = task.source == "required" or listens or notes
  local found = facts.gather(proj, whole, breathe, bars or listens, reads, where ~= nil)
  found.project.id = facts.project_id(proj, true)
  local engine = more.engine or not where and form.engines[task.task] or nil
  local ask = {
    id = reaper.genGuid(""), task = task.task, result = task.result, params = wanted, facts = found,
    engine = engine ~= "" and engine or nil, seed = more.seed, where = where,
    place = where and place_as_said(task, where) or asking.place_for(task, found, settings),
    bars = settings.bars, invoke = more.invoke, grouping = settings.grouping, settings = settings,
  }
  return ask, place_of(ask)
end

-- The last result of a project once more: as an ask, and the message for it. Nil when there is none.
function asking.again(proj, settings)
  local last = kept.recall(proj)
  if not last.id then return nil end
  local id, expected = reaper.genGuid(""), 0
  for _ in pairs(last.placed or {}) do expected = expected + 1 end
  local ask = {
    id = id, facts = { project = { id = facts.project_id(proj, true), media = last.media, sample_rate = last.rate } },
    place = last.place, joins = last.placed, settings = settings,
  }
  return ask, messages.redo(id, last, settings.midi, expected)
end

return asking
