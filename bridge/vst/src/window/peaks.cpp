#include "peaks.hpp"

#include <algorithm>
#include <cmath>

namespace bandmate {

bool Peaks::follow(const std::shared_ptr<const Clip>& clip, std::int64_t most_frames)
{
    const bool other = clip != clip_;
    if (other) {
        clip_ = clip;
        seen_ = 0;
        levels_.fill(0.0F);
    }
    if (!clip_)
        return other;
    const std::int64_t end = std::min(clip_->filled(), seen_ + most_frames);
    const std::int64_t begin = seen_;
    for (; seen_ < end; ++seen_) {
        const auto column =
            static_cast<std::size_t>(seen_ * static_cast<std::int64_t>(columns) / std::max<std::int64_t>(clip_->frames, 1));
        const float level = std::max(std::fabs(clip_->at(seen_, 0)), std::fabs(clip_->at(seen_, 1)));
        levels_[column] = std::max(levels_[column], std::min(level, 1.0F));
    }
    return other || seen_ > begin;
}

double Peaks::share() const noexcept
{
    return !clip_ || clip_->frames == 0 ? 0.0 : static_cast<double>(seen_) / static_cast<double>(clip_->frames);
}

}  // namespace bandmate
