// A stem's audio: filled by the connection, read by the audio thread while it grows.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "level.hpp"

namespace bandmate {

class Clip {
public:
    Clip(std::string stem_name, unsigned channel_count, std::int64_t frame_count, std::int64_t rate);

    // Copies whole interleaved frames in at `offset`; false when they do not fit. For one thread.
    bool fill(std::int64_t offset, const std::uint8_t* data, std::size_t size);
    // Frames that are there from the start without a gap.
    std::int64_t filled() const noexcept { return filled_.load(std::memory_order_acquire); }
    bool complete() const noexcept { return filled() == frames; }
    // Of the samples as interleaved f32le.
    std::string sha256() const;
    // One sample at a frame below `filled()`; a mono clip sounds on both sides.
    float at(std::int64_t frame, unsigned side) const noexcept
    {
        return samples_[static_cast<std::size_t>(frame) * channels + (channels > 1 ? side : 0U)];
    }
    const std::vector<float>& samples() const noexcept { return samples_; }

    const std::string name;
    const unsigned channels;
    const std::int64_t frames;
    const std::int64_t sample_rate;

    // How loud it is just now, between 0 and 1; the audio thread's alone.
    float gain = 1.0F;
    bool starved = false;

private:
    std::vector<float> samples_;
    std::map<std::int64_t, std::int64_t> pieces_;
    std::atomic<std::int64_t> filled_{0};
};

// What the audio thread remembers of a segment between blocks.
struct Fade {
    // How much of it is there, as it comes and goes, and how loud it is.
    Slide presence, loudness;
};

// A clip's part that is heard: frames of the project, the end exclusive.
struct Segment {
    std::shared_ptr<Clip> clip;
    std::int64_t clip_start = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    unsigned output = 0;
    // The track's own audio is silent while this plays, as it is made from it.
    bool replaces_input = false;
    // How loud its stem is wanted.
    std::shared_ptr<const Level> level;

    // The player's own: its fade, and that it was taken out of the score and only fades away.
    std::shared_ptr<Fade> fade;
    bool leaving = false;
};

using Score = std::vector<Segment>;

}  // namespace bandmate
