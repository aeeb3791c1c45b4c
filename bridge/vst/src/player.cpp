#include "player.hpp"

#include <algorithm>
#include <limits>

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

// Adds so many frames of a clip that are there.
void add(const Clip& clip, std::int64_t start, std::size_t frames, float gain, const float* level, float* left,
         float* right) noexcept
{
    for (std::size_t i = 0; i < frames; ++i) {
        const std::int64_t at = start + static_cast<std::int64_t>(i);
        const float factor = gain * level[i];
        left[i] += clip.at(at, 0) * factor;
        right[i] += clip.at(at, 1) * factor;
    }
}

// Whether two segments play the same at every frame.
bool is_same(const Segment& a, const Segment& b) noexcept
{
    return a.clip == b.clip && a.clip_start == b.clip_start && a.begin == b.begin && a.end == b.end
        && a.output == b.output;
}

}  // namespace

Player::Player() : current_(std::make_unique<const Score>())
{
    published_.store(current_.get());
}

Player::~Player() = default;

void Player::publish(Score score)
{
    for (Segment& segment : score) {
        const auto before = std::find_if(current_->begin(), current_->end(),
                                         [&](const Segment& old) { return is_same(old, segment); });
        segment.fade = before == current_->end() ? std::make_shared<Fade>() : before->fade;
    }
    const std::size_t staying = score.size();
    for (const Segment& old : *current_) {
        const auto end = score.begin() + static_cast<std::ptrdiff_t>(staying);
        if (std::any_of(score.begin(), end, [&](const Segment& each) { return each.fade == old.fade; }))
            continue;
        score.push_back(old);
        score.back().leaving = true;
    }
    replace(std::move(score));
}

void Player::tidy()
{
    if (std::none_of(current_->begin(), current_->end(), [](const Segment& each) { return each.leaving; }))
        return;
    Score score = *current_;
    score.erase(std::remove_if(score.begin(), score.end(), [](const Segment& each) { return each.leaving; }), score.end());
    replace(std::move(score));
}

void Player::replace(Score score)
{
    auto next = std::make_unique<const Score>(std::move(score));
    std::int64_t begin = std::numeric_limits<std::int64_t>::max();
    std::int64_t end = 0;
    for (const Segment& segment : *next) {
        if (segment.leaving)
            continue;
        begin = std::min(begin, segment.begin);
        end = std::max(end, segment.end);
    }
    begin_.store(std::min(begin, end), std::memory_order_relaxed);
    end_.store(end, std::memory_order_relaxed);
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
    follows_ = position == expected_;
    expected_ = stop;
    for (const Segment& segment : *score) {
        const std::int64_t from = std::max(position, segment.begin);
        const std::int64_t to = std::min(stop, segment.end);
        if (from < to)
            play(segment, outputs, input_gain, position, from, to, level);
    }
    reading_.store(nullptr);
}

void Player::play(const Segment& segment, float* const (&outputs)[2 * output_pairs], float* input_gain,
                  std::int64_t position, std::int64_t from, std::int64_t to, const float* level) noexcept
{
    Clip& clip = *segment.clip;
    Fade& fade = *segment.fade;
    const std::size_t channel = std::size_t{2} * segment.output;
    float* const left = outputs[channel];
    float* const right = outputs[channel + 1];
    const std::int64_t filled = clip.filled();
    const bool whole = filled == clip.frames;
    const float presence = segment.leaving ? 0.0F : 1.0F;
    const float loudness = segment.level ? segment.level->load(std::memory_order_relaxed) : 1.0F;
    const bool begins = from == segment.begin;
    // Its first frame is heard as it is, and after a jump there is nothing to be faded from.
    if (begins && (whole || filled > fade_frames))
        clip.gain = 1.0F;
    if (begins || !follows_) {
        fade.presence.set(presence);
        fade.loudness.set(loudness);
    }
    const bool steady = whole && clip.gain == 1.0F && presence == 1.0F && fade.presence.now() == 1.0F
        && fade.loudness.now() == loudness;
    if (steady) {
        // By far the most blocks.
        const auto first = static_cast<std::size_t>(from - position);
        add(clip, from - segment.clip_start, static_cast<std::size_t>(to - from), loudness, level + first, left + first,
            right + first);
        for (auto i = first; segment.replaces_input && i < static_cast<std::size_t>(to - position); ++i)
            input_gain[i] = std::min(input_gain[i], 1.0F - level[i]);
        clip.starved = false;
        return;
    }
    for (std::int64_t frame = from; frame < to; ++frame) {
        const std::int64_t at = frame - segment.clip_start;
        const auto i = static_cast<std::size_t>(frame - position);
        const float there = next_gain(clip, whole || at + fade_frames < filled) * fade.presence.toward(presence) * level[i];
        const float gain = there * fade.loudness.toward(loudness);
        if (at < filled && gain > 0.0F) {
            left[i] += clip.at(at, 0) * gain;
            right[i] += clip.at(at, 1) * gain;
        }
        // A stem that is muted still stands for the track's own audio.
        if (segment.replaces_input)
            input_gain[i] = std::min(input_gain[i], 1.0F - there);
    }
    const bool starved = clip.gain == 0.0F;
    if (starved && !clip.starved && !segment.leaving)
        late_.fetch_add(1, std::memory_order_relaxed);
    clip.starved = starved;
}

}  // namespace bandmate
