// Plays a song as hosts do that loop and jump, and compares every frame with what lies on the disk.
#pragma once

#include <filesystem>

namespace bandmate {

// Prints a JSON map: how many frames were `heard`, how many of them `wrong`, and `resampling_db`, how far below a sine
// wave the error lies that a change of its rate leaves.
int check_jumps(const std::filesystem::path& folder);

}  // namespace bandmate
