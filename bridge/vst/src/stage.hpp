// What the audio thread does with a block: follows the host's time, captures the track, plays the stems and mixes both.
#pragma once

#include <cstdint>

#include "capture.hpp"
#include "player.hpp"
#include "processor.hpp"
#include "transport.hpp"

namespace bandmate {

// The knobs that count for a block.
struct Knobs {
    float mix;
    bool audition;
};

class Stage {
public:
    // Keeps so many frames of the track, and forgets where the host was. Not while blocks run.
    void prepare(std::int64_t capture_frames);

    // As `Processor::run`.
    void run(const float* const* inputs, float* const* outputs, std::uint32_t frames, const HostTime& time,
             const Knobs& knobs) noexcept;

    // For every other thread.
    Player& player() noexcept { return player_; }
    const Player& player() const noexcept { return player_; }
    const Capture& capture() const noexcept { return capture_; }
    HostTime time() const noexcept { return transport_.read(); }

private:
    std::int64_t follow(const HostTime& time, std::uint32_t frames, bool audition) noexcept;
    void run_chunk(const float* const* inputs, float* const* outputs, std::uint32_t frames, std::int64_t position,
                   float mix) noexcept;

    Player player_;
    Capture capture_;
    Transport transport_;

    // The audio thread's own.
    std::int64_t expected_ = -1;
    std::int64_t position_ = 0;
    // Something is heard, and with the host's own time.
    bool rolling_ = false, hosted_ = false;
    float level_ = 0.0F;
    float dry_ = 1.0F, wet_ = 1.0F;
};

}  // namespace bandmate
