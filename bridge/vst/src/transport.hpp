// What the host says of time, handed from the audio thread to the connection; and ranges of bars from it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "pack.hpp"
#include "processor.hpp"

namespace bandmate {

// One writer, any number of readers, no lock: a sequence number that is odd while it is written.
class Transport {
public:
    // Until the host says more it is the start of a song at 120.
    Transport() { write(HostTime{}); }
    void write(const HostTime& time) noexcept;
    HostTime read() const noexcept;

private:
    std::atomic<std::uint32_t> sequence_{0};
    std::array<std::atomic<std::int64_t>, 8> words_{};
};

// The bar line at or before the playhead, in fractional frames.
double bar_start(const HostTime& time, double sample_rate) noexcept;

// Hosts say the place in a bar in whole ticks, and DPF adds up blocks in single precision: a bar line is up to 20 frames
// off then. Where the song's bars, counted from its start at this tempo and metre, lie within that, they are what is meant.
HostTime on_the_grid(HostTime time, double sample_rate) noexcept;

// A range in whole frames, and where its first bar line lies exactly.
struct Range {
    std::int64_t start = 0;
    std::int64_t end = 0;
    double line = 0.0;
    std::int32_t bar = 1;
};

// `bars` bars from the playhead's bar on.
Range bars_ahead(const HostTime& time, double sample_rate, std::int32_t bars);
// The last whole bars, `bars` at most, between two frames; empty when there is none.
Range bars_within(const HostTime& time, double sample_rate, std::int32_t bars, std::int64_t begin, std::int64_t end);

Json timeline(const Range& range, const HostTime& time, double sample_rate);

}  // namespace bandmate
