-- Writes what Ardour has read of a session to the file TOLD: tracks, regions, places, and frames of beats. Saves it.
AudioEngine:set_backend("None (Dummy)", "", "")
local session = load_session(os.getenv("SONG"), "song")
local told = assert(io.open(os.getenv("TOLD"), "w"))
for route in session:get_tracks():iter() do
  local playlist = route:to_track():playlist()
  told:write("track\t", route:name(), "\t", playlist:name(), "\n")
  for region in playlist:region_list():iter() do
    told:write("region\t", table.concat({
      route:name(), region:name(), region:position():samples(), region:length():samples(), region:start():samples(),
      tostring(region:muted()),
    }, "\t"), "\n")
  end
  for other in session:playlists():playlists_for_track(route:to_track()):iter() do
    told:write("playlist\t", route:name(), "\t", other:name(), "\n")
  end
end
for place in session:locations():list():iter() do
  told:write("place\t", place:name(), "\t", place:start():samples(), "\t", place:_end():samples(), "\n")
end
for quarter = 0, 24 do
  told:write("quarter\t", quarter, "\t", Temporal.timepos_t.from_ticks(1920 * quarter):samples(), "\n")
end
told:close()
session:save_state("")
close_session()
quit()
