#include "levels.hpp"

#include <cmath>
#include <functional>
#include <iostream>
#include <vector>

#include "block.hpp"
#include "pack.hpp"
#include "song_of_noise.hpp"
#include "window/peaks.hpp"

namespace bandmate {
namespace {

constexpr long song_frames = 96'000;
constexpr int stem_count = 3;
// A change is over after so many frames.
constexpr int settling = 1024;

class Listener {
public:
    explicit Listener(Processor& plugin) : plugin_(plugin) {}

    // Plays on from where it was, and takes note of what is heard at the end.
    void play(int frames)
    {
        for (int done = 0; done < frames; done += static_cast<int>(block_.frames)) {
            block_.run(plugin_, at(frame_, true));
            frame_ += block_.frames;
            for (std::uint32_t i = 0; i < block_.frames; ++i) {
                const float now = block_.outputs[0][i];
                if (heard_any_)
                    step_ = std::max(step_, std::abs(now - last_));
                heard_any_ = true;
                last_ = now;
            }
        }
    }
    void expect(double wanted)
    {
        play(settling);
        wrong_ += std::abs(static_cast<double>(last_) - wanted) > 1e-5 ? 1 : 0;
    }
    int wrong() const { return wrong_; }
    float step() const { return step_; }

private:
    Processor& plugin_;
    Block block_{64};
    std::int64_t frame_ = 0;
    bool heard_any_ = false;
    float last_ = 0.0F, step_ = 0.0F;
    int wrong_ = 0;
};

}  // namespace

std::string steady_song(const std::filesystem::path& folder)
{
    const auto level = [](int stem) { return 0.1F * static_cast<float>(stem + 1); };
    Json song = Json::parse(song_of(folder, "older", stem_count, song_frames, level));
    const Json newer = Json::parse(song_of(folder, "newer", stem_count, song_frames, [&](int i) { return -level(i); }));
    song["takes"].push_back(newer["takes"][0]);
    return song.dump();
}

int check_levels(const std::filesystem::path& folder)
{
    const auto plugin = make_processor();
    plugin->activate(48'000.0);
    plugin->set_state(steady_song(folder));
    Desk& desk = plugin->desk();
    Listener listener(*plugin);
    listener.expect(-0.6);
    desk.set_mix("newer", 0, {false, true, 1.0F});
    listener.expect(-0.5);
    desk.set_mix("newer", 2, {true, false, 1.0F});
    listener.expect(-0.3);
    desk.set_mix("newer", 2, {true, false, 0.5F});
    listener.expect(-0.15);
    desk.choose("older");
    listener.expect(0.6);
    desk.set_mix("older", 1, {false, false, 2.0F});
    listener.expect(0.8);
    // There and back before the first change is over.
    desk.choose("newer");
    listener.play(128);
    desk.choose("older");
    listener.expect(0.8);
    desk.set_mix("nobody", 0, {true, true, 0.0F});
    desk.set_mix("older", 99, {true, true, 0.0F});
    desk.choose("nobody");
    listener.expect(0.8);
    // What was set is in the state.
    const auto again = make_processor();
    again->activate(48'000.0);
    again->set_state(plugin->state());
    Listener second(*again);
    second.expect(0.8);
    again->desk().choose("newer");
    second.expect(-0.15);
    std::cout << Json{{"wrong", listener.wrong() + second.wrong()}, {"step", std::max(listener.step(), second.step())}}.dump()
              << "\n";
    return 0;
}

void use_window(Desk& desk, int round)
{
    DeskView view;
    desk.look(view);
    for (const StemView& stem : view.stems) {
        Peaks().follow(stem.clip, 1000);
        const bool odd = (round + stem.number) % 2 == 1;
        desk.set_mix(view.shown, stem.number, {odd, round % 3 == 0, odd ? 0.3F : 1.5F});
    }
    if (!view.takes.empty())
        desk.choose(view.takes[static_cast<std::size_t>(round) % view.takes.size()].job);
}

}  // namespace bandmate
