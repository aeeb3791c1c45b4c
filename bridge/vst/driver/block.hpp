// What a host gives with each block.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "processor.hpp"

namespace bandmate {

struct Block {
    explicit Block(std::uint32_t count) : frames(count), samples(18 * std::size_t{count})
    {
        for (std::size_t i = 0; i < inputs.size(); ++i)
            inputs[i] = samples.data() + i * frames;
        for (std::size_t i = 0; i < outputs.size(); ++i)
            outputs[i] = samples.data() + (2 + i) * frames;
    }
    void run(Processor& plugin, const HostTime& time) { plugin.run(inputs.data(), outputs.data(), frames, time); }

    std::uint32_t frames;
    std::vector<float> samples;
    std::array<const float*, 2> inputs{};
    std::array<float*, 2 * std::size_t{output_pairs}> outputs{};
};

inline HostTime at(std::int64_t frame, bool playing)
{
    HostTime time;
    time.playing = playing;
    time.frame = frame;
    time.bpm = 93.0;
    return time;
}

}  // namespace bandmate
