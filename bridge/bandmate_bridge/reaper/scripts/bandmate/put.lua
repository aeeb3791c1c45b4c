-- The single things that are put into a project: tracks, items, takes. All of it inside an undo step.

local facts = require("facts")

local put = {}

function put.plain(text)
  return (text:gsub("[%c]+", " "))
end

-- Sixty characters, as the project-file bridge names folders.
function put.shortened(text)
  local stop = utf8.len(text) and utf8.offset(text, 61)
  local short = (stop and text:sub(1, stop - 1) or text):match("^%s*(.-)%s*$")
  return short ~= "" and short or "Bandmate"
end

function put.native(colour)
  local red, green, blue = (colour or ""):match("^#(%x%x)(%x%x)(%x%x)$")
  if not red then return 0 end
  return reaper.ColorToNative(tonumber(red, 16), tonumber(green, 16), tonumber(blue, 16)) | 0x1000000
end

local function source_of(file)
  local source = reaper.PCM_Source_CreateFromFile(file)
  if not source then error("REAPER cannot open " .. file, 0) end
  return source
end

-- A new take of a file, and its source.
function put.take(item, file, name, offset)
  local source = source_of(file)
  local take = reaper.AddTakeToMediaItem(item)
  reaper.SetMediaItemTake_Source(take, source)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", put.plain(name), true)
  reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offset or 0.0)
  return take, source
end

function put.track(proj, index, name, colour, job)
  if reaper.APIExists("InsertTrackInProject") then
    reaper.InsertTrackInProject(proj, index, 0)
  else
    local current = reaper.EnumProjects(-1)
    if current ~= proj then reaper.SelectProjectInstance(proj) end
    reaper.InsertTrackAtIndex(index, false)
    if current ~= proj then reaper.SelectProjectInstance(current) end
  end
  local track = reaper.GetTrack(proj, index)
  reaper.GetSetMediaTrackInfo_String(track, "P_NAME", put.plain(name), true)
  if put.native(colour) ~= 0 then reaper.SetMediaTrackInfo_Value(track, "I_CUSTOMCOLOR", put.native(colour)) end
  reaper.GetSetMediaTrackInfo_String(track, "P_EXT:bandmate", job, true)
  return track
end

function put.depth_of(track)
  return math.floor(reaper.GetMediaTrackInfo_Value(track, "I_FOLDERDEPTH"))
end

function put.item(track, stem, name)
  local item = reaper.AddMediaItemToTrack(track)
  reaper.SetMediaItemInfo_Value(item, "D_POSITION", stem.position_seconds)
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", stem.length_seconds)
  reaper.SetMediaItemInfo_Value(item, "B_LOOPSRC", 0)
  reaper.SetMediaItemInfo_Value(item, "D_FADEINLEN", 0.0)
  reaper.SetMediaItemInfo_Value(item, "D_FADEOUTLEN", 0.0)
  local _, source = put.take(item, stem.file, name, 0.0)
  return item, source
end

-- An empty item that shows words.
function put.text(track, words)
  local item = reaper.AddMediaItemToTrack(track)
  reaper.SetMediaItemInfo_Value(item, "D_POSITION", words.start_seconds)
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", words.length_seconds)
  reaper.GetSetMediaItemInfo_String(item, "P_NOTES", words.text, true)
end

local LIKE = { "D_VOL", "D_PAN", "D_PANLAW" }

-- A take is as loud, and where, another one is, and mixed to mono where that is.
function put.take_like(take, like)
  for _, parm in ipairs(LIKE) do
    reaper.SetMediaItemTakeInfo_Value(take, parm, reaper.GetMediaItemTakeInfo_Value(like, parm))
  end
  if reaper.GetMediaItemTakeInfo_Value(like, "I_CHANMODE") == 2 then
    reaper.SetMediaItemTakeInfo_Value(take, "I_CHANMODE", 2)
  end
end

local function heard_fade(item, side)
  local crossing = reaper.GetMediaItemInfo_Value(item, "D_FADE" .. side .. "LEN_AUTO")
  return crossing > 0 and crossing or reaper.GetMediaItemInfo_Value(item, "D_FADE" .. side .. "LEN")
end

-- A new item stands for another one: it plays as that does, and fades where it begins and ends with it.
function put.item_like(item, like, frame)
  local from, take = reaper.GetActiveTake(like), reaper.GetActiveTake(item)
  if from and take then put.take_like(take, from) end
  reaper.SetMediaItemInfo_Value(item, "D_VOL", reaper.GetMediaItemInfo_Value(like, "D_VOL"))
  local function edges(one)
    local begin = reaper.GetMediaItemInfo_Value(one, "D_POSITION")
    return begin, begin + reaper.GetMediaItemInfo_Value(one, "D_LENGTH")
  end
  local begin, stop = edges(item)
  local like_begin, like_stop = edges(like)
  if math.abs(begin - like_begin) <= frame then reaper.SetMediaItemInfo_Value(item, "D_FADEINLEN", heard_fade(like, "IN")) end
  if math.abs(stop - like_stop) <= frame then reaper.SetMediaItemInfo_Value(item, "D_FADEOUTLEN", heard_fade(like, "OUT")) end
end

return put
