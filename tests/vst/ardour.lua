-- A musician's hour in Ardour, without a window: a song at 93 beats a minute, Bandmate on a track, a generation while
-- the song plays, and its outputs recorded on another track. Run by `ardour7-lua`; SONG names the session's folder.
-- The playhead stands in the second bar, which lies at 123871 to 247742.
local FROM, PLAYHEAD, UNTIL = 100000, 200000, 270000
local UI = ARDOUR.TransportRequestSource.TRS_UI
-- Controls by their order in parameters.hpp, and two values of Status.
local GENERATE, BARS, SLOT, OUTPUTS, STATUS = 0, 6, 9, 12, 13
local READY, DONE = 2, 6

AudioEngine:set_backend("None (Dummy)", "", "")
local session = create_session(os.getenv("SONG"), "song", 48000)
session:add_master_bus(ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2))
local map = Temporal.TempoMap.write_copy()
map:set_tempo(Temporal.Tempo(93, 93, 4), Temporal.timepos_t(0))
Temporal.TempoMap.update(map)

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

local function track(name, channels)
  local order, mode = ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal
  return session:new_audio_track(channels, channels, nil, 1, name, order, mode, true):front()
end

local function stop()
  session:request_stop(false, false, UI)
  wait("it stands still", function() return not session:transport_rolling() end)
  -- The engine says so a moment before its sound is faded out, and refuses to locate until then.
  ARDOUR.LuaAPI.usleep(500000)
end

local function locate(frame)
  session:request_locate(frame, false, ARDOUR.LocateTransportDisposition.MustStop, UI)
  wait("the playhead is there", function() return session:transport_sample() == frame end)
  ARDOUR.LuaAPI.usleep(300000)
end

local band = track("Band", 2)
local bandmate = ARDOUR.LuaAPI.new_plugin(session, "urn:bandmate:plugin", ARDOUR.PluginType.LV2, "")
assert(not bandmate:isnil(), "Ardour does not find the plugin")
assert(band:add_processor_by_index(bandmate, 0, nil, true) == 0)
-- All sixteen channels come out of the track as they are, not panned to loudspeakers.
assert(band:output():n_ports():n_audio() == 16)
band:panner_shell():set_bypassed(true)

local function set(control, value) assert(ARDOUR.LuaAPI.set_processor_param(bandmate, control, value)) end
local function status(value)
  return function() return ARDOUR.LuaAPI.get_processor_param(bandmate, STATUS, true) == value end
end

wait("there is a server", status(READY))
set(BARS, 1)
set(SLOT, 0)
locate(PLAYHEAD)
session:request_roll(UI)
set(GENERATE, 1)
wait("a generation is there", status(DONE))
set(GENERATE, 0)
stop()

set(OUTPUTS, 1)
local tape = track("Tape", 16)
for channel = 0, 15 do
  tape:input():audio(channel):disconnect_all()
  assert(tape:input():audio(channel):connect("Band/audio_out " .. channel + 1) == 0)
end
-- Ardour sorts its tracks, who feeds whom, when one is added.
track("Last", 1)
tape:rec_enable_control():set_value(1, PBD.GroupControlDisposition.NoGroup)
session:maybe_enable_record(true)
locate(FROM)
session:request_roll(UI)
wait("it was heard", function() return session:transport_sample() >= UNTIL end)
stop()
tape:mute_control():set_value(1, PBD.GroupControlDisposition.NoGroup)
set(OUTPUTS, 0)
-- Both are done by its other threads.
ARDOUR.LuaAPI.usleep(500000)
session:save_state("")
close_session()
quit()
