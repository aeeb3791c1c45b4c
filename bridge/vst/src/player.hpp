// Plays a score on the audio thread: no locks, no allocations, no system calls in `play`.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "clip.hpp"
#include "processor.hpp"

namespace bandmate {

// The most frames of one call; longer blocks come in several.
constexpr std::uint32_t chunk_frames = 256;

class Player {
public:
    Player();
    ~Player();
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    // Replaces what is played; what changes in the middle of a segment is faded over. For every thread but the audio's,
    // one at a time, and so is `tidy`.
    void publish(Score score);
    // Lets go of what has faded away since `publish`; to be called a while after it.
    void tidy();

    // Adds what plays from `position` on. `outputs` are pairs of channels, `input_gain` one factor a frame,
    // which is lowered where a segment replaces the input. `level` fades what is heard in and out.
    void play(float* const (&outputs)[2 * output_pairs], float* input_gain, std::uint32_t frames,
              std::int64_t position, const float* level) noexcept;

    // Where the score begins and ends; 0 and 0 when it is empty.
    std::int64_t begin() const noexcept { return begin_.load(std::memory_order_relaxed); }
    std::int64_t end() const noexcept { return end_.load(std::memory_order_relaxed); }
    // How often a clip fell silent because its audio was late.
    std::uint32_t late() const noexcept { return late_.load(std::memory_order_relaxed); }

private:
    const Score* acquire() noexcept;
    void play(const Segment& segment, float* const (&outputs)[2 * output_pairs], float* input_gain, std::int64_t position,
              std::int64_t from, std::int64_t to, const float* level) noexcept;
    void replace(Score score);

    std::atomic<const Score*> published_{nullptr};
    // What the audio thread reads just now, so that nobody frees it.
    std::atomic<const Score*> reading_{nullptr};
    std::unique_ptr<const Score> current_;
    std::vector<std::unique_ptr<const Score>> retired_;
    std::atomic<std::int64_t> begin_{0}, end_{0};
    std::atomic<std::uint32_t> late_{0};

    // The audio thread's own: where the next block lies if nothing jumps, and whether this one follows the last.
    std::int64_t expected_ = -1;
    bool follows_ = false;
};

}  // namespace bandmate
