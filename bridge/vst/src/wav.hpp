// WAV files of 32-bit floats, which lie where a musician can drag them from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clip.hpp"
#include "home.hpp"

namespace bandmate {

// The whole file. `samples` are interleaved.
std::vector<std::uint8_t> wav_bytes(const std::vector<float>& samples, unsigned channels, std::int64_t rate);

// Writes it whole or not at all; false when that cannot be done.
bool write_file(const fs::path& path, const std::vector<std::uint8_t>& data);

// A float WAV as `wav_bytes` makes it; none when the file is missing or another one.
std::shared_ptr<Clip> read_wav(const fs::path& path, const std::string& name);

// The name as a file's, without what file systems refuse.
std::string file_name(const std::string& name);

}  // namespace bandmate
