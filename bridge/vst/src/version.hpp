// The version of Bandmate that the plugin belongs to; the build sets it.
#pragma once

namespace bandmate {

extern const char* const version_text;
// What `bandmate doctor vst` looks for in the file.
extern const char* const version_mark;

}  // namespace bandmate
