// A take's stems as files for an arrangement: at the song's rate, with the bar in their names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clip.hpp"

namespace bandmate {

struct StemFile {
    // Without the folder.
    std::string name;
    std::shared_ptr<const Clip> clip;
};

// Writes what is not there yet. Their paths; none when one cannot be written.
std::vector<std::string> write_stem_files(const std::vector<StemFile>& files);

}  // namespace bandmate
