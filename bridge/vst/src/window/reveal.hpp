// Shows a folder in the desktop's file manager.
#pragma once

#include <string>

namespace bandmate {

// False where there is nothing that opens folders.
bool open_folder(const std::string& path);

}  // namespace bandmate
