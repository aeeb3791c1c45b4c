// What a song keeps of the window, as state.
#pragma once

#include <array>

#include "desk.hpp"
#include "pack.hpp"
#include "parameters.hpp"

namespace bandmate {

// What the server calls the tasks of the triggers in parameters.hpp, but for `cancel`.
constexpr std::array<const char*, trigger_count - 1> task_names{"generate", "cover", "repaint", "accompany",
                                                               "separate"};

Json saved_sheet(const Sheet& sheet);
// What an older song does not say stays as it is for a new one. Throws BadFrame for what is no state.
Sheet loaded_sheet(const Json& saved);

}  // namespace bandmate
