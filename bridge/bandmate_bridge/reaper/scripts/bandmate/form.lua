-- The form of a task, as the server's catalogue describes it, with the values that were typed last.

local json = require("json")
local state = require("state")

local Form = {}
Form.__index = Form

function Form.new()
  return setmetatable({ tasks = json.list(), by_name = {}, values = {}, engines = {}, task = "generate", focus = nil, caret = 0, advanced = false }, Form)
end

function Form:learn(tasks)
  self.tasks, self.by_name = tasks, {}
  for _, task in ipairs(tasks) do self.by_name[task.task] = task end
  if not self.by_name[self.task] and tasks[1] then self.task = tasks[1].task end
end

-- The last values of a project; what a newer server does not know any more is left out when it is sent.
function Form:recall(proj)
  local kept = state.project(proj, "values")
  self.values, self.engines = kept.values or {}, kept.engines or {}
end

function Form:keep(proj)
  self.changed = false
  state.keep_project(proj, "values", { values = self.values, engines = self.engines })
end

function Form:choose(name)
  if not self.by_name[name] then return false end
  self:leave()
  self.task = name
  self:enter(self:first_text())
  return true
end

-- The engine that is chosen for a task; without a choice the best one, which the server takes too.
function Form:engine(task)
  for _, engine in ipairs(task.engines) do
    if engine.name == self.engines[task.task] then return engine end
  end
  return task.engines[1]
end

-- The task's parameters, then the options of its engine. A name that both have is the task's.
function Form:fields(name)
  local task = self.by_name[name or self.task]
  if not task then return {} end
  local found, taken = {}, {}
  local engine = self:engine(task)
  for _, fields in ipairs({ task.fields, engine and engine.fields or {} }) do
    for _, field in ipairs(fields) do
      if not taken[field.name] then found[#found + 1], taken[field.name] = field, true end
    end
  end
  return found
end

-- The fields that the panel shows, and whether there are advanced ones.
function Form:shown_fields()
  local found, folds = {}, false
  for _, field in ipairs(self:fields()) do
    folds = folds or field.advanced
    if self.advanced or not field.advanced then found[#found + 1] = field end
  end
  return found, folds
end

function Form:first_text()
  for _, field in ipairs(self:fields()) do
    if field.kind == "string" then return field.name end
  end
end

function Form:field(name)
  for _, field in ipairs(self:fields()) do
    if field.name == name then return field end
  end
end

function Form:value(field, task)
  local values = self.values[task or self.task]
  local value = values and values[field.name]
  if value == nil then value = field.default end
  return value
end

function Form:set(field, value)
  self.values[self.task] = self.values[self.task] or {}
  self.values[self.task][field.name] = value
  self.changed = true
end

function Form:text(field)
  local value = self:value(field)
  if value == nil then return "" end
  if math.type(value) == "float" then return (string.format("%.6g", value):gsub(",", ".")) end
  return tostring(value)
end

local function within(field, value)
  if field.lowest then value = math.max(value, field.lowest) end
  if field.highest then value = math.min(value, field.highest) end
  return value
end

-- What was typed into a field as the kind of value that it takes; nil where it is none.
local function typed(field, text)
  if field.kind == "string" then return text end
  local value = tonumber((text:gsub(",", ".")))
  if not value then return nil end
  if field.kind == "integer" then return math.floor(within(field, value) + 0.5) end
  return within(field, value) + 0.0
end

-- The field that the keys go to; what was typed into another one counts from here on.
function Form:enter(name)
  self:leave()
  self.focus = name
  local field = name and self:field(name)
  self.draft = field and self:text(field) or nil
  self.caret = self.draft and utf8.len(self.draft) or 0
end

function Form:leave()
  local field = self.focus and self:field(self.focus)
  if field and self.draft then
    local value = typed(field, self.draft)
    if value ~= nil then self:set(field, value) end
  end
  self.focus, self.draft = nil, nil
end

-- Only what differs from what the task does by itself.
function Form:params(name)
  local out = {}
  for _, field in ipairs(self:fields(name)) do
    local value = self:value(field, name)
    if value ~= nil and value ~= field.default then out[field.name] = value end
  end
  return out
end

function Form:next_field(step)
  local names = {}
  for _, field in ipairs(self:shown_fields()) do
    if field.kind == "string" or field.kind == "integer" or field.kind == "number" then names[#names + 1] = field.name end
  end
  for index, name in ipairs(names) do
    if name == self.focus then return names[(index - 1 + step) % #names + 1] end
  end
  return names[1]
end

local KEYS = { left = 1818584692, right = 1919379572, home = 1752132965, ["end"] = 6647396, delete = 6579564 }

local function at(text, caret)
  return utf8.offset(text, caret + 1) or #text + 1
end

-- A key for the field in focus: as gfx.getchar gives it.
function Form:key(code)
  local text = self.draft
  if not text then return end
  local length = utf8.len(text)
  if not length then return end
  if code == KEYS.left then self.caret = math.max(self.caret - 1, 0)
  elseif code == KEYS.right then self.caret = math.min(self.caret + 1, length)
  elseif code == KEYS.home then self.caret = 0
  elseif code == KEYS["end"] then self.caret = length
  elseif code == 8 and self.caret > 0 then
    self.draft = text:sub(1, at(text, self.caret - 1) - 1) .. text:sub(at(text, self.caret))
    self.caret = self.caret - 1
  elseif code == KEYS.delete and self.caret < length then
    self.draft = text:sub(1, at(text, self.caret) - 1) .. text:sub(at(text, self.caret + 1))
  else
    -- Letters beyond Latin-1 come with 'u' in the highest byte.
    local letter = code >> 24 == 0x75 and code & 0xFFFFFF or code
    local printable = letter >= 32 and letter ~= 127 and (letter == code and letter < 256 or letter ~= code)
    if printable and letter < 0x110000 and not (letter >= 0xD800 and letter < 0xE000) then
      self.draft = text:sub(1, at(text, self.caret) - 1) .. utf8.char(letter) .. text:sub(at(text, self.caret))
      self.caret = self.caret + 1
    end
  end
end

return Form
