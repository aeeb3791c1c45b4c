-- Tracks as they sound after their effects: REAPER renders the span of an item into a WAV file.
--
-- REAPER renders by the project's own render settings. So these are noted, set, and put back in one go,
-- whatever happens in between; nothing of it is an undo step, and nothing is ever asked of the musician:
-- the file is new, its folder exists, and where REAPER would ask something else, it is said and not begun.

local render = {}

local RENDER_WITH_LAST_SETTINGS = 42230 -- and closes its window when it is done

local STEMS_OF_SELECTED_TRACKS, CUSTOM_BOUNDS = 2, 0

-- A sink as project files name it, in base64: "evaw", 32 bit float, no further chunks.
local WAV_FLOAT = "ZXZhdyAAAA=="

local function refuse(sentence, remedy)
  error({ sentence = sentence, remedy = remedy }, 0)
end

local function number(proj, key, value)
  return reaper.GetSetProjectInfo(proj, key, value or 0, value ~= nil)
end

local function text(proj, key, value)
  local _, found = reaper.GetSetProjectInfo_String(proj, key, value or "", value ~= nil)
  return found
end

local function numbers_for(span, rate)
  return {
    RENDER_SETTINGS = STEMS_OF_SELECTED_TRACKS, RENDER_BOUNDSFLAG = CUSTOM_BOUNDS, RENDER_STARTPOS = span[1],
    RENDER_ENDPOS = span[2], RENDER_SRATE = rate, RENDER_CHANNELS = 2, RENDER_TAILFLAG = 0, RENDER_ADDTOPROJ = 0,
    RENDER_DITHER = 0, RENDER_NORMALIZE = 0,
  }
end

local function texts_for(folder, name)
  return { RENDER_FILE = folder, RENDER_PATTERN = name, RENDER_FORMAT = WAV_FLOAT, RENDER_FORMAT2 = "" }
end

-- What is there now, under the same keys.
local function noted(proj, numbers, texts)
  local before = { numbers = {}, texts = {}, selected = {} }
  for key in pairs(numbers) do before.numbers[key] = number(proj, key) end
  for key in pairs(texts) do before.texts[key] = text(proj, key) end
  for index = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, index)
    before.selected[track] = reaper.IsTrackSelected(track)
  end
  return before
end

local function set(proj, numbers, texts)
  for key, value in pairs(numbers) do number(proj, key, value) end
  for key, value in pairs(texts) do text(proj, key, value) end
end

local function select_tracks(selected)
  for track, is_selected in pairs(selected) do
    if reaper.IsTrackSelected(track) ~= is_selected then reaper.SetTrackSelected(track, is_selected) end
  end
end

local function only(before, wanted)
  local selected = {}
  for track in pairs(before.selected) do selected[track] = track == wanted end
  return selected
end

-- Why a render would be silent, or would ask something.
local function check(proj, track, item)
  if reaper.GetPlayStateEx(proj) & 4 ~= 0 then
    refuse("REAPER is recording, and a render would stop it.", "Stop the recording, then run the action again.")
  end
  if reaper.GetMediaTrackInfo_Value(track, "B_MUTE") ~= 0 or reaper.GetMediaItemInfo_Value(item, "B_MUTE") ~= 0 then
    refuse("The item or its track is muted, so its render would be silent.", "Unmute it, or set `Audio source` to `The file`.")
  end
  if reaper.AnyTrackSolo(proj) and reaper.GetMediaTrackInfo_Value(track, "I_SOLO") == 0 then
    refuse("Another track is soloed, so a render of this one would be silent.", "Turn off the solo, then run the action again.")
  end
end

local function size_of(path)
  local file = io.open(path, "rb")
  if not file then return 0 end
  local size = file:seek("end")
  file:close()
  return size
end

local function same_name(target, name)
  return target:match("[^/\\]*$") == name .. ".wav"
end

-- Renders an item's track over the item's span into folder/name.wav, which must not exist, and returns that
-- path. Blocks REAPER while it renders. An error is a table with a sentence and a remedy.
function render.item(proj, item, folder, name, rate)
  local track = reaper.GetMediaItemTrack(item)
  check(proj, track, item)
  local path = folder .. package.config:sub(1, 1) .. name .. ".wav"
  if reaper.file_exists(path) then refuse(path .. " already exists.", "Run the action again.") end
  local begin = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  local span = { begin, begin + reaper.GetMediaItemInfo_Value(item, "D_LENGTH") }
  local numbers, texts = numbers_for(span, rate), texts_for(folder, name)
  local before = noted(proj, numbers, texts)
  reaper.PreventUIRefresh(1)
  local ok, problem = pcall(function()
    set(proj, numbers, texts)
    select_tracks(only(before, track))
    -- REAPER says itself what it would write; anything else could ask to replace a file.
    local targets = text(proj, "RENDER_TARGETS")
    if targets:find(";", 1, true) or not same_name(targets, name) then
      refuse("REAPER would render more than the requested file.", "Set `Audio source` to `As read`.")
    end
    reaper.Main_OnCommandEx(RENDER_WITH_LAST_SETTINGS, 0, proj)
  end)
  set(proj, before.numbers, before.texts)
  select_tracks(before.selected)
  reaper.PreventUIRefresh(-1)
  if not ok then error(problem, 0) end
  if size_of(path) == 0 then
    refuse("REAPER rendered nothing: it was cancelled, or the disk is full.", "Run the action again.")
  end
  return path
end

return render
