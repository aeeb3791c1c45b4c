-- What the scripts and the agent say to each other: every message to the agent is made here, and every message of
-- the agent is read here. docs/reaper-mailbox.md lists the fields.

local fields = require("mailbox_fields")
local json = require("json")

local messages = {}

function messages.hello(id, version)
  return { type = "hello", id = id, version = version, mailbox_version = fields.version }
end

function messages.bye()
  return { type = "bye" }
end

function messages.describe(id)
  return { type = "describe", id = id }
end

-- What is selected, for surfaces.
function messages.context(id, facts)
  return { type = "context", id = id, facts = facts }
end

-- Where a task would work: `takes` where its result would come as takes.
function messages.preview(id, task, facts, bars, takes)
  return { type = "preview", id = id, task = task, facts = facts, bars = bars, takes = takes }
end

-- `ask`: what was asked for, as asking.gather gives it; `again`: an agent before was asked for it too.
function messages.run(ask, again)
  return {
    type = "run", id = ask.id, task = ask.task, facts = ask.facts, params = ask.params, engine = ask.engine,
    seed = ask.seed, takes = ask.place.kind == "takes",
    mixed = ask.place.kind == "track" or ask.place.mixed or false, midi = ask.settings.midi, bars = ask.bars,
    where = ask.where, invoke = ask.invoke, again = again or nil,
  }
end

local function known_job(kind, id, job, more)
  return {
    type = kind, id = id, job = job.id, media = job.media, title = job.title, spot = job.spot, sample_rate = job.rate,
    midi = more.midi, expected = more.expected, files = more.files,
  }
end

-- Takes up a job that ran before: `job` as it was kept.
function messages.attach(job)
  local expected = 0
  for _ in pairs(job.files) do expected = expected + 1 end
  return known_job("attach", job.id, job, {
    midi = job.settings and job.settings.midi or nil, expected = expected, files = job.files,
  })
end

-- Makes a job once more: `job` as the project remembers it; `expected`: how many stems it has.
function messages.redo(id, job, midi, expected)
  return known_job("redo", id, job, { midi = midi, expected = expected })
end

function messages.cancel_job(job)
  return { type = "cancel", id = job, job = job }
end

-- What of a request has not become a job yet.
function messages.cancel_ask(ask)
  return { type = "cancel", id = ask, ask = ask }
end

-- The answer to an `invoke` that is not fulfilled.
function messages.refuse(request, sentence)
  return { type = "refuse", request = request, sentence = sentence }
end

function messages.model(id, model)
  return { type = "model", id = id, model = model }
end

-- `model`: with the licence and the size that the musician accepted.
function messages.fetch(id, model)
  return { type = "fetch", id = id, model = model.model, licence = model.licence, most_gb = model.most_gb }
end

function messages.follow(pull)
  return {
    type = "follow", id = pull.job, job = pull.job, model = pull.model, licence = pull.licence, most_gb = pull.most_gb,
  }
end

local read_part

local function is_kind(value, kind)
  if kind == "integer" then return math.tointeger(value) ~= nil and type(value) == "number" end
  return kind == "any" or type(value) == kind
end

local function refuse(path, wanted, value)
  error(string.format("`%s` is a %s, not a %s", path, type(value), wanted), 0)
end

local function read_value(value, field, path)
  local kind = field[1]
  if kind == "part" then
    if type(value) ~= "table" then refuse(path, "part", value) end
    return read_part(fields.parts[field.of], value, path)
  end
  if kind ~= "list" and kind ~= "map" and kind ~= "tuple" then
    if not is_kind(value, kind) then refuse(path, kind, value) end
    return value
  end
  if type(value) ~= "table" then refuse(path, kind, value) end
  if not field.of then return value end
  local out = kind == "map" and {} or json.list()
  if kind == "tuple" then
    for index, of in ipairs(field.of) do out[index] = read_value(value[index], of, path .. "." .. index) end
  else
    for key, inner in pairs(value) do out[key] = read_value(inner, field.of, path .. "." .. key) end
  end
  return out
end

function read_part(declared, values, path)
  local out = {}
  for name, field in pairs(declared) do
    local value, at = values[name], path == "" and name or path .. "." .. name
    if value ~= nil then out[name] = read_value(value, field, at)
    elseif field.required then error("`" .. at .. "` is missing", 0)
    elseif field.empty then out[name] = field[1] == "list" and json.list() or {}
    else out[name] = field.default end
  end
  return out
end

-- A message of the agent with the fields that are declared, and no others; nil and a sentence for what is none.
function messages.read(values)
  local declared = fields.messages[values.type]
  if not declared then return nil, "Bandmate's agent sent a message of the kind `" .. tostring(values.type) .. "`, which these scripts do not know." end
  local ok, found = pcall(read_part, declared, values, "")
  if not ok then return nil, "Bandmate's agent sent a message `" .. values.type .. "` that these scripts cannot read: " .. found .. "." end
  found.type = values.type
  return found
end

return messages
