#include "player.hpp"

#include <algorithm>

namespace bandmate {
namespace {

// An audio gap is faded over so many frames, and so is the return from it.
constexpr std::int64_t fade_frames = 64;
constexpr float fade_step = 1.0F / static_cast<float>(fade_frames);

// Moves the clip's gain one frame on: down before its audio ends early, up once it goes on.
float next_gain(Clip& clip, bool there) noexcept
{
    clip.gain = there ? std::min(1.0F, clip.gain + fade_step) : std::max(0.0F, clip.gain - fade_step);
    return clip.gain;
}

}  // namespace

Player::Player() : current_(std::make_unique<const Score>())
{
    published_.store(current_.get());
}

Player::~Player() = default;

void Player::publish(Score score)
{
    auto next = std::make_unique<const Score>(std::move(score));
    const auto first = std::min_element(next->begin(), next->end(),
                                        [](const Segment& a, const Segment& b) { return a.begin < b.begin; });
    const auto last = std::max_element(next->begin(), next->end(),
                                       [](const Segment& a, const Segment& b) { return a.end < b.end; });
    begin_.store(next->empty() ? 0 : first->begin, std::memory_order_relaxed);
    end_.store(next->empty() ? 0 : last->end, std::memory_order_relaxed);
    published_.store(next.get());
    retired_.push_back(std::move(current_));
    current_ = std::move(next);
    const Score* const busy = reading_.load();
    retired_.erase(std::remove_if(retired_.begin(), retired_.end(),
                                  [busy](const std::unique_ptr<const Score>& old) { return old.get() != busy; }),
                   retired_.end());
}

const Score* Player::acquire() noexcept
{
    const Score* score = published_.load();
    for (;;) {
        reading_.store(score);
        const Score* const again = published_.load();
        if (again == score)
            return score;
        // Another one was published in between: the first may be gone.
        score = again;
    }
}

void Player::play(float* const (&outputs)[2 * output_pairs], float* input_gain, std::uint32_t frames,
                  std::int64_t position, const float* level) noexcept
{
    const Score* const score = acquire();
    const std::int64_t stop = position + frames;
    for (const Segment& segment : *score) {
        const std::int64_t from = std::max(position, segment.begin);
        const std::int64_t to = std::min(stop, segment.end);
        if (from >= to)
            continue;
        Clip& clip = *segment.clip;
        const std::size_t channel = std::size_t{2} * segment.output;
        float* const left = outputs[channel];
        float* const right = outputs[channel + 1];
        const std::int64_t filled = clip.filled();
        const bool whole = filled == clip.frames;
        if (from == segment.begin && (whole || filled > fade_frames))
            clip.gain = 1.0F;  // its first frame is heard as it is
        for (std::int64_t frame = from; frame < to; ++frame) {
            const std::int64_t at = frame - segment.clip_start;
            const float gain = next_gain(clip, whole || at + fade_frames < filled);
            const auto i = static_cast<std::size_t>(frame - position);
            if (at < filled && gain > 0.0F) {
                left[i] += clip.at(at, 0) * gain * level[i];
                right[i] += clip.at(at, 1) * gain * level[i];
            }
            if (segment.replaces_input)
                input_gain[i] = std::min(input_gain[i], 1.0F - gain * level[i]);
        }
        const bool starved = clip.gain == 0.0F;
        if (starved && !clip.starved)
            late_.fetch_add(1, std::memory_order_relaxed);
        clip.starved = starved;
    }
    reading_.store(nullptr);
}

}  // namespace bandmate
