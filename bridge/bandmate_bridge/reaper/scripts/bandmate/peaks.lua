-- Peaks of files that grow, built again a little in each tick.

local Peaks = {}
Peaks.__index = Peaks

function Peaks.new()
  return setmetatable({ waiting = {} }, Peaks)
end

function Peaks:add(proj, sources)
  for _, source in pairs(sources) do self.waiting[#self.waiting + 1] = { source = source, proj = proj } end
end

-- Goes on for so many seconds at most.
function Peaks:build(budget)
  local stop = reaper.time_precise() + budget
  while #self.waiting > 0 and reaper.time_precise() < stop do
    local entry = self.waiting[1]
    if not reaper.ValidatePtr2(entry.proj, entry.source, "PCM_source*") then
      table.remove(self.waiting, 1)
    elseif not entry.begun then
      entry.begun = true
      if reaper.PCM_Source_BuildPeaks(entry.source, 0) == 0 then table.remove(self.waiting, 1) end
    elseif reaper.PCM_Source_BuildPeaks(entry.source, 1) == 0 then
      reaper.PCM_Source_BuildPeaks(entry.source, 2)
      table.remove(self.waiting, 1)
      reaper.UpdateArrange()
    end
  end
end

return Peaks
