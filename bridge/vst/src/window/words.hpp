// What the window says.
#pragma once

#include <string>
#include <vector>

#include "../desk.hpp"

namespace bandmate {

// The tasks as they stand in the window, in the order of the triggers in parameters.hpp.
extern const std::vector<const char*> task_titles;

// The song's time, as a musician reads it: tempo, metre, bar and what is captured.
std::string time_words(const DeskView& view);
// What a take is, on its button: its task and its bar.
std::string take_words(const TakeView& take);
// A stem's level in decibels.
std::string level_words(float level);
// How the job is, with the time that is left.
std::string standing_words(const Standing& standing);

}  // namespace bandmate
