#include "words.hpp"

#include <cctype>
#include <cmath>
#include <cstdio>

#include "../parameters.hpp"

namespace bandmate {

const std::vector<const char*> task_titles{"Generate", "Cover", "Repaint", "Accompany", "Separate"};

std::string time_words(const DeskView& view)
{
    char words[160];
    std::snprintf(words, sizeof words, "%.4g bpm   %d/%d   bar %d   %s   %lld bars captured", view.time.bpm,
                  static_cast<int>(view.time.numerator), static_cast<int>(view.time.denominator),
                  static_cast<int>(view.time.bar), view.time.playing ? "playing" : "stopped",
                  static_cast<long long>(view.captured_bars));
    return words;
}

std::string level_words(float level)
{
    char words[32];
    const double decibels = 20.0 * std::log10(static_cast<double>(level));
    std::snprintf(words, sizeof words, "%+.1f dB", decibels);
    if (level <= 0.0F)
        return "silent";
    return std::abs(decibels) < 0.05 ? "0 dB" : words;
}

std::string standing_words(const Standing& standing)
{
    std::string words = status_names[static_cast<std::size_t>(standing.status)];
    const bool moving = standing.status == Status::working || standing.status == Status::fetching_model;
    char number[64];
    if (moving && standing.progress > 0.0F) {
        std::snprintf(number, sizeof number, "  %.0f %%", static_cast<double>(standing.progress));
        words += number;
    }
    if (moving && standing.seconds_left >= 0.0) {
        std::snprintf(number, sizeof number, "  %.0f s left", std::ceil(standing.seconds_left));
        words += number;
    }
    return words;
}

std::string take_words(const TakeView& take)
{
    std::string words = take.task.empty() ? "Take" : take.task;
    words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(words[0])));
    return take.bar > 0 ? words + ", bar " + std::to_string(take.bar) : words;
}

}  // namespace bandmate
