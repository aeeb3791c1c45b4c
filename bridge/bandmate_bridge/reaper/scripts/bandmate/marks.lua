-- What is not audio: markers, regions, a tempo map, and notes.

local facts = require("facts")
local find = require("find")
local names = require("names")
local place = require("place")
local put = require("put")

local marks = {}

local function set_tempo(proj, index, seconds, point)
  reaper.SetTempoTimeSigMarker(proj, index, seconds, -1, -1.0, point.bpm, point.numerator, point.denominator, false)
end

-- The tempo that was heard becomes the project's, if that has one tempo throughout. A single point at its start is no change.
local function map_tempo(proj, points)
  local count = reaper.CountTempoTimeSigMarkers(proj)
  if not points[1] or count > 1 then return end
  if count == 1 then
    local _, at = reaper.GetTempoTimeSigMarker(proj, 0)
    if at > 0 then return end
    set_tempo(proj, 0, 0.0, points[1])
  end
  for _, point in ipairs(points) do
    if count == 0 or point.seconds > 0 then set_tempo(proj, -1, point.seconds, point) end
  end
end

-- Words as text items on a new track at the end. Inside an undo step.
local function put_lyrics(proj, texts)
  if #texts == 0 then return end
  local track = put.track(proj, reaper.CountTracks(proj), names.free(names.taken(proj), "Lyrics"), nil, "")
  for _, words in ipairs(texts) do put.text(track, words) end
end

-- Markers, regions, lyrics and, when asked for, the tempo map that was heard.
function marks.put(proj, heard, title, tempo)
  place.step(proj, "Bandmate: " .. put.plain(title), function()
    for _, mark in ipairs(heard.markers) do
      local stop = mark.end_seconds
      reaper.AddProjectMarker2(proj, stop ~= nil, mark.start_seconds, stop or 0.0, put.plain(mark.name), -1, put.native(mark.colour))
    end
    put_lyrics(proj, heard.lyrics or {})
    if tempo then map_tempo(proj, heard.tempo) end
  end)
end

-- What the MIDI track beside a stem's track is called: as that, where it was made for the stem.
local function midi_name(proj, job, parent, entry)
  local _, owner = reaper.GetSetMediaTrackInfo_String(parent, "P_EXT:bandmate", "", false)
  local _, name = reaper.GetSetMediaTrackInfo_String(parent, "P_NAME", "", false)
  return names.free(names.taken(proj), (owner == job.id and name or entry.name) .. " MIDI")
end

-- The notes of a stem as a MIDI item, on a track of its own below the audio. Inside an undo step.
local function midi(proj, job, entry, notes)
  local audio = find.item(proj, entry)
  if not audio then return end
  local parent = reaper.GetMediaItemTrack(audio)
  local _, index = find.track(proj, facts.track_guid(parent))
  local closes = math.min(put.depth_of(parent), 0)
  if closes < 0 then reaper.SetMediaTrackInfo_Value(parent, "I_FOLDERDEPTH", 0) end
  local track = put.track(proj, index + 1, midi_name(proj, job, parent, entry), entry.colour, job.id)
  if closes < 0 then reaper.SetMediaTrackInfo_Value(track, "I_FOLDERDEPTH", closes) end
  local begin = reaper.GetMediaItemInfo_Value(audio, "D_POSITION")
  local stop = begin + reaper.GetMediaItemInfo_Value(audio, "D_LENGTH")
  local take = reaper.GetActiveTake(reaper.CreateNewMIDIItemInProj(track, begin, stop, false))
  for _, note in ipairs(notes) do
    local first = reaper.MIDI_GetPPQPosFromProjTime(take, note[1])
    local last = reaper.MIDI_GetPPQPosFromProjTime(take, note[1] + note[2])
    reaper.MIDI_InsertNote(take, false, false, first, last, note[5], note[3], note[4], true)
  end
  reaper.MIDI_Sort(take)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", put.plain(entry.name) .. " MIDI", true)
end

-- The notes of all stems of a job, in the order of the stems. Inside an undo step.
function marks.notes(proj, job)
  local stems = {}
  for stem in pairs(job.notes) do stems[#stems + 1] = tonumber(stem) end
  table.sort(stems)
  for _, stem in ipairs(stems) do
    local key = tostring(stem)
    if job.placed[key] then midi(proj, job, job.placed[key], job.notes[key]) end
  end
end

return marks
