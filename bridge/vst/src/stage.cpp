#include "stage.hpp"

#include <algorithm>

namespace bandmate {
namespace {

constexpr float level_step = 1.0F / 64.0F;

}  // namespace

void Stage::prepare(std::int64_t capture_frames)
{
    capture_.resize(capture_frames);
    expected_ = -1;
}

// Where this block lies: with the host, or, while it stands still, on our own clock over what there is to hear.
std::int64_t Stage::follow(const HostTime& time, std::uint32_t frames, bool audition) noexcept
{
    // Some hosts let the position run and do not say that they play.
    const bool host_rolls = time.playing || (expected_ >= 0 && time.frame == expected_);
    expected_ = time.frame + frames;
    if (host_rolls) {
        hosted_ = rolling_ = true;
        return time.frame;
    }
    hosted_ = false;
    const bool audible = audition && player_.end() > player_.begin();
    if (audible) {
        const bool inside = rolling_ && position_ >= player_.begin() && position_ < player_.end();
        if (!inside)
            position_ = player_.begin();
    }
    rolling_ = audible;
    return position_;
}

void Stage::run(const float* const* in, float* const* out, std::uint32_t frames, const HostTime& time,
                const Knobs& knobs) noexcept
{
    const bool was_rolling = rolling_;
    const std::int64_t position = follow(time, frames, knobs.audition);
    transport_.write(time);
    // The first frame after a start is heard as it is; after a stop the sound is faded out.
    if (rolling_ && !was_rolling)
        level_ = 1.0F;
    std::int64_t at = position;
    for (std::uint32_t done = 0; done < frames;) {
        std::uint32_t part = std::min(frames - done, chunk_frames);
        if (rolling_ && !hosted_) {
            // Auditioning begins again at its end, within a block too.
            if (at >= player_.end())
                at = player_.begin();
            part = static_cast<std::uint32_t>(std::min<std::int64_t>(part, std::max<std::int64_t>(player_.end() - at, 1)));
        }
        const float* const ins[2] = {in[0] + done, in[1] + done};
        float* outs[2 * output_pairs];
        for (unsigned i = 0; i < 2 * output_pairs; ++i)
            outs[i] = out[i] == nullptr ? nullptr : out[i] + done;
        if (hosted_)
            capture_.write(ins[0], ins[1], part, at);
        run_chunk(ins, outs, part, at, knobs.mix);
        done += part;
        if (rolling_ || level_ > 0.0F)
            at += part;
    }
    position_ = at;
}

void Stage::run_chunk(const float* const* in, float* const* out, std::uint32_t frames, std::int64_t position,
                      float mix) noexcept
{
    // The host may give the same memory for inputs and outputs.
    float dry[2][chunk_frames];
    float dry_gain[chunk_frames], wet[2][chunk_frames] = {}, level[chunk_frames], wet_gain[chunk_frames];
    const float dry_to = std::min(1.0F, 2.0F * (1.0F - mix));
    const float wet_to = std::min(1.0F, 2.0F * mix);
    const float dry_step = (dry_to - dry_) / static_cast<float>(frames);
    const float wet_step = (wet_to - wet_) / static_cast<float>(frames);
    for (std::uint32_t i = 0; i < frames; ++i) {
        dry[0][i] = in[0][i];
        dry[1][i] = in[1][i];
        level_ = std::clamp(level_ + (rolling_ ? level_step : -level_step), 0.0F, 1.0F);
        level[i] = level_;
        dry_gain[i] = 1.0F;
        wet_gain[i] = wet_ + wet_step * static_cast<float>(i + 1);
    }
    float* pairs[2 * output_pairs];
    for (unsigned i = 0; i < 2 * output_pairs; i += 2) {
        const bool connected = i > 0 && out[i] != nullptr && out[i + 1] != nullptr && out[i] != out[i + 1];
        pairs[i] = connected ? out[i] : wet[0];
        pairs[i + 1] = connected ? out[i + 1] : wet[1];
        for (unsigned side = 0; connected && side < 2; ++side)
            std::fill_n(out[i + side], frames, 0.0F);
    }
    if (level[0] > 0.0F)
        player_.play(pairs, dry_gain, frames, position, level);
    for (unsigned i = 2; i < 2 * output_pairs; ++i)
        if (pairs[i] == out[i])
            for (std::uint32_t frame = 0; frame < frames; ++frame)
                out[i][frame] *= wet_gain[frame];
    for (std::uint32_t i = 0; i < frames; ++i) {
        const float straight = (dry_ + dry_step * static_cast<float>(i + 1)) * dry_gain[i];
        for (unsigned side = 0; side < 2; ++side)
            if (out[side] != nullptr)
                out[side][i] = dry[side][i] * straight + wet[side][i] * wet_gain[i];
    }
    dry_ = dry_to;
    wet_ = wet_to;
}

}  // namespace bandmate
