// What a host says of time, for each format in DPF's one form.
//
// DPF's own reading leaves out what a song needs: a CLAP's position is counted from when the host began to process and
// not from the song's start, a bar of 7/8 is taken for one of 6/8 or 8/8, and where the host's own bar lines are is not
// looked at. So this reads the host's words again; what DPF's `bbt` means stays the same.
#pragma once

#include <cmath>
#include <cstdint>

#include <DistrhoPlugin.hpp>

#if defined(DISTRHO_PLUGIN_TARGET_VST3)
#include <travesty/audio_processor.h>
#elif defined(DISTRHO_PLUGIN_TARGET_CLAP)
#include <clap/events.h>
#include <clap/fixedpoint.h>
#include <clap/process.h>
#endif

namespace bandmate {

// A place in the song: quarter notes from its start, its bar line likewise (NaN where the host does not say), its metre.
struct MusicalPlace {
    double quarters;
    double bar_line;
    int numerator;
    int denominator;
};

inline void put(const MusicalPlace& place, DISTRHO_NAMESPACE::TimePosition& position) noexcept
{
    if (place.numerator < 1 || place.denominator < 1)
        return;
    const double beat = 4.0 / place.denominator;
    const double bar = beat * place.numerator;
    double line = place.bar_line;
    // Some hosts say that their bar line is known and leave it at the song's start.
    if (!(place.quarters >= line - 1e-6 && place.quarters < line + bar + 1e-6))
        line = std::floor(place.quarters / bar + 1e-9) * bar;
    const double beats = std::fmax((place.quarters - line) / beat, 0.0);
    auto& bbt = position.bbt;
    bbt.valid = true;
    bbt.beatsPerBar = static_cast<float>(place.numerator);
    bbt.beatType = static_cast<float>(place.denominator);
    bbt.bar = static_cast<std::int32_t>(std::lround(line / bar)) + 1;
    bbt.beat = static_cast<std::int32_t>(beats) + 1;
    bbt.tick = (beats - std::floor(beats)) * bbt.ticksPerBeat;
}

#if defined(DISTRHO_PLUGIN_TARGET_VST3)

inline DISTRHO_NAMESPACE::TimePosition host_says(DISTRHO_NAMESPACE::TimePosition position,
                                                 const v3_process_context& said, double) noexcept
{
    // In VST3 it is always there; only the position in notes may not be.
    position.frame = static_cast<std::uint64_t>(said.project_time_in_samples);
    const auto has = [&said](unsigned what) { return (said.state & what) != 0; };
    if (has(V3_PROCESS_CTX_PROJECT_TIME_VALID) && has(V3_PROCESS_CTX_TIME_SIG_VALID))
        put({said.project_time_quarters, has(V3_PROCESS_CTX_BAR_POSITION_VALID) ? said.bar_position_quarters : NAN,
             said.time_sig_numerator, said.time_sig_denom},
            position);
    return position;
}

inline bool host_loops(const v3_process_context& said) noexcept
{
    return (said.state & V3_PROCESS_CTX_CYCLE_ACTIVE) != 0;
}

#elif defined(DISTRHO_PLUGIN_TARGET_CLAP)

inline DISTRHO_NAMESPACE::TimePosition host_says(DISTRHO_NAMESPACE::TimePosition position, const clap_process& given,
                                                 double sample_rate) noexcept
{
    if (given.transport == nullptr)
        return position;
    const clap_event_transport& said = *given.transport;
    const auto has = [&said](unsigned what) { return (said.flags & what) != 0; };
    const double quarters = static_cast<double>(said.song_pos_beats) / static_cast<double>(CLAP_BEATTIME_FACTOR);
    double seconds = 0.0;
    if (has(CLAP_TRANSPORT_HAS_SECONDS_TIMELINE))
        seconds = static_cast<double>(said.song_pos_seconds) / static_cast<double>(CLAP_SECTIME_FACTOR);
    else if (has(CLAP_TRANSPORT_HAS_BEATS_TIMELINE) && has(CLAP_TRANSPORT_HAS_TEMPO) && said.tempo > 0.0)
        seconds = quarters * 60.0 / said.tempo;
    position.frame = static_cast<std::uint64_t>(std::llround(seconds * sample_rate));
    if (has(CLAP_TRANSPORT_HAS_BEATS_TIMELINE) && has(CLAP_TRANSPORT_HAS_TIME_SIGNATURE))
        put({quarters, static_cast<double>(said.bar_start) / static_cast<double>(CLAP_BEATTIME_FACTOR), said.tsig_num,
             said.tsig_denom},
            position);
    return position;
}

inline bool host_loops(const clap_process& given) noexcept
{
    return given.transport != nullptr && (given.transport->flags & CLAP_TRANSPORT_IS_LOOP_ACTIVE) != 0;
}

#endif

}  // namespace bandmate
