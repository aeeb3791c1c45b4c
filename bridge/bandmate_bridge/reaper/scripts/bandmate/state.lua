-- What is remembered: settings and running jobs for REAPER, words and results for each project.

local json = require("json")

local state = {}

local SECTION = "bandmate"

local DEFAULTS = {
  growing = true, -- false: items go in when a job is done
  input = "source", -- source: the item's file; accessor: what REAPER reads of the item before effects; render: after them
  grouping = "item", -- track: stems of items of one track share their tracks
  midi = false,
  cover_takes = true,
  onto_selected = true, -- one selected track takes the mix of a generation
  mute_source = false,
  tempo_map = false,
  bars = 8,
}

local function read(text)
  local ok, value = pcall(json.decode, text)
  return ok and type(value) == "table" and value or {}
end

function state.settings()
  local found = read(reaper.GetExtState(SECTION, "settings"))
  for key, value in pairs(DEFAULTS) do
    if type(found[key]) ~= type(value) then found[key] = value end
  end
  return found
end

function state.keep_settings(settings)
  reaper.SetExtState(SECTION, "settings", json.encode(settings), true)
end

-- Asks of the action scripts, which run beside the service.
function state.push_ask(ask)
  local asks = read(reaper.GetExtState(SECTION, "asks"))
  local list = json.list(asks)
  list[#list + 1] = ask
  reaper.SetExtState(SECTION, "asks", json.encode(list), false)
end

function state.pull_asks()
  local text = reaper.GetExtState(SECTION, "asks")
  if text == "" then return {} end
  reaper.DeleteExtState(SECTION, "asks", false)
  return read(text)
end

-- The service's heartbeat.
function state.beat(id)
  reaper.SetExtState(SECTION, "service", id .. " " .. string.format("%.3f", reaper.time_precise()), false)
end

function state.service()
  local id, at = reaper.GetExtState(SECTION, "service"):match("^(%S+) (%S+)$")
  return id, tonumber(at or "") or -math.huge
end

function state.end_service()
  reaper.DeleteExtState(SECTION, "service", false)
end

-- Jobs that run, kept on the disk at once: REAPER may end at any time.
function state.keep_jobs(jobs)
  reaper.SetExtState(SECTION, "jobs", json.encode(json.list(jobs)), true)
end

function state.jobs()
  return read(reaper.GetExtState(SECTION, "jobs"))
end

function state.project(proj, key)
  local _, text = reaper.GetProjExtState(proj, SECTION, key)
  return read(text)
end

function state.keep_project(proj, key, value)
  reaper.SetProjExtState(proj, SECTION, key, json.encode(value))
end

return state
