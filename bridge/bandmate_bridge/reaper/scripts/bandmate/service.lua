-- The one script that stays: holds the mailbox, the jobs and the panel. Everything in it takes a few
-- milliseconds a tick at most.

local Agent = require("agent")
local asking = require("asking")
local compare = require("compare")
local facts = require("facts")
local Form = require("form")
local Jobs = require("jobs")
local handlers = require("handlers")
local messages = require("messages")
local Models = require("models")
local Panel = require("panel")
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
    server = "Starting", address = "", last_tick = reaper.time_precise(), looked = 0.0, queue = {}, cancels = 0, unread = {},
  }, Service)
  self.agent = Agent.new(here, id)
  local function send(message) self:send(message) end
  self.jobs = Jobs.new(send, function(...) self:say(...) end)
  self.models = Models.new(send)
  self.panel = Panel.new(self)
  self.project = reaper.EnumProjects(-1)
  self.form:recall(self.project)
  return self
end

-- What went wrong and what to do; `models`: those that would help.
function Service:say(sentence, remedy, models)
  self.trouble = { sentence = sentence, remedy = remedy or "", models = models }
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
  return self.doing or self.server
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

function Service:start_agent()
  if not self.agent.config then
    self:say("Bandmate is not installed for this REAPER.", "Run `bandmate install reaper` in a terminal, then run the action again.")
    return
  end
  self.agent:start()
  self.server = "Starting"
  self:send(messages.hello(self.id, version))
end

-- The ask itself, gathered over as many ticks as it takes.
function Service:ask(name, params, more)
  local task = self.form.by_name[name]
  if not task then
    if #self.form.tasks == 0 then self.queue[#self.queue + 1] = { name, params, more } else
      self:say("The server has no task " .. name .. ".", "Update Bandmate, or the plugin that provides it.")
    end
    return
  end
  more = more or {}
  local proj, cancels = reaper.EnumProjects(-1), self.cancels
  self:spread(function()
    local ok, ask, place_of = pcall(asking.gather, self, proj, task, params, more)
    self.doing = nil
    if not ok then return self:refuse(ask, more.invoke) end
    if cancels ~= self.cancels then return end
    self.jobs:ask(ask, proj)
    self.jobs.asks[ask.id].place_of = place_of
  end)
end

-- What went wrong before anything was asked for: said here, and to the surface that wished for it.
function Service:refuse(problem, invoke)
  if type(problem) ~= "table" then problem = { sentence = tostring(problem), remedy = "Please report this." } end
  self:say(problem.sentence, problem.remedy)
  if invoke then self:send(messages.refuse(invoke, problem.sentence .. " " .. problem.remedy)) end
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
    local found = facts.gather(proj, task.source == "required", asking.breather())
    self.preview_id = reaper.genGuid("")
    local takes = asking.place_for(task, found, self.settings).kind == "takes"
    self:send(messages.preview(self.preview_id, task.task, found, self.settings.bars, takes))
  end)
end

function Service:redo()
  local ask, message = asking.again(self.project, self.settings)
  if not ask then
    self:say("There are no results in this project yet.", "Generate something first.")
    return
  end
  self.trouble = nil
  self.jobs.asks[ask.id] = { proj = self.project, shared = {}, accepted = {}, ask = ask, message = message }
  self:send(message)
end

function Service:take(step)
  local sentence, remedy = compare.take(self.project, step)
  if sentence then self:say(sentence, remedy) end
end

function Service:audition()
  local sentence, remedy = compare.audition(self.project)
  if sentence then self:say(sentence, remedy) end
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
  self.models:learn(message.models)
  if self.wanted and self.form:choose(self.wanted) then self.wanted = nil end
  local queue = self.queue
  self.queue = {}
  for _, ask in ipairs(queue) do self:ask(table.unpack(ask, 1, 3)) end
  self:preview()
end

function Service:read()
  if not self.agent.config then return end
  local received = self.agent.box:receive(MOST_MESSAGES, reaper.time_precise() + BUDGET / 2)
  if #received > 0 then
    self.agent:hears(reaper.time_precise())
    self.agent.starts = 0
  end
  for _, values in ipairs(received) do handlers.take(self, values) end
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
    self:send(messages.context(self.id, facts.gather(proj, false, asking.breather())))
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
        self:say("Bandmate's agent does not start.", "Run `bandmate doctor reaper` in a terminal to find out why.")
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
  local busy = self.jobs:running() > 0 or self.models:running() > 0 or self.panel.is_open or #self.tasks_running > 0 or #self.form.tasks == 0
  if busy or self.ticks % IDLE_TICKS == 0 then self:read() end
  self:work()
  self.jobs.peaks:build(BUDGET)
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
    if self.agent.config then self:send(messages.bye()) end
  end)
  loop()
end

return Service
