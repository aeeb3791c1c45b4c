-- What the musician has before them, as REAPER says it. The agent makes a project of it.

local json = require("json")
local lanes = require("lanes")

local facts = {}

local USUAL_RATE = 48000
local EXTENSION = "bandmate"

local function guid_of(object, kind)
  local get = kind == "track" and reaper.GetSetMediaTrackInfo_String or reaper.GetSetMediaItemInfo_String
  local _, guid = get(object, "GUID", "", false)
  return guid
end

function facts.track_guid(track) return guid_of(track, "track") end
function facts.item_guid(item) return guid_of(item, "item") end

-- What tells an item from all others: a duplicated track may have items of the same ids.
local function key_of(item)
  return facts.track_guid(reaper.GetMediaItemTrack(item)) .. facts.item_guid(item)
end

-- A name for the project that stays when it is saved, closed and opened again.
function facts.project_id(proj, makes)
  local _, id = reaper.GetProjExtState(proj, EXTENSION, "id")
  if id == "" and makes then
    id = reaper.genGuid("")
    reaper.SetProjExtState(proj, EXTENSION, "id", id)
  end
  return id
end

function facts.rate(proj)
  if reaper.GetSetProjectInfo(proj, "PROJECT_SRATE_USE", 0, false) ~= 0 then
    return math.floor(reaper.GetSetProjectInfo(proj, "PROJECT_SRATE", 0, false) + 0.5)
  end
  local known, text = reaper.GetAudioDeviceInfo("SRATE")
  local rate = known and tonumber(text)
  return rate and rate >= 8000 and math.floor(rate) or USUAL_RATE
end

-- How REAPER's ruler counts bars: this many are added to those from the project's start.
local function bar_offset()
  local _, bars = reaper.get_config_var_string("projmeasoffs")
  return math.tointeger(tonumber(bars) or 0) or 0
end

-- The bar that a time lies in, as the ruler has it.
function facts.bar_at(proj, seconds)
  local _, measure = reaper.TimeMap2_timeToBeats(proj, seconds)
  return math.floor(measure) + 1 + bar_offset()
end

local function points(proj)
  local out = json.list()
  for index = 0, reaper.CountTempoTimeSigMarkers(proj) - 1 do
    local ok, seconds, _, _, bpm, numerator, denominator, linear = reaper.GetTempoTimeSigMarker(proj, index)
    if ok then
      out[#out + 1] = {
        seconds = math.max(seconds, 0.0),
        bpm = bpm,
        numerator = math.max(numerator, 0),
        denominator = math.max(denominator, 0),
        linear = linear,
        flags = reaper.GetSetTempoTimeSigMarkerFlag(proj, index, 0, false),
      }
    end
  end
  return out
end

local MOST_MARKERS = 4096
local MOST_NAME = 32 -- bytes: chords and most sections have short names

