// A finished stem at another rate, for a song that is opened at another one than it was made at.
#pragma once

#include <memory>

#include "clip.hpp"

namespace bandmate {

std::shared_ptr<Clip> resampled(const Clip& clip, std::int64_t rate);

}  // namespace bandmate
