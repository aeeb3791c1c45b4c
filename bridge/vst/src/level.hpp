// How loud a stem is by the user's wish, and how the audio thread gets there without a click.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>

namespace bandmate {

constexpr float most_level = 2.0F;

// What the user set; as factors, 1 for what the engine made.
struct StemMix {
    bool solo = false;
    bool mute = false;
    float level = 1.0F;

    bool operator==(const StemMix& other) const noexcept
    {
        return solo == other.solo && mute == other.mute && level == other.level;
    }
};

// The factor that is wanted just now. Written by any thread, read by the audio thread.
using Level = std::atomic<float>;

// A factor on its way, the audio thread's alone: 20 ms from silence to the greatest level at 48 kHz.
class Slide {
public:
    float toward(float wanted) noexcept
    {
        now_ += std::clamp(wanted - now_, -step, step);
        return now_;
    }
    void set(float wanted) noexcept { now_ = wanted; }
    float now() const noexcept { return now_; }

private:
    static constexpr float step = 1.0F / 512.0F;
    float now_ = 0.0F;
};

}  // namespace bandmate
