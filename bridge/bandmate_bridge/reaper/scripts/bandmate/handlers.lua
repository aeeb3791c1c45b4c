-- What the service does on each message of the agent. `self` is the service.

local messages = require("messages")

local handlers = {}

local UPDATE = "Run `bandmate install reaper`, then run the action again."

local HANDLERS = {
  hello = function(self, message)
    if message.stale then self:say(message.stale, message.remedy) end
    if self.agent_pid ~= message.pid then
      self.agent_pid = message.pid
      self.jobs:resume()
      self.models:resume()
    end
  end,
  server = function(self, message)
    if message.state == "ready" then
      self.server, self.address, self.trouble = "Ready  " .. message.address, message.address, nil
    else
      self.server = message.state == "gone" and "No server" or "Starting a server"
      if message.state == "gone" then self:say(message.sentence, message.remedy) end
    end
  end,
  catalogue = function(self, message) self:catalogue(message) end,
  preview = function(self, message)
    if message.re == self.preview_id then self.preview_text, self.preview_failed = message.text, false end
  end,
  planned = function(self, message)
    local entry = self.jobs.asks[message.re]
    if entry then entry.left = message.count end
  end,
  accepted = function(self, message)
    self.doing = nil
    self.jobs:add(message)
  end,
  dropped = function(self, message) self.jobs.asks[message.re] = nil end,
  sending = function(self, message)
    self.doing = string.format("%s: %d %%", message.text, math.floor(100 * message.done_bytes / message.total_bytes))
  end,
  invoke = function(self, message)
    if not self.form.by_name[message.task] then
      self:send(messages.refuse(message.request, "REAPER does not know the task " .. message.task .. "."))
      return
    end
    self:ask(message.task, message.params, {
      engine = message.engine, invoke = message.request, seed = message.seed, where = message.where,
    })
  end,
}

-- A message that cannot be read changes nothing; each kind of them is reported once.
local function report(self, kind, problem)
  if self.unread[kind] then return end
  self.unread[kind] = true
  self:say(problem, UPDATE)
end

-- Takes one message in: one of those above, one about a job, or what went wrong with something that was asked.
function handlers.take(self, values)
  local message, problem = messages.read(values)
  if not message then return report(self, tostring(values.type), problem) end
  local handler = HANDLERS[message.type]
  if handler then return handler(self, message) end
  if self.models:take(message) then return end
  if message.job then return self.jobs:take(message) end
  if message.type ~= "failed" then return end
  self.doing = nil
  if message.re == self.preview_id then
    self.preview_text, self.preview_failed = message.sentence, true
    return
  end
  if self.jobs.asks[message.re] then
    if message.index then self.jobs:done_with(message.re, message.index) else self.jobs.asks[message.re] = nil end
    self:say(message.sentence, message.remedy, message.models)
  elseif (message.re or "") == "" then
    self:say(message.sentence, message.remedy, message.models)
  end
end

return handlers
