#include "transport.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bandmate {
namespace {

std::int64_t bits(double value)
{
    std::int64_t word;
    std::memcpy(&word, &value, sizeof word);
    return word;
}

double value_of(std::int64_t word)
{
    double value;
    std::memcpy(&value, &word, sizeof value);
    return value;
}

constexpr double ticks_per_beat = 1920.0;
constexpr double most_ticks_off = 2.0;

// The protocol's rounding of a boundary.
std::int64_t boundary(double position)
{
    return static_cast<std::int64_t>(std::floor(position + 0.501));
}

}  // namespace

void Transport::write(const HostTime& time) noexcept
{
    const std::array<std::int64_t, 8> words{time.playing,     time.frame, bits(time.bpm),  time.numerator,
                                            time.denominator, time.bar,   bits(time.beat), time.looping};
    sequence_.fetch_add(1, std::memory_order_acq_rel);
    for (std::size_t i = 0; i < words.size(); ++i)
        words_[i].store(words[i], std::memory_order_release);
    sequence_.fetch_add(1, std::memory_order_release);
}

HostTime Transport::read() const noexcept
{
    std::array<std::int64_t, 8> words;
    for (;;) {
        const std::uint32_t before = sequence_.load(std::memory_order_acquire);
        for (std::size_t i = 0; i < words.size(); ++i)
            words[i] = words_[i].load(std::memory_order_acquire);
        if (before % 2 == 0 && sequence_.load(std::memory_order_acquire) == before)
            break;
    }
    HostTime time;
    time.playing = words[0] != 0;
    time.frame = words[1];
    time.bpm = value_of(words[2]);
    time.numerator = static_cast<std::int32_t>(words[3]);
    time.denominator = static_cast<std::int32_t>(words[4]);
    time.bar = static_cast<std::int32_t>(words[5]);
    time.beat = value_of(words[6]);
    time.looping = words[7] != 0;
    return time;
}

double frames_per_bar(const HostTime& time, double sample_rate) noexcept
{
    return sample_rate * 60.0 / time.bpm * 4.0 * time.numerator / time.denominator;
}

double bar_start(const HostTime& time, double sample_rate) noexcept
{
    return static_cast<double>(time.frame) - time.beat * frames_per_bar(time, sample_rate) / time.numerator;
}

HostTime on_the_grid(HostTime time, double sample_rate) noexcept
{
    const double bar = frames_per_bar(time, sample_rate);
    const double beat = bar / time.numerator;
    const double counted = std::round(bar_start(time, sample_rate) / bar) * bar;
    if (std::abs(counted - bar_start(time, sample_rate)) <= most_ticks_off * beat / ticks_per_beat)
        time.beat = (static_cast<double>(time.frame) - counted) / beat;
    return time;
}

Range bars_ahead(const HostTime& time, double sample_rate, std::int32_t bars)
{
    const double bar = frames_per_bar(time, sample_rate);
    double line = bar_start(time, sample_rate);
    std::int32_t count = time.bar;
    // A playhead just before the line, as rounding has it, means the bar that comes; none begins before the song.
    while (line < -0.5 || static_cast<double>(time.frame) - line > bar - 1.0) {
        line += bar;
        ++count;
    }
    return {std::max<std::int64_t>(boundary(line), 0), boundary(line + bars * bar), line, count};
}

Range bars_within(const HostTime& time, double sample_rate, std::int32_t bars, std::int64_t begin, std::int64_t end)
{
    const double bar = frames_per_bar(time, sample_rate);
    const double now = bar_start(time, sample_rate);
    const double last = std::floor((static_cast<double>(end) - now) / bar + 1e-6);
    const double first = std::max(last - bars, std::ceil((static_cast<double>(begin) - now) / bar - 1e-6));
    if (first >= last)
        return {};
    const double line = now + first * bar;
    return {std::max(boundary(line), begin), std::min(boundary(now + last * bar), end), line,
            time.bar + static_cast<std::int32_t>(first)};
}

Json timeline(const Range& range, const HostTime& time, double sample_rate)
{
    const double beat = frames_per_bar(time, sample_rate) / time.numerator;
    const auto start = static_cast<double>(range.start);
    return {
        {"sample_rate", static_cast<std::int64_t>(sample_rate)},
        {"start_frame", range.start},
        {"end_frame", range.end},
        {"tempo",
         {{{"position", std::min(range.line, start)},
           {"bpm", time.bpm},
           {"numerator", time.numerator},
           {"denominator", time.denominator}}}},
        {"bar", range.bar},
        {"beat", (start - range.line) / beat},
    };
}

}  // namespace bandmate
