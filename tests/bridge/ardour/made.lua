-- Makes a session at 96 kHz, with noise recorded on a stereo track. Run by `ardour7-lua`; SONG names its folder.
local UI = ARDOUR.TransportRequestSource.TRS_UI
AudioEngine:set_backend("None (Dummy)", "Uniform White Noise", "")
local session = create_session(os.getenv("SONG"), "song", 96000)
session:add_master_bus(ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2))

-- Says what it waits for: whoever runs this sees how far it is. A busy machine may take minutes for a step.
local function wait(what, good)
  print(what)
  io.stdout:flush()
  for _ = 1, 12000 do
    if good() then return end
    ARDOUR.LuaAPI.usleep(50000)
  end
  error("waited in vain until " .. what)
end

local order, mode = ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal
local band = session:new_audio_track(2, 2, nil, 1, "Band", order, mode, true):front()
band:rec_enable_control():set_value(1, PBD.GroupControlDisposition.NoGroup)
session:maybe_enable_record(true)
session:request_roll(UI)
wait("it was recorded", function() return session:transport_sample() >= 400000 end)
session:request_stop(false, false, UI)
wait("it stands still", function() return not session:transport_rolling() end)
-- Both are done by its other threads.
ARDOUR.LuaAPI.usleep(500000)
band:rec_enable_control():set_value(0, PBD.GroupControlDisposition.NoGroup)
ARDOUR.LuaAPI.usleep(500000)
session:save_state("")
close_session()
quit()
