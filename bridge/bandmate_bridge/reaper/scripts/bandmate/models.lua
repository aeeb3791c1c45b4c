-- The server's models: which there are, what one that is wanted is and costs, and how far those on their way are.

local messages = require("messages")

local Models = {}
Models.__index = Models

local CONSENT = { not_allowed = true, bad_params = true } -- what was accepted is not what there is any more

function Models.new(send)
  return setmetatable({ send = send, engines = {}, pulls = {}, sent = {} }, Models)
end

function Models:learn(engines)
  self.engines = engines or {}
end

function Models:running()
  local count = self.wanted and not self.wanted.ended and 1 or 0
  for _, pull in ipairs(self.pulls) do
    if not pull.state then count = count + 1 end
  end
  return count
end

-- Has the hub asked what a model is; nothing is fetched before the answer was accepted.
function Models:ask(name)
  self:decline()
  self.wanted = { id = reaper.genGuid(""), model = name, said = "Contacting the hub about " .. name .. " ..." }
  self.send(messages.model(self.wanted.id, name))
end

function Models:decline()
  local wanted = self.wanted
  self.wanted = nil
  if wanted and wanted.job and not wanted.ended then self.send(messages.cancel_job(wanted.job)) end
end

local function fetch(self, model, licence, most_gb)
  local sent = { job = reaper.genGuid(""), model = model, licence = licence, most_gb = most_gb }
  self.sent[sent.job] = sent
  self.send(messages.fetch(sent.job, sent))
end

-- The licence that was shown is accepted.
function Models:accept()
  local wanted = self.wanted
  if not (wanted and wanted.offer) then return end
  self.wanted = nil
  fetch(self, wanted.model, wanted.offer.licence, wanted.offer.most_gb)
end

-- Goes on with what was broken off; where the licence or the size has changed, by asking.
function Models:again(pull)
  self:forget(pull)
  if CONSENT[pull.code or ""] or (pull.licence or "") == "" then return self:ask(pull.model) end
  fetch(self, pull.model, pull.licence, pull.most_gb)
end

function Models:cancel(pull)
  pull.stage = "Cancelling"
  self.send(messages.cancel_job(pull.job))
end

function Models:forget(pull)
  for index, other in ipairs(self.pulls) do
    if other == pull then return table.remove(self.pulls, index) end
  end
end

local function of_model(self, message)
  for _, pull in ipairs(self.pulls) do
    if pull.job == message.job then return pull end
  end
  -- A model that is fetched again takes the place of what was said of it before.
  for index = #self.pulls, 1, -1 do
    if self.pulls[index].state and self.pulls[index].model == message.model then table.remove(self.pulls, index) end
  end
  local pull = { job = message.job, model = message.model }
  self.pulls[#self.pulls + 1] = pull
  return pull
end

local TAKES = {
  asking = function(self, message)
    if self.wanted and self.wanted.id == message.re then
      self.wanted.job = message.job
      if message.ahead > 0 then self.wanted.said = "The hub will be contacted about " .. self.wanted.model .. " after the current download." end
    else
      -- Nobody wants to know any more.
      self.send(messages.cancel_job(message.job))
    end
  end,
  offer = function(self, message)
    if self.wanted and self.wanted.id == message.re then self.wanted.offer, self.wanted.ended = message, true end
  end,
  pulling = function(self, message)
    local pull = of_model(self, message)
    self.sent[message.re or ""] = nil
    if pull.stage ~= "Cancelling" then pull.stage = message.stage end
    pull.share, pull.left = message.share, message.seconds_left
    pull.licence, pull.most_gb = message.licence or pull.licence, message.most_gb or pull.most_gb
  end,
  pulled = function(self, message)
    local pull = of_model(self, message)
    for _, key in ipairs({ "state", "sentence", "remedy", "code", "licence", "most_gb" }) do pull[key] = message[key] end
  end,
}

-- Takes a message of the agent in; whether it was about models.
function Models:take(message)
  if TAKES[message.type] then
    TAKES[message.type](self, message)
    return true
  end
  if message.type ~= "failed" then return false end
  local wanted, sent = self.wanted, self.sent[message.re or ""]
  if sent then
    -- The server did not even take it: as if it had failed at once.
    self.sent[message.re] = nil
    sent.state, sent.sentence, sent.remedy, sent.code = "failed", message.sentence, message.remedy, message.code
    self.pulls[#self.pulls + 1] = sent
    return true
  end
  if not wanted or message.re ~= wanted.id then return false end
  wanted.ended, wanted.failed, wanted.said, wanted.remedy = true, true, message.sentence, message.remedy
  return true
end

-- A new agent knows nothing of what is asked about, or on its way.
function Models:resume()
  for _, pull in ipairs(self.pulls) do
    if not pull.state then
      self.send(messages.follow(pull))
    end
  end
  if self.wanted and not self.wanted.ended then self:ask(self.wanted.model) end
end

return Models
