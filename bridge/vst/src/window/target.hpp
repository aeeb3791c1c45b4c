// What lies under the pointer.
#pragma once

#include <cstddef>

#include "layout.hpp"

namespace bandmate {

struct Target {
    enum class What { nothing, prompt, task, start, cancel, swap, take, all, reveal, solo, mute, level, wave };

    What what = What::nothing;
    // Which of its kind.
    std::size_t index = 0;

    bool operator==(const Target& other) const noexcept { return what == other.what && index == other.index; }
};

Target target_at(const Layout& layout, double x, double y);

// The factor of a level's slider at a place from 0 to 1, and back: finer where it is quiet, and 1 is easy to hit.
float level_at(double place) noexcept;
double place_of(float level) noexcept;

}  // namespace bandmate
