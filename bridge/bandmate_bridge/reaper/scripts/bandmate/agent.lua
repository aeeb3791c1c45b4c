-- Starting the agent, and knowing whether it lives.

local json = require("json")
local Box = require("box")

local Agent = {}
Agent.__index = Agent

local PATIENCE = 20.0 -- seconds from the start to the first word: a first start compiles
local SILENCE = 8.0 -- seconds without a word before it counts as gone; it says something each second

-- What `bandmate install reaper` wrote beside the scripts: {"python": ..., "boxes": ..., "version": ...}
local function configured(here)
  local file = io.open(here .. "bandmate.json", "rb")
  if not file then return nil end
  local ok, found = pcall(json.decode, file:read("a"))
  file:close()
  return ok and type(found) == "table" and type(found.python) == "string" and found or nil
end

function Agent.new(here, id)
  local config = configured(here)
  local agent = setmetatable({ config = config, heard = nil, started = nil, starts = 0 }, Agent)
  if config then agent.box = Box.open(config.boxes .. package.config:sub(1, 1) .. id, id:sub(1, 8)) end
  return agent
end

local function quoted(text)
  if package.config:sub(1, 1) == "\\" then return '"' .. text .. '"' end
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

function Agent:start()
  local now = reaper.time_precise()
  self.started, self.heard = now, nil
  self.starts = self.starts + 1
  self.box:make()
  local command = quoted(self.config.python) .. " -m bandmate_bridge.reaper --box " .. quoted(self.box.folder)
  if package.config:sub(1, 1) == "/" then
    -- ExecProcess takes a program and its words; a shell reads the quotes.
    command = "/bin/sh -c \"exec " .. command:gsub('([\\"$`])', "\\%1") .. "\""
  end
  reaper.ExecProcess(command, -1)
end

function Agent:hears(now)
  self.heard = now
end

-- Whether it has to be started (again).
function Agent:is_gone(now)
  if not self.started then return true end
  if self.heard then return now - self.heard > SILENCE end
  return now - self.started > PATIENCE
end

-- REAPER itself stood still (a dialog, a render): nobody could have been heard.
function Agent:forgive(now)
  if self.heard then self.heard = now end
  if self.started then self.started = math.max(self.started, now - PATIENCE / 2) end
end

function Agent:send(message)
  return self.box:send(message)
end

return Agent
