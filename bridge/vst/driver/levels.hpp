// Solo, mute, level and the choice of a take: what is heard, and that no change clicks.
#pragma once

#include <filesystem>
#include <string>

#include "desk.hpp"

namespace bandmate {

// Two takes over each other, as a state: three stems of one steady level each, 0.1, 0.2 and 0.3, and in the newer take
// the same below zero.
std::string steady_song(const std::filesystem::path& folder);

// Prints how often the sound was not the one that was asked for, and the greatest step between two frames.
int check_levels(const std::filesystem::path& folder);

// What the window and its user do, the round'th time: look at everything, turn stems on and off, change the take.
void use_window(Desk& desk, int round);

}  // namespace bandmate
