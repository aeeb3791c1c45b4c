// The last bars of the track's audio, by project position. The audio thread writes, the connection reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace bandmate {

class Capture {
public:
    // Keeps so many frames from now on; another number than before forgets all. Not while the audio thread writes.
    void resize(std::int64_t frames);

    // Frames that were heard at `position`. In a loop each pass overwrites the last one.
    void write(const float* left, const float* right, std::uint32_t frames, std::int64_t position) noexcept;

    // What is held without a gap: project frames, the end exclusive.
    std::int64_t begin() const noexcept { return begin_.load(std::memory_order_acquire); }
    std::int64_t end() const noexcept { return end_.load(std::memory_order_acquire); }

    // Interleaved stereo of a range; false when part of it is not held, or went while it was copied.
    bool read(std::int64_t from, std::int64_t to, std::vector<float>& samples) const;

private:
    std::size_t place(std::int64_t frame) const noexcept
    {
        return static_cast<std::size_t>(frame % frames_) * 2;
    }

    std::int64_t frames_ = 0;
    // Relaxed atomics cost what plain floats do, and make reading beside the writer defined.
    std::vector<std::atomic<float>> ring_;
    std::atomic<std::int64_t> begin_{0}, end_{0};
};

}  // namespace bandmate
