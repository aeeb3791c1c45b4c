// A saved song with stems that lie on the disk, made of noise.
#pragma once

#include <filesystem>
#include <string>

namespace bandmate {

// `count` stereo stems of so many frames at 48 kHz, from frame 0 on.
std::string song_of_noise(const std::filesystem::path& folder, int count, long frames);

}  // namespace bandmate
