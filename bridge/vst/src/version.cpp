#include "version.hpp"

namespace bandmate {

// In a file of their own, so that the mark stands in the plugin letter for letter.
const char* const version_text = BANDMATE_VERSION;
const char* const version_mark = "bandmate-version=" BANDMATE_VERSION ";";

}  // namespace bandmate
