// driver vectors FOLDER | jumps FOLDER | levels FOLDER | window FOLDER | trap FOLDER | cost FOLDER | soak FOLDER SECONDS
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <thread>
#include <vector>

#include "block.hpp"
#include "jumps.hpp"
#include "levels.hpp"
#include "parameters.hpp"
#include "processor.hpp"
#include "song_of_noise.hpp"
#include "traps.hpp"
#include "vectors.hpp"
#include "window.hpp"

namespace bandmate {
namespace {

constexpr double rate = 48'000.0;
constexpr long song_frames = 480'000;

// A host's session in short: plays, jumps, loops, stops, auditions, turns every knob and presses every trigger.
void session(Processor& plugin, Block& block, int rounds)
{
    std::int64_t frame = 0;
    for (int i = 0; i < rounds; ++i) {
        if (i % 50 == 49)
            frame = (frame * 7 + 1234) % (2 * song_frames);
        const bool playing = i % 400 < 300;
        const auto knob = static_cast<unsigned>(i) % status;
        const ParameterInfo& info = parameter_infos[knob];
        plugin.set_parameter(knob, i % 3 == 0 ? info.most : info.least);
        plugin.set_parameter(outputs, i % 2 == 0 ? 1.0F : 0.0F);
        block.run(plugin, at(frame, playing));
        if (playing)
            frame += block.frames;
        for (unsigned reading = status; reading < parameter_count; ++reading)
            plugin.parameter(reading);
    }
}

// On a thread that the kernel watches, while this one loads songs.
int trap(const std::string& folder)
{
    const auto plugin = make_processor();
    const std::string song = song_of_noise(folder, 8, song_frames);
    plugin->set_state(song);
    plugin->activate(rate);
    // The traps work: here is one on purpose.
    traps::enter();
    void* volatile memory = std::malloc(16);
    traps::leave();
    std::free(memory);
    const unsigned control = traps::hits();
    std::atomic<int> stage{0};
    bool watched = false;
    std::thread audio([&] {
        Block block(128);
        watched = traps::forbid_system_calls();
        traps::enter();
        stage = 1;
        session(*plugin, block, 20'000);
        traps::leave();
        stage = 2;
        // What ends a thread is a system call too; it waits here until the process ends.
        while (watched)
            ;
    });
    for (int round = 0; stage != 2; ++round) {
        if (round % 4 == 0)
            plugin->set_state(song);
        use_window(plugin->desk(), round);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::cout << "{\"control\": " << control << ", \"hits\": " << traps::hits() - control << ", \"last\": \"" << traps::last()
              << "\", \"system_calls_forbidden\": " << (watched ? "true" : "false") << "}" << std::endl;
    if (watched)
        std::_Exit(0);
    audio.join();
    return 0;
}

int cost(const std::string& folder)
{
    const auto plugin = make_processor();
    plugin->set_state(song_of_noise(folder, 8, song_frames));
    plugin->activate(rate);
    plugin->set_parameter(outputs, 1.0F);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    Block block(128);
    std::vector<double> shares;
    for (int round = 0; round < 9; ++round) {
        timespec before{};
        timespec after{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
        for (std::int64_t frame = 0; frame + block.frames <= song_frames; frame += block.frames)
            block.run(*plugin, at(frame, true));
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
        const double seconds = static_cast<double>(after.tv_sec - before.tv_sec)
            + 1e-9 * static_cast<double>(after.tv_nsec - before.tv_nsec);
        shares.push_back(100.0 * seconds * rate / static_cast<double>(song_frames));
    }
    std::sort(shares.begin(), shares.end());
    std::cout << "{\"percent_of_a_core\": " << shares[shares.size() / 2] << "}" << std::endl;
    return 0;
}

// For the sanitizers: an audio thread and a main thread that do all they can at once, with and without a server.
int soak(const std::string& folder, double seconds)
{
    const auto plugin = make_processor();
    const std::string song = song_of_noise(folder, 3, song_frames / 10);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
        plugin->activate(rate);
        std::atomic<bool> stop{false};
        std::thread audio([&] {
            Block block(64);
            while (!stop)
                session(*plugin, block, 500);
        });
        for (int i = 0; i < 20; ++i) {
            plugin->set_state(song);
            plugin->state();
            use_window(plugin->desk(), i);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        stop = true;
        audio.join();
        plugin->deactivate();
    }
    std::cout << "{\"soaked\": true}" << std::endl;
    return 0;
}

}  // namespace
}  // namespace bandmate

int main(int count, char** words)
{
    const std::string what = count > 2 ? words[1] : "";
    if (what == "vectors")
        return bandmate::check_vectors(words[2]);
    if (what == "jumps")
        return bandmate::check_jumps(words[2]);
    if (what == "levels")
        return bandmate::check_levels(words[2]);
    if (what == "window")
        return bandmate::check_window(words[2]);
    if (what == "trap")
        return bandmate::trap(words[2]);
    if (what == "cost")
        return bandmate::cost(words[2]);
    if (what == "soak" && count > 3)
        return bandmate::soak(words[2], std::atof(words[3]));
    std::cerr << "driver vectors FOLDER | jumps FOLDER | levels FOLDER | window FOLDER | trap FOLDER | cost FOLDER | soak FOLDER SECONDS\n";
    return 2;
}
