#include "clip.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "sha256.hpp"

namespace bandmate {

static_assert(sizeof(float) == 4 && std::numeric_limits<float>::is_iec559, "samples are IEEE 754 floats");

Clip::Clip(std::string stem_name, unsigned channel_count, std::int64_t frame_count, std::int64_t rate)
    : name(std::move(stem_name)), channels(channel_count), frames(frame_count), sample_rate(rate),
      samples_(static_cast<std::size_t>(frame_count) * channel_count)
{
}

bool Clip::fill(std::int64_t offset, const std::uint8_t* data, std::size_t size)
{
    const std::size_t width = sizeof(float) * channels;
    const auto count = static_cast<std::int64_t>(size / width);
    if (size % width != 0 || offset < 0 || offset > frames || count > frames - offset)
        return false;
    // What the audio thread may be reading is left alone; a frame that comes twice is the same.
    const std::int64_t there = filled_.load(std::memory_order_relaxed);
    const std::int64_t skip = std::clamp<std::int64_t>(there - offset, 0, count);
    std::memcpy(samples_.data() + static_cast<std::size_t>(offset + skip) * channels,
                data + static_cast<std::size_t>(skip) * width, static_cast<std::size_t>(count - skip) * width);
    std::int64_t& end = pieces_[offset];
    end = std::max(end, offset + count);
    std::int64_t reached = there;
    while (!pieces_.empty() && pieces_.begin()->first <= reached) {
        reached = std::max(reached, pieces_.begin()->second);
        pieces_.erase(pieces_.begin());
    }
    filled_.store(reached, std::memory_order_release);
    return true;
}

std::string Clip::sha256() const
{
    Sha256 sum;
    sum.add(samples_.data(), samples_.size() * sizeof(float));
    return sum.hex();
}

}  // namespace bandmate
