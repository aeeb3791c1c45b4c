// Reads and writes the golden frames of protocol/vectors.
#pragma once

#include <filesystem>

namespace bandmate {

// Prints a JSON map: `wrong`, what was not read or written as it should be; `refused`, the invalid that were.
int check_vectors(const std::filesystem::path& folder);

}  // namespace bandmate
