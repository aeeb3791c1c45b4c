-- The one script that stays: holds the mailbox, the jobs and the panel. Everything in it takes a few
-- milliseconds a tick at most.

local Agent = require("agent")
local facts = require("facts")
local Form = require("form")
local hear = require("hear")
local Jobs = require("jobs")
local json = require("json")
local Panel = require("panel")
local place = require("place")
local state = require("state")
local version = require("version")

local Service = {}
Service.__index = Service

local IDLE_TICKS = 8 -- of about 33 ms: the mailbox is looked into four times a second while nothing runs
local MOST_MESSAGES = 8 -- a tick
local BUDGET = 0.006 -- seconds a tick for what can be spread over ticks
local LOOK_SECONDS = 0.4 -- how often the selection is looked at, for the preview and the surfaces

function Service.new(here)
  local id = reaper.genGuid(""):gsub("[{}-]", ""):lower():sub(1, 16)
  local self = setmetatable({
    here = here, id = id, ticks = 0, tasks_running = {}, settings = state.settings(), form = Form.new(),
    server = "Starting", last_tick = reaper.time_precise(), looked = 0.0, queue = {}, cancels = 0,
  }, Service)
  self.agent = Agent.new(here, id)
  local function send(message) self:send(message) end
  self.jobs = Jobs.new(send, function(sentence, remedy) self:say(sentence, remedy) end)
  self.panel = Panel.new(self)
  self.project = reaper.EnumProjects(-1)
  self.form:recall(self.project)
  return self
end

function Service:say(sentence, remedy)
  self.trouble = { sentence = sentence, remedy = remedy or "" }
  -- Into REAPER's console without opening it.
  reaper.ShowConsoleMsg("!SHOW:Bandmate: " .. sentence .. " " .. (remedy or "") .. "\n")
end

function Service:send(message)
  if not self.agent.config then return end
  local ok, problem = self.agent:send(message)
  if not ok then self:say("The agent cannot be reached: " .. tostring(problem) .. ".", "Run `bandmate doctor reaper`.") end
end

function Service:status()
  if not self.agent.config then return "not installed" end
  return self.server
end

function Service:keep_settings()
  state.keep_settings(self.settings)
  self.signature = nil
end

function Service:selected_track_name()
  local proj = self.project
  if reaper.CountSelectedTracks(proj) ~= 1 then return nil end
  local _, name = reaper.GetTrackName(reaper.GetSelectedTrack(proj, 0))
  return name
end