-- Markers and regions whose names may be chords or sections.
local function markers(proj)
  local out = json.list()
  for index = 0, MOST_MARKERS - 1 do
    local more, region, start, stop, name = reaper.EnumProjectMarkers3(proj, index)
    if not more or more == 0 then break end
    if name and name ~= "" and #name <= MOST_NAME then
      out[#out + 1] = { name = name, start_seconds = start, end_seconds = region and stop or nil }
    end
  end
  return out
end

local function razors(track)
  local _, text = reaper.GetSetMediaTrackInfo_String(track, "P_RAZOREDITS", "", false)
  local out = json.list()
  -- Triples: start, end, and the envelope's id, which is empty for the track's own.
  for first, last, envelope in text:gmatch("(%S+) (%S+) (\"[^\"]*\")") do
    local begin, stop = tonumber(first), tonumber(last)
    if envelope == '""' and begin and stop then out[#out + 1] = json.list({ begin, stop }) end
  end
  return out
end

-- An item in a few lines, where only its place is wanted.
local function outline(item)
  local take = reaper.GetActiveTake(item)
  local name = take and reaper.GetTakeName(take) or ""
  return string.format(
    "<ITEM\nPOSITION %.15f\nLENGTH %.15f\nSEL 1\nIGUID %s\nNAME \"%s\"\n>",
    reaper.GetMediaItemInfo_Value(item, "D_POSITION"),
    reaper.GetMediaItemInfo_Value(item, "D_LENGTH"),
    facts.item_guid(item),
    (name:gsub('[%c"]', " "))
  )
end

-- Selected tracks, and tracks with selected items. `breathe` is called between items.
local AROUND = 20.0 -- seconds before and after a range in which other tracks are listened to
local MOST_AROUND = 24 -- items

-- Items of other tracks that sound around the span.
local function around(proj, noted, known, span, breathe)
  local count = 0
  for index = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, index)
    if not track then break end
    for at = 0, reaper.CountTrackMediaItems(track) - 1 do
      -- Between two items the musician may have deleted what is looked at.
      breathe()
      local item = reaper.ValidatePtr2(proj, track, "MediaTrack*") and reaper.GetTrackMediaItem(track, at)
      if not item or count == MOST_AROUND then break end
      local begin = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
      local stop = begin + reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
      if begin < span[2] + AROUND and stop > span[1] - AROUND and not known[key_of(item)] and lanes.plays(item) then
        local ok, chunk = reaper.GetItemStateChunk(item, "", false)
        if ok then
          local entry = noted(track)
          entry.items[#entry.items + 1] = chunk
          count = count + 1
        end
      end
    end
  end
end

-- Every track, and where items count every item that was not noted before.
local function everything(proj, noted, known, whole, breathe)
  for index = 0, reaper.CountTracks(proj) - 1 do
    breathe()
    local track = reaper.GetTrack(proj, index)
    if not track then break end
    local entry, at = noted(track), 0
    while whole and reaper.ValidatePtr2(proj, track, "MediaTrack*") do
      local item = reaper.GetTrackMediaItem(track, at)
      if not item then break end
      if not known[key_of(item)] and lanes.plays(item) then
        local ok, chunk = reaper.GetItemStateChunk(item, "", false)
        if ok then entry.items[#entry.items + 1] = chunk end
      end
      at = at + 1
      breathe()
    end
  end
end

-- The factor at which a track plays, with its pan and the folders that it plays into, and whether any of them is muted.
-- A pan takes from the power of a sound in the middle: one side is turned down by it (rpp/faders.py does the same).
local function fader(track)
  local gain, muted = 1.0, false
  while track do
    local pan = math.min(math.abs(reaper.GetMediaTrackInfo_Value(track, "D_PAN")), 1.0)
    local volume = math.max(reaper.GetMediaTrackInfo_Value(track, "D_VOL"), 0.0)
    gain = gain * volume * math.sqrt((1.0 + (1.0 - pan) * (1.0 - pan)) / 2.0)
    muted = muted or reaper.GetMediaTrackInfo_Value(track, "B_MUTE") ~= 0
    local plays_on = reaper.GetMediaTrackInfo_Value(track, "B_MAINSEND") ~= 0
    track = plays_on and reaper.GetParentTrack(track) or nil
  end
  return math.min(gain, 1000.0), muted
end

local function tracks(proj, whole, breathe, span, reads, all)
  local out, known = json.list(), {}
  local function noted(track)
    local guid = facts.track_guid(track)
    if not known[guid] then
      local _, name = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
      local gain, muted = fader(track)
      known[guid] = {
        guid = guid,
        number = math.floor(reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER")),
        name = name,
        selected = reaper.IsTrackSelected(track),
        muted = muted,
        gain = gain,
        razor_seconds = json.list(),
        items = json.list(),
      }
      out[#out + 1] = known[guid]
    end
    return known[guid]
  end
  for index = 0, reaper.CountSelectedTracks(proj) - 1 do noted(reaper.GetSelectedTrack(proj, index)) end
  for index = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, index)
    local found = razors(track)
    if #found > 0 then noted(track).razor_seconds = found end
  end
  local items, sent = {}, {}
  for index = 0, reaper.CountSelectedMediaItems(proj) - 1 do
    items[#items + 1] = reaper.GetSelectedMediaItem(proj, index)
  end
  for _, item in ipairs(items) do
    if reaper.ValidatePtr2(proj, item, "MediaItem*") then
      local entry, guid, key = noted(reaper.GetMediaItemTrack(item)), facts.item_guid(item), key_of(item)
      local text = outline(item)
      if whole then
        local ok, chunk = reaper.GetItemStateChunk(item, "", false)
        if ok then text = chunk end
        text = reads and reads(item, guid) or text
      end
      entry.items[#entry.items + 1] = text
      sent[key] = true
      breathe()
    end
  end
  if all then
    everything(proj, noted, sent, whole, breathe)
  elseif span then
    around(proj, noted, sent, span, breathe)
  end
  table.sort(out, function(one, other) return one.number < other.number end)
  return out
end

-- From the first to the last of the selected items; nil where none is.
local function selected_span(proj)
  local first, last
  for index = 0, reaper.CountSelectedMediaItems(proj) - 1 do
    local item = reaper.GetSelectedMediaItem(proj, index)
    local begin = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
    local stop = begin + reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
    first, last = math.min(first or begin, begin), math.max(last or stop, stop)
  end
  return first and { first, last }
end

-- Where other tracks are listened to; nil for nowhere. What is heard reaches further, so bars need not be exact.
local function heard_span(proj, listens, first, last)
  if listens and last > first then return { first, last } end
  if listens == true then return selected_span(proj) end
  if type(listens) ~= "number" then return nil end
  local cursor = math.max(reaper.GetCursorPositionEx(proj), 0.0)
  local numerator, denominator, bpm = reaper.TimeMap_GetTimeSigAtTime(proj, cursor)
  return { cursor, cursor + listens * numerator * 240 / denominator / bpm }
end

-- `whole`: items with all that REAPER would save of them; `listens`: what plays beside them too, in the time
-- selection, or for so many bars from the cursor on; `reads`: gives the text of a selected item in another way;
-- `all`: every track, not only what is selected.
function facts.gather(proj, whole, breathe, listens, reads, all)
  local _, file = reaper.EnumProjects(-1)
  for index = 0, math.huge do
    local other, name = reaper.EnumProjects(index)
    if not other then break end
    if other == proj then file = name end
  end
  local numerator, denominator, bpm = reaper.TimeMap_GetTimeSigAtTime(proj, 0.0)
  local first, last = reaper.GetSet_LoopTimeRange2(proj, false, false, 0.0, 0.0, false)
  local state = reaper.GetPlayStateEx(proj)
  local found = {
    project = {
      id = facts.project_id(proj, false),
      file = file or "",
      media = reaper.GetProjectPathEx(proj),
      sample_rate = facts.rate(proj),
      bar_offset = bar_offset(),
      time_offset_seconds = reaper.GetProjectTimeOffset(proj, false),
    },
    bpm = bpm,
    numerator = numerator,
    denominator = denominator,
    points = points(proj),
    markers = (listens or all) and markers(proj) or json.list(),
    cursor_seconds = math.max(reaper.GetCursorPositionEx(proj), 0.0),
    position_seconds = math.max(state ~= 0 and reaper.GetPlayPositionEx(proj) or reaper.GetCursorPositionEx(proj), 0.0),
    playing = state & 1 ~= 0,
    recording = state & 4 ~= 0,
    looping = reaper.GetSetRepeatEx(proj, -1) == 1,
    tracks = tracks(proj, whole, breathe, heard_span(proj, listens, first, last), reads, all),
  }
  -- Looking alone writes nothing into a project.
  if found.project.id == "" then found.project.id = tostring(proj) end
  if last > first then found.selection_seconds = json.list({ math.max(first, 0.0), last }) end
  return found
end

-- A few numbers that change when the musician selects something else.
function facts.signature(proj)
  local first, last = reaper.GetSet_LoopTimeRange2(proj, false, false, 0.0, 0.0, false)
  return table.concat({
    tostring(proj),
    reaper.GetProjectStateChangeCount(proj),
    string.format("%.6f %.6f %.6f", first, last, reaper.GetCursorPositionEx(proj)),
    reaper.CountSelectedTracks(proj),
    reaper.CountSelectedMediaItems(proj),
    reaper.GetPlayStateEx(proj),
  }, " ")
end

return facts
