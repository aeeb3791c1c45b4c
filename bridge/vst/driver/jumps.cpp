#include "jumps.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <random>
#include <thread>

#include "block.hpp"
#include "pack.hpp"
#include "parameters.hpp"
#include "resample.hpp"
#include "song.hpp"
#include "song_of_noise.hpp"

namespace bandmate {
namespace {

constexpr long song_frames = 96'000;
constexpr unsigned stem_count = 3;
// The newer take covers the middle of the older one.
constexpr std::int64_t newer_begin = 30'001;
constexpr std::int64_t newer_frames = 40'000;

struct Count {
    std::int64_t heard = 0;
    std::int64_t wrong = 0;
};

// Two takes over each other, as a state.
std::string two_takes(const std::filesystem::path& folder)
{
    std::filesystem::create_directories(folder / "newer");
    Json song = Json::parse(song_of_noise(folder, stem_count, song_frames));
    Json newer = Json::parse(song_of_noise(folder / "newer", stem_count, newer_frames))["takes"][0];
    newer["job"] = "noise001";
    newer["begin"] = newer_begin;
    newer["end"] = newer_begin + newer_frames;
    for (Json& stem : newer["stems"])
        stem["start_frame"] = newer_begin;
    song["takes"].push_back(newer);
    return song.dump();
}

std::int64_t scaled(std::int64_t frame, std::int64_t rate)
{
    return (frame * rate + 24'000) / 48'000;
}

// What each of the stems' outputs should sound like from the song's start on: interleaved stereo, and silence after it.
std::vector<std::vector<float>> wanted(const std::string& state, std::int64_t rate)
{
    Song song;
    song.load(Json::parse(state)["takes"]);
    std::vector<std::vector<float>> sound(stem_count, std::vector<float>(static_cast<std::size_t>(6 * song_frames * rate / 48'000)));
    for (const Take& take : song.takes)
        for (const auto& [number, stem] : take.stems) {
            const auto clip = stem.sample_rate == rate ? stem.clip : resampled(*stem.clip, rate);
            auto& there = sound[static_cast<std::size_t>(number)];
            const auto start = static_cast<std::ptrdiff_t>(2 * scaled(stem.start_frame, rate));
            std::copy(clip->samples().begin(), clip->samples().end(), there.begin() + start);
        }
    return sound;
}

// The host's place at each block: it plays on, jumps anywhere, stops, and goes round in a loop.
class Playhead {
public:
    Playhead(std::int64_t end, std::uint32_t block) : end_(end), block_(block) {}

    HostTime next()
    {
        ++count_;
        if (count_ % 17 == 0)
            frame_ = static_cast<std::int64_t>(chance_() % static_cast<unsigned long>(end_));
        const bool in_loop = count_ % 400 < 200;
        if (in_loop && frame_ >= end_ / 3)
            frame_ = end_ / 5;
        const bool playing = count_ % 60 < 50;
        const HostTime time = at(frame_, playing);
        if (playing)
            frame_ = (frame_ + block_) % end_;
        return time;
    }

private:
    std::int64_t end_;
    std::uint32_t block_;
    std::int64_t frame_ = 0;
    int count_ = 0;
    std::minstd_rand chance_{7};
};

void play(Processor& plugin, std::uint32_t frames, const std::vector<std::vector<float>>& sound, Count& count)
{
    Block block(frames);
    const auto length = static_cast<std::int64_t>(sound[0].size() / 2);
    Playhead playhead(length - frames, frames);
    for (int i = 0; i < 800; ++i) {
        const HostTime time = playhead.next();
        block.run(plugin, time);
        // What is heard while it stands still is the end of a fade.
        for (std::size_t channel = 0; time.playing && channel < 2 * sound.size(); ++channel) {
            const auto& there = sound[channel / 2];
            for (std::size_t frame = 0; frame < frames; ++frame) {
                const auto place = 2 * (static_cast<std::size_t>(time.frame) + frame) + channel % 2;
                ++count.heard;
                count.wrong += block.outputs[channel][frame] != there[place] ? 1 : 0;
            }
        }
    }
}

// A sine wave at another rate, against the same wave made at that rate.
double resampling_db()
{
    constexpr double turn = 6.283185307179586;
    double worst = 0.0;
    for (const std::int64_t rate : {44'100, 88'200, 96'000, 192'000}) {
        for (const double hertz : {50.0, 1'000.0, 10'000.0}) {
            std::vector<float> wave(48'000);
            for (std::size_t i = 0; i < wave.size(); ++i)
                wave[i] = static_cast<float>(std::sin(turn * hertz * static_cast<double>(i) / 48'000.0));
            Clip clip("Sine", 1, static_cast<std::int64_t>(wave.size()), 48'000);
            clip.fill(0, reinterpret_cast<const std::uint8_t*>(wave.data()), wave.size() * sizeof(float));
            const auto other = resampled(clip, rate);
            // Not its edges, beyond which there is nothing.
            for (std::int64_t i = 100; i < other->frames - 100; ++i) {
                const double right = std::sin(turn * hertz * static_cast<double>(i) / static_cast<double>(rate));
                worst = std::max(worst, std::abs(static_cast<double>(other->at(i, 0)) - right));
            }
        }
    }
    return 20.0 * std::log10(worst);
}

}  // namespace

int check_jumps(const std::filesystem::path& folder)
{
    const std::string state = two_takes(folder);
    Count count;
    for (const std::int64_t rate : {44'100, 48'000, 96'000}) {
        const auto sound = wanted(state, rate);
        const auto plugin = make_processor();
        plugin->set_parameter(outputs, 1.0F);
        plugin->activate(static_cast<double>(rate));
        plugin->set_state(state);
        // The connection's thread takes note of the outputs.
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        for (const std::uint32_t frames : {1U, 64U, 333U, 2048U})
            play(*plugin, frames, sound, count);
    }
    std::cout << Json{{"heard", count.heard}, {"wrong", count.wrong}, {"resampling_db", resampling_db()}}.dump() << "\n";
    return 0;
}

}  // namespace bandmate