-- Work that is spread over ticks.
function Service:spread(act)
  self.tasks_running[#self.tasks_running + 1] = coroutine.create(act)
end

local function breather()
  local stop = reaper.time_precise() + BUDGET
  return function()
    if reaper.time_precise() > stop then
      coroutine.yield()
      stop = reaper.time_precise() + BUDGET
    end
  end
end

function Service:start_agent()
  if not self.agent.config then
    self:say("Bandmate is not set up for this REAPER.", "Run `bandmate install reaper` in a terminal, then run the action again.")
    return
  end
  self.agent:start()
  self.server = "Starting"
  self:send({ type = "hello", id = self.id, version = version })
end

-- The way in which results of a task come into the project, as the settings have it.
function Service:place_for(task, found)
  local settings = self.settings
  if task.source ~= "required" then
    local chosen
    for _, track in ipairs(found.tracks) do
      if track.selected then chosen = chosen == nil and track.guid or false end
    end
    if chosen and settings.onto_selected then return { kind = "track", track = chosen } end
    return { kind = "tracks" }
  end
  if task.ranged or (task.task == "cover" and settings.cover_takes) then return { kind = "takes", mixed = true } end
  return { kind = "tracks", mixed = task.task == "cover" or nil }
end

-- By setting items are heard as REAPER reads them.
function Service:reader(proj, breathe)
  if self.settings.input ~= "accessor" or not self.agent.config then return nil end
  local box, rate = self.agent.box, facts.rate(proj)
  return function(item, guid)
    self.server = "Reading the items"
    local path = box.folder .. box.slash .. "heard-" .. guid:gsub("[{}]", "") .. "-" .. self.ticks .. ".wav"
    return hear.item(item, guid, path, rate, breathe)
  end
end

-- The ask itself, gathered over as many ticks as it takes.
function Service:ask(name, params, more)
  local task = self.form.by_name[name]
  if not task then
    if #self.form.tasks == 0 then self.queue[#self.queue + 1] = { name, params, more } else
      self:say("The server has no task " .. name .. ".", "Update Bandmate, or the plugin that brings it.")
    end
    return
  end
  more = more or {}
  local proj, cancels = reaper.EnumProjects(-1), self.cancels
  self:spread(function()
    local breathe = breather()
    local found = facts.gather(proj, task.source == "required", breathe, task.ranged, self:reader(proj, breathe))
    if cancels ~= self.cancels then return end
    found.project.id = facts.project_id(proj, true)
    local engine = more.engine or self.form.engines[name]
    local ask = {
      id = reaper.genGuid(""), task = name, params = params or self.form:params(name), facts = found,
      engine = engine ~= "" and engine or nil, place = self:place_for(task, found), bars = self.settings.bars,
      invoke = more.invoke, grouping = self.settings.grouping, settings = self.settings,
    }
    self.jobs:ask(ask, proj)
    local entry = self.jobs.asks[ask.id]
    entry.place_of = function(message)
      local own = {}
      for key, value in pairs(ask.place) do own[key] = value end
      if name == "separate" then
        own.below = message.track
        if self.settings.mute_source then own.mute = message.item end
      end
      return own
    end
  end)
end

function Service:run_form()
  self.form:enter(nil)
  self.form:keep(self.project)
  self.trouble = nil
  self:ask(self.form.task)
end

-- What the form would work on now, asked of the agent.
function Service:preview()
  if #self.form.tasks == 0 or not self.panel.is_open then return end
  local task = self.form.by_name[self.form.task]
  local proj = self.project
  self:spread(function()
    local found = facts.gather(proj, task.source == "required", breather())
    self.preview_id = reaper.genGuid("")
    self:send({
      type = "preview", id = self.preview_id, task = task.task, params = {}, facts = found, bars = self.settings.bars,
      takes = self:place_for(task, found).kind == "takes",
    })
  end)
end

function Service:redo()
  local last = state.project(self.project, "last")
  if not last.job then
    self:say("Nothing was made in this project yet.", "Generate something first.")
    return
  end
  self.trouble = nil
  local id = reaper.genGuid("")
  local ask = {
    id = id, facts = { project = { id = facts.project_id(self.project, true), media = last.media, rate = last.rate } },
    place = last.place, joins = last.placed, settings = self.settings,
  }
  local expected = 0
  for _ in pairs(last.placed or {}) do expected = expected + 1 end
  local message = { type = "redo", expected = expected, id = id, job = last.job, media = last.media, title = last.title, spot = last.spot, rate = last.rate, midi = self.settings.midi }
  self.jobs.asks[id] = { proj = self.project, shared = {}, accepted = {}, ask = ask, message = message }
  self:send(message)
end

-- The next or the one before, of the selected items' takes; without a selection those made last.
function Service:take(step)
  local proj, items = self.project, {}
  for index = 0, reaper.CountSelectedMediaItems(proj) - 1 do items[#items + 1] = reaper.GetSelectedMediaItem(proj, index) end
  if #items == 0 then
    for _, guid in pairs(state.project(proj, "last").placed or {}) do
      local item = place.find_item(proj, guid)
      if item then items[#items + 1] = item end
    end
  end
  if #items == 0 then
    self:say("No item is selected.", "Select items that have several takes.")
    return
  end
  place.step(proj, step > 0 and "Bandmate: next take" or "Bandmate: previous take", function()
    for _, item in ipairs(items) do
      local count = reaper.CountTakes(item)
      local active = reaper.GetActiveTake(item)
      for index = 0, count - 1 do
        local take = reaper.GetMediaItemTake(item, index)
        if take and take == active then
          local wanted = reaper.GetMediaItemTake(item, (index + step) % count)
          if wanted then reaper.SetActiveTake(wanted) end
          break
        end
      end
    end
  end)
end

-- Plays what was made last, from its start; again: stops.
function Service:audition()
  local proj = self.project
  local last = state.project(proj, "last")
  if reaper.GetPlayStateEx(proj) & 1 ~= 0 then
    reaper.OnStopButtonEx(proj)
  elseif last.first then
    reaper.SetEditCurPos2(proj, last.first, true, true)
    reaper.OnPlayButtonEx(proj)
  else
    self:say("Nothing was made in this project yet.", "Generate something first.")
  end
end

local ACTIONS = {
  panel = function(self) self.panel:open() end,
  cancel = function(self)
    self.queue, self.cancels = {}, self.cancels + 1
    self.jobs:cancel_all()
  end,
  redo = function(self) self:redo() end,
  next_take = function(self) self:take(1) end,
  previous_take = function(self) self:take(-1) end,
  audition = function(self) self:audition() end,
}

-- What an action script asks for: a thing of ACTIONS, or a task. Tasks with words open the panel first.
function Service:act(ask)
  self.trouble = nil
  if ask.act then
    ACTIONS[ask.act](self)
  elseif ask.params or not ask.form then
    self:ask(ask.task, ask.params)
  else
    self.panel:open()
    self.wanted = ask.task
    if self.form:choose(ask.task) then self.wanted = nil end
    self:preview()
  end
end

function Service:catalogue(message)
  self.form:learn(message.tasks)
  if self.wanted and self.form:choose(self.wanted) then self.wanted = nil end
  local queue = self.queue
  self.queue = {}
  for _, ask in ipairs(queue) do self:ask(table.unpack(ask, 1, 3)) end
  self:preview()
end

local HANDLERS = {
  hello = function(self, message)
    if message.stale then self:say(message.stale, message.remedy) end
    if self.agent_pid ~= message.pid then
      self.agent_pid = message.pid
      self.told = nil
      self.jobs:resume()
    end
  end,
  server = function(self, message)
    if message.state == "ready" then
      self.server, self.trouble = "Ready  " .. message.address, nil
    else
      self.server = message.state == "gone" and "No server" or "Starting a server"
      if message.state == "gone" then self:say(message.sentence, message.remedy) end
    end
  end,
  catalogue = Service.catalogue,
  preview = function(self, message)
    if message.re == self.preview_id then self.preview_text, self.preview_failed = message.text, false end
  end,
  planned = function(self, message)
    local entry = self.jobs.asks[message.re]
    if entry then entry.left = message.count end
  end,
  accepted = function(self, message) self.jobs:add(message) end,
  dropped = function(self, message) self.jobs.asks[message.re] = nil end,
  sending = function(self, message)
    self.server = string.format("%s: %d %%", message.text, math.floor(100 * message.done / message.total))
  end,
  invoke = function(self, message)
    if not self.form.by_name[message.task] then
      self:send({ type = "refuse", request = message.request, sentence = "REAPER does not know the task " .. message.task .. "." })
      return
    end
    self:ask(message.task, message.params, { engine = message.engine, invoke = message.request })
  end,
}

function Service:take_message(message)
  local handler = HANDLERS[message.type]
  if handler then return handler(self, message) end
  if message.job then return self.jobs:take(message) end
  if message.type ~= "failed" then return end
  if message.re == self.preview_id then
    self.preview_text, self.preview_failed = message.sentence, true
    return
  end
  if self.jobs.asks[message.re] then
    if message.index then self.jobs:done_with(message.re, message.index) else self.jobs.asks[message.re] = nil end
    self:say(message.sentence, message.remedy)
  elseif message.re == nil or message.re == "" then
    self:say(message.sentence, message.remedy)
  end
end

function Service:read()
  if not self.agent.config then return end
  local messages = self.agent.box:receive(MOST_MESSAGES, reaper.time_precise() + BUDGET / 2)
  if #messages > 0 then
    self.agent:hears(reaper.time_precise())
    self.agent.starts = 0
  end
  for _, message in ipairs(messages) do self:take_message(message) end
end

-- The surfaces and the preview follow what is selected.
function Service:look(now)
  if now - self.looked < LOOK_SECONDS or #self.form.tasks == 0 then return end
  self.looked = now
  local proj = reaper.EnumProjects(-1)
  if proj ~= self.project then
    self.form:enter(nil)
    self.project = proj
    self.form:recall(proj)
    self.signature = nil
  end
  for _, job in ipairs(self.jobs.order) do
    if not job.ended and #job.waiting > 0 and not (job.settings and job.settings.growing == false) and Jobs.project_of(job.project, job.pointer) then
      self.jobs:insert_waiting(job)
      if job.stage == "Waiting for its project" then job.ended, job.stage = true, "Done" end
      self.jobs:keep()
    end
  end
  local signature = facts.signature(proj)
  if signature == self.signature then return end
  self.signature = signature
  self:spread(function()
    self:send({ type = "context", id = self.id, facts = facts.gather(proj, false, breather()) })
  end)
  self:preview()
end

function Service:work()
  local act = self.tasks_running[1]
  if not act then return end
  local ok, problem = coroutine.resume(act)
  if not ok then self:say(tostring(problem), "Please report this.") end
  if coroutine.status(act) == "dead" then table.remove(self.tasks_running, 1) end
end

function Service:mind_agent(now)
  if not self.agent.config then return end
  if now - self.last_tick > 2.0 then self.agent:forgive(now) end
  if self.agent:is_gone(now) then
    if self.agent.starts >= 3 and now - self.agent.started < 60 then
      if self.server ~= "No agent" then
        self.server = "No agent"
        self:say("Bandmate's agent does not start.", "Run `bandmate doctor reaper` in a terminal; it says why.")
      end
      return
    end
    self:start_agent()
  end
end

function Service:tick()
  local now = reaper.time_precise()
  state.beat(self.id)
  self:mind_agent(now)
  self.last_tick = now
  for _, ask in ipairs(state.pull_asks()) do self:act(ask) end
  local busy = self.jobs:running() > 0 or self.panel.is_open or #self.tasks_running > 0 or #self.form.tasks == 0
  if busy or self.ticks % IDLE_TICKS == 0 then self:read() end
  self:work()
  self.jobs:build_peaks(BUDGET)
  self:look(now)
  if self.panel.is_open then self.panel:draw() end
  self.ticks = self.ticks + 1
end

function Service:run()
  if reaper.set_action_options then reaper.set_action_options(3) end
  self.jobs:recall()
  if not self.agent.config then self:start_agent() end
  local function loop()
    local id = state.service()
    if self.ticks > 0 and id and id ~= self.id then return end
    self:tick()
    reaper.defer(loop)
  end
  reaper.atexit(function()
    if self.form.changed then self.form:keep(self.project) end
    self.panel:close()
    local id = state.service()
    if id == self.id then state.end_service() end
    if self.agent.config then self:send({ type = "bye" }) end
  end)
  loop()
end

return Service
