// A saved song with stems that lie on the disk.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace bandmate {

// One take of `count` stereo stems of so many frames at 48 kHz, from frame 0 on; `sample` gives the next of a stem.
std::string song_of(const std::filesystem::path& folder, const std::string& job, int count, long frames,
                    const std::function<float(int)>& sample);
// `count` stereo stems of so many frames at 48 kHz, from frame 0 on.
std::string song_of_noise(const std::filesystem::path& folder, int count, long frames);

}  // namespace bandmate
