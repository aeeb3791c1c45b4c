// What a plugin format needs of an instance, and nothing of how it is done.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace bandmate {

constexpr unsigned output_pairs = 8;

struct HostTime {
    bool playing = false;
    // Round and round, where the host says so; LV2 has no word for it.
    bool looping = false;
    std::int64_t frame = 0;
    double bpm = 120.0;  // quarter notes
    std::int32_t numerator = 4;
    std::int32_t denominator = 4;
    std::int32_t bar = 1;
    // Beats of the denominator since that bar began.
    double beat = 0.0;
};

double frames_per_bar(const HostTime& time, double sample_rate) noexcept;

class Desk;

class Processor {
public:
    virtual ~Processor() = default;

    // The host starts and stops processing. Only now is there a connection; a scan makes none.
    virtual void activate(double sample_rate) = 0;
    virtual void deactivate() = 0;

    // One block: two inputs, eight pairs of outputs. An output that the host did not connect is null, or the
    // same for both sides; what belongs there sounds on the first pair. For the audio thread.
    virtual void run(const float* const* inputs, float* const* outputs, std::uint32_t frames,
                     const HostTime& time) noexcept = 0;

    // For any thread.
    virtual float parameter(unsigned index) const noexcept = 0;
    virtual void set_parameter(unsigned index, float value) noexcept = 0;

    // What a song keeps of this instance. For the host's main thread.
    virtual std::string state() = 0;
    virtual void set_state(const std::string& text) = 0;

    // What a window works with; it lives as long as this.
    virtual Desk& desk() noexcept = 0;
};

std::unique_ptr<Processor> make_processor();

}  // namespace bandmate
