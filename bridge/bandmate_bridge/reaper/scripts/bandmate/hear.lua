-- Items as REAPER reads them, before effects: written into WAV files a little in each tick. For items that
-- the server cannot read by itself: stretched, reversed, of a kind of file that only REAPER knows.

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
    if not file:write(data:sub(1, count * CHANNELS * 4)) then error("no room for the audio of the item", 0) end
    at = at + count
    breathe()
  end
end

-- Writes an item's sound at the project's rate; returns the text of an item that plays the file as it is.
function hear.item(item, guid, path, rate, breathe)
  local take = reaper.GetActiveTake(item)
  if not take then return nil end
  local begin = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  local length = reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
  local fade_in = reaper.GetMediaItemInfo_Value(item, "D_FADEINLEN")
  local fade_out = reaper.GetMediaItemInfo_Value(item, "D_FADEOUTLEN")
  local name = reaper.GetTakeName(take):gsub('[%c"]', " ")
  -- What follows takes several ticks; the item may be gone by the end, and is not asked again.
  local frames = math.floor(length * rate + 0.5)
  local file, problem = io.open(path, "wb")
  if not file then error("the audio of the item cannot be written: " .. tostring(problem), 0) end
  file:write(header(rate, frames))
  local accessor = reaper.CreateTakeAudioAccessor(take)
  local ok, failed = pcall(copy, accessor, file, rate, frames, breathe)
  reaper.DestroyAudioAccessor(accessor)
  file:close()
  if not ok then error(failed, 0) end
  return table.concat({
    "<ITEM",
    string.format("POSITION %.15f", begin),
    string.format("LENGTH %.15f", length),
    "LOOP 0",
    string.format("FADEIN 1 %.9f 0", fade_in),
    string.format("FADEOUT 1 %.9f 0", fade_out),
    "SEL 1",
    "IGUID " .. guid,
    'NAME "' .. name .. '"',
    "SOFFS 0",
    "PLAYRATE 1 1 0 -1 0 0.0025",
    "CHANMODE 0",
    "<SOURCE WAVE",
    'FILE "' .. path .. '"',
    ">",
    ">",
  }, "\n")
end

return hear
