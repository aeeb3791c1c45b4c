-- Items as REAPER reads them, before effects: written into WAV files a little in each tick. For items that
-- the server cannot read by itself: stretched, reversed, of a kind of file that only REAPER knows.
-- Or as they sound after effects, rendered by REAPER.

local render = require("render")

local hear = {}

local CHANNELS, BLOCK = 2, 1024

local function header(rate, frames)
  local bytes = frames * CHANNELS * 4
  return "RIFF" .. string.pack("<I4", 50 + bytes) .. "WAVEfmt "
    .. string.pack("<I4I2I2I4I4I2I2I2", 18, 3, CHANNELS, rate, rate * CHANNELS * 4, CHANNELS * 4, 32, 0)
    .. "fact" .. string.pack("<I4I4", 4, frames) .. "data" .. string.pack("<I4", bytes)
end

local FORMAT = "<" .. ("f"):rep(BLOCK * CHANNELS)

local function copy(accessor, file, rate, frames, breathe)
  local buffer = reaper.new_array(BLOCK * CHANNELS)
  local at = 0
  while at < frames do
    buffer.clear()
    -- 0 means silence there, which the cleared buffer is.
    if reaper.GetAudioAccessorSamples(accessor, rate, CHANNELS, at / rate, BLOCK, buffer) < 0 then
      error("REAPER cannot read the item", 0)
    end
    local count = math.min(BLOCK, frames - at)
    local data = string.pack(FORMAT, table.unpack(buffer.table()))
    if not file:write(data:sub(1, count * CHANNELS * 4)) then error("not enough space for the audio of the item", 0) end
    at = at + count
    breathe()
  end
end

-- What of an item is said to the agent; it may be gone by the end of what follows, and is not asked again.
local function outline(item, guid, take)
  return {
    guid = guid, name = reaper.GetTakeName(take):gsub('[%c"]', " "),
    begin = reaper.GetMediaItemInfo_Value(item, "D_POSITION"), length = reaper.GetMediaItemInfo_Value(item, "D_LENGTH"),
    fade_in = reaper.GetMediaItemInfo_Value(item, "D_FADEINLEN"), fade_out = reaper.GetMediaItemInfo_Value(item, "D_FADEOUTLEN"),
  }
end

-- The text of an item that plays a file as it is.
local function playing(known, path)
  return table.concat({
    "<ITEM",
    string.format("POSITION %.15f", known.begin),
    string.format("LENGTH %.15f", known.length),
    "LOOP 0",
    string.format("FADEIN 1 %.9f 0", known.fade_in),
    string.format("FADEOUT 1 %.9f 0", known.fade_out),
    "SEL 1",
    "IGUID " .. known.guid,
    'NAME "' .. known.name .. '"',
    "SOFFS 0",
    "PLAYRATE 1 1 0 -1 0 0.0025",
    "CHANMODE 0",
    "<SOURCE WAVE",
    'FILE "' .. path .. '"',
    ">",
    ">",
  }, "\n")
end

-- Writes an item's sound before effects to a file; returns the text of an item that plays it.
local function read(item, guid, path, rate, breathe)
  local take = reaper.GetActiveTake(item)
  if not take then return nil end
  local known = outline(item, guid, take)
  local frames = math.floor(known.length * rate + 0.5)
  local file, problem = io.open(path, "wb")
  if not file then error("the audio of the item cannot be written: " .. tostring(problem), 0) end
  file:write(header(rate, frames))
  local accessor = reaper.CreateTakeAudioAccessor(take)
  local ok, failed = pcall(copy, accessor, file, rate, frames, breathe)
  reaper.DestroyAudioAccessor(accessor)
  file:close()
  if not ok then error(failed, 0) end
  return playing(known, path)
end

-- The same after effects. The render has the item's fades in it.
local function rendered(proj, item, guid, folder, name, rate, breathe)
  local take = reaper.GetActiveTake(item)
  if not take then return nil end
  local known = outline(item, guid, take)
  known.fade_in, known.fade_out = 0.0, 0.0
  local path = render.item(proj, item, folder, name, rate)
  breathe(true)
  return playing(known, path)
end

-- What gives the text of an item, as the setting has it; nil where the item's own text will do.
-- ``input``: the setting; ``names``: gives a name for each file, which is nobody else's.
function hear.reader(input, proj, folder, rate, names, breathe)
  if input == "accessor" then
    return function(item, guid)
      return read(item, guid, folder .. package.config:sub(1, 1) .. names(guid) .. ".wav", rate, breathe)
    end
  end
  if input == "render" then
    return function(item, guid) return rendered(proj, item, guid, folder, names(guid), rate, breathe) end
  end
end

return hear
