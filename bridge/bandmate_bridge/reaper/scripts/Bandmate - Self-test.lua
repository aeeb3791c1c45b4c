-- @noindex
-- Inserts a one-second tone on a new track, checks it, removes it with one undo, and shows the findings.

local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = here .. "bandmate/?.lua;" .. package.path
local place = require("place")

local RATE, SECONDS, HERTZ = 48000, 1, 440
local proj = reaper.EnumProjects(-1)
local path = reaper.GetResourcePath() .. package.config:sub(1, 1) .. "bandmate-self-test.wav"
local findings = {}

local function finding(good, sentence)
  findings[#findings + 1] = (good and "ok     " or "WRONG  ") .. sentence
end

local function write_tone()
  local samples = {}
  for index = 0, RATE * SECONDS - 1 do
    samples[#samples + 1] = string.pack("<i2", math.floor(8000 * math.sin(2 * math.pi * HERTZ * index / RATE) + 0.5))
  end
  local data = table.concat(samples)
  local file = assert(io.open(path, "wb"))
  file:write("RIFF", string.pack("<I4", 36 + #data), "WAVEfmt ", string.pack("<I4I2I2I4I4I2I2", 16, 1, 1, RATE, RATE * 2, 2, 16))
  file:write("data", string.pack("<I4", #data), data)
  file:close()
end

local function run()
  write_tone()
  local before = reaper.CountTracks(proj)
  local found
  local job = { id = "self-test", title = "self-test", place = { kind = "tracks" } }
  local stem = { stem = 0, name = "Bandmate self-test", colour = "#4aa8a0", file = path, position_seconds = 0.0, length_seconds = SECONDS, offset_seconds = 0.0 }
  place.stems(proj, job, { stem }, nil, function(_, track, item, source)
    found = { track = track, item = item, source = source }
  end)
  finding(found ~= nil and reaper.CountTracks(proj) == before + 1, "a track with an item was inserted")
  local length = reaper.GetMediaSourceLength(found.source)
  finding(math.abs(length - SECONDS) < 1e-6, string.format("REAPER reads the file: %.6f s", length))
  local held = reaper.GetMediaItemInfo_Value(found.item, "D_LENGTH")
  finding(math.abs(held - SECONDS) < 1e-9, string.format("the item has exactly the same length: %.9f s", held))
  finding(reaper.Undo_CanUndo2(proj) == "Bandmate: self-test", "it is one undo step")
  reaper.Undo_DoUndo2(proj)
  finding(reaper.CountTracks(proj) == before, "undo took it back")
end

local ok, problem = pcall(run)
if not ok then finding(false, tostring(problem)) end
os.remove(path)
finding(reaper.APIExists("InsertTrackInProject"), "REAPER can insert tracks into projects in other tabs")
finding(reaper.file_exists(here .. "bandmate.json"), "the agent is in place (if not: bandmate install reaper)")
reaper.ShowConsoleMsg("!SHOW:Bandmate self-test, REAPER " .. reaper.GetAppVersion() .. "\n" .. table.concat(findings, "\n") .. "\n")
