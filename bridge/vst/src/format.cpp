// DPF's side of a format, with the host's words on time read by `host_says.hpp`, and all of a VST3's outputs.
#include <DistrhoPluginInternal.hpp>

#include "host_listener.hpp"
#include "host_says.hpp"

#if defined(DISTRHO_PLUGIN_TARGET_VST3) || defined(DISTRHO_PLUGIN_TARGET_CLAP)
namespace bandmate {

template <class Said>
static DISTRHO_NAMESPACE::TimePosition told(DISTRHO_NAMESPACE::PluginExporter& exporter,
                                            const DISTRHO_NAMESPACE::TimePosition& position, const Said& said) noexcept
{
    auto* const plugin = static_cast<DISTRHO_NAMESPACE::Plugin*>(exporter.getInstancePointer());
    if (auto* const listener = dynamic_cast<HostListener*>(plugin))
        listener->host_loops(host_loops(said));
    return host_says(position, said, exporter.getSampleRate());
}

}  // namespace bandmate
#endif

// DPF has no door for this; what the host gave is at hand where it passes the time on, under these names.
#if defined(DISTRHO_PLUGIN_TARGET_VST3)
#define setTimePosition(position) setTimePosition(bandmate::told(fPlugin, position, *ctx))
#elif defined(DISTRHO_PLUGIN_TARGET_CLAP)
#define setTimePosition(position) setTimePosition(bandmate::told(fPlugin, position, *process))
#endif

#if defined(DISTRHO_PLUGIN_TARGET_VST3)
namespace bandmate {

// DPF 1.6 hands over the first of a VST3's output buses only; these are all that the host switched on.
static float** all_outputs(float** outputs, const v3_process_data& given, const bool* enabled) noexcept
{
    std::uint32_t channel = 0;
    for (std::int32_t bus = 0; given.outputs != nullptr && bus < given.num_output_buses; ++bus) {
        const v3_audio_bus_buffers& buffers = given.outputs[bus];
        for (std::int32_t i = 0; i < buffers.num_channels && channel < DISTRHO_PLUGIN_NUM_OUTPUTS; ++i, ++channel)
            if (enabled[channel] && buffers.channel_buffers_32 != nullptr && buffers.channel_buffers_32[i] != nullptr)
                outputs[channel] = buffers.channel_buffers_32[i];
    }
    return outputs;
}

}  // namespace bandmate

#define run(inputs, outputs, frames) run(inputs, bandmate::all_outputs(outputs, *data, fEnabledOutputs), frames)
#endif

#include <DistrhoPluginMain.cpp>
