-- The scripts' end of the mailbox: JSON files that are renamed into place, read in order and deleted.

local json = require("json")

local Box = {}
Box.__index = Box

local NAME = "^%d+%-%x+%.json$"

function Box.open(folder, writer)
  local slash = package.config:sub(1, 1)
  local box = setmetatable({
    folder = folder,
    incoming = folder .. slash .. "to-reaper",
    outgoing = folder .. slash .. "to-agent",
    slash = slash,
    writer = writer,
    last = 0,
  }, Box)
  box:make()
  return box
end

-- Makes its folders; an agent that gave up waiting has taken them away.
function Box:make()
  reaper.RecursiveCreateDirectory(self.incoming, 0)
  reaper.RecursiveCreateDirectory(self.outgoing, 0)
end

function Box:send(message)
  -- os.time has seconds; what is sent within one second counts on from there.
  self.last = math.max(self.last + 1, os.time() * 1000000)
  local name = string.format("%016d-%s", self.last, self.writer)
  local fresh = self.outgoing .. self.slash .. name .. ".tmp"
  local file, problem = io.open(fresh, "wb")
  if not file then return false, problem end
  local written = file:write(json.encode(message))
  local closed = file:close()
  if not (written and closed) then
    os.remove(fresh)
    return false, "the mailbox's disk is full"
  end
  return os.rename(fresh, self.outgoing .. self.slash .. name .. ".json")
end

-- The messages that are there, in order: at most so many, and no further one after a moment. What is left
-- stays for the next time. One enumeration of the folder.
function Box:receive(most, stop)
  reaper.EnumerateFiles(self.incoming, -1)
  local names, index = {}, 0
  while true do
    local name = reaper.EnumerateFiles(self.incoming, index)
    if not name then break end
    if name:find(NAME) then names[#names + 1] = name end
    index = index + 1
  end
  table.sort(names)
  local found = {}
  for count = 1, math.min(#names, most) do
    if count > 1 and reaper.time_precise() > stop then break end
    local path = self.incoming .. self.slash .. names[count]
    local file = io.open(path, "rb")
    if file then
      local text = file:read("a")
      file:close()
      os.remove(path)
      local ok, message = pcall(json.decode, text or "")
      if ok and type(message) == "table" then found[#found + 1] = message end
    end
  end
  return found
end

return Box
