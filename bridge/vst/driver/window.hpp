// The window without its toolkit: text, layout, waveforms, and clicks on what is laid out.
#pragma once

#include <filesystem>

namespace bandmate {

// Prints what is not as it should be, by name, and how much was looked at.
int check_window(const std::filesystem::path& folder);

}  // namespace bandmate
