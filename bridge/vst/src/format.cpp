// DPF's side of a format, with the host's words on time read by `host_says.hpp`.
#include <DistrhoPluginInternal.hpp>

#include "host_says.hpp"

// DPF has no door for this; what the host gave is at hand where it passes the time on, under these names.
#if defined(DISTRHO_PLUGIN_TARGET_VST3)
#define setTimePosition(position) setTimePosition(bandmate::host_says(position, *ctx, fPlugin.getSampleRate()))
#elif defined(DISTRHO_PLUGIN_TARGET_CLAP)
#define setTimePosition(position) setTimePosition(bandmate::host_says(position, *process, fPlugin.getSampleRate()))
#endif

#include <DistrhoPluginMain.cpp>
