// A clip as it is drawn: its greatest level in each of a fixed number of columns, read once as it grows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "clip.hpp"

namespace bandmate {

class Peaks {
public:
    static constexpr std::size_t columns = 512;

    // Looks at the frames that came since the last time, at most `most_frames` of them; another clip than before starts
    // anew. Whether there is something new.
    bool follow(const std::shared_ptr<const Clip>& clip, std::int64_t most_frames);
    // From 0 to 1 for full scale, and 0 for what is not there yet.
    float at(std::size_t column) const noexcept { return levels_[column]; }
    // How much of the clip was looked at.
    double share() const noexcept;

private:
    std::shared_ptr<const Clip> clip_;
    std::int64_t seen_ = 0;
    std::array<float, columns> levels_{};
};

}  // namespace bandmate
