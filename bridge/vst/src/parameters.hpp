// The parameters, in the order that every host sees; new ones go to the end, so that automation stays what it was.
#pragma once

#include <array>

namespace bandmate {

enum Parameter : unsigned {
    // Triggers: each acts when its value goes from off to on.
    generate,
    cover,
    repaint,
    accompany,
    separate,
    cancel,
    // Controls.
    bars,
    strength,
    seed,
    slot,
    mix,
    audition,
    outputs,
    // Read-only.
    status,
    progress,
    late,
    missing,
    captured,
    parameter_count,
};

enum class Kind { trigger, toggle, number, integer, reading };

struct ParameterInfo {
    const char* name;
    const char* symbol;
    Kind kind;
    float least, most, usual;
    const char* unit;
};

constexpr unsigned trigger_count = cancel + 1;
constexpr int most_bars = 32;

inline constexpr std::array<ParameterInfo, parameter_count> parameter_infos{{
    {"Generate", "generate", Kind::trigger, 0, 1, 0, ""},
    {"Cover", "cover", Kind::trigger, 0, 1, 0, ""},
    {"Repaint", "repaint", Kind::trigger, 0, 1, 0, ""},
    {"Accompany", "accompany", Kind::trigger, 0, 1, 0, ""},
    {"Separate", "separate", Kind::trigger, 0, 1, 0, ""},
    {"Cancel", "cancel", Kind::trigger, 0, 1, 0, ""},
    {"Bars", "bars", Kind::integer, 1, most_bars, 8, ""},
    {"Strength", "strength", Kind::number, 0, 1, 0.5F, ""},
    {"Seed", "seed", Kind::integer, 0, 9999, 0, ""},
    {"Slot", "slot", Kind::integer, 0, 64, 1, ""},
    {"Mix", "mix", Kind::number, 0, 1, 0.5F, ""},
    {"Audition", "audition", Kind::toggle, 0, 1, 0, ""},
    {"Separate outputs", "outputs", Kind::toggle, 0, 1, 0, ""},
    {"Status", "status", Kind::reading, 0, 13, 0, ""},
    {"Progress", "progress", Kind::reading, 0, 100, 0, "%"},
    {"Late", "late", Kind::reading, 0, 9999, 0, ""},
    {"Missing", "missing", Kind::reading, 0, 9999, 0, ""},
    {"Captured bars", "captured", Kind::reading, 0, 9999, 0, ""},
}};

// What the numbers of Status mean, as hosts show them; in the order of `Status` in standing.hpp.
inline constexpr std::array<const char*, 14> status_names{
    "Off",  "No server", "Ready",       "Uploading",     "Queued",        "Working",
    "Done", "Failed",    "Wrong token", "Other version", "Not a Bandmate server", "No audio captured",
    "Needs a model", "Downloading a model",
};

}  // namespace bandmate
