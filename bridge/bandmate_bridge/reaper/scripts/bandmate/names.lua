-- Names for new tracks: never one that a track of the project has, as the project-file bridge names them.

local put = require("put")

local names = {}

local LONGEST_PROMPT = 40 -- letters; a longer prompt is no name for a track

-- The names that tracks have now, without regard to case.
function names.taken(proj)
  local taken = {}
  for index = 0, reaper.CountTracks(proj) - 1 do
    local _, name = reaper.GetSetMediaTrackInfo_String(reaper.GetTrack(proj, index), "P_NAME", "", false)
    taken[(name ~= "" and name or "Track " .. index + 1):lower()] = true
  end
  return taken
end

local function capitalised(prompt)
  local text = put.plain(prompt or ""):match("^%s*(.-)%s*$")
  local length = utf8.len(text)
  if not length or length == 0 or length > LONGEST_PROMPT then return nil end
  return text:sub(1, 1):upper() .. text:sub(2)
end

-- The name if it is free, else the prompt with a capital if that is, else the name with a number. It is taken then.
function names.free(taken, name, prompt)
  local plain = put.plain(name)
  local free = not taken[plain:lower()] and plain or nil
  local asked = capitalised(prompt)
  if not free and asked and not taken[asked:lower()] then free = asked end
  local number = 2
  while not free do
    local numbered = plain .. " " .. number
    if not taken[numbered:lower()] then free = numbered end
    number = number + 1
  end
  taken[free:lower()] = true
  return free
end

return names
