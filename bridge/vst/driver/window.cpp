#include "window.hpp"

#include <cmath>
#include <iostream>
#include <string>

#include "block.hpp"
#include "levels.hpp"
#include "pack.hpp"
#include "processor.hpp"
#include "window/board.hpp"
#include "window/peaks.hpp"
#include "window/target.hpp"
#include "window/text_field.hpp"
#include "wav.hpp"

namespace bandmate {
namespace {

class Findings {
public:
    void see(const std::string& name, bool good)
    {
        ++count_;
        if (!good)
            wrong_.push_back(name);
    }
    std::string words() const { return Json{{"seen", count_}, {"wrong", wrong_}}.dump(); }

private:
    int count_ = 0;
    Json wrong_ = Json::array();
};

void check_text(Findings& found)
{
    TextField field(16);
    field.set("caf\u00e9 noir");
    field.move(Move::word_left, false);
    found.see("a word to the left", field.cursor() == std::string("caf\u00e9 ").size());
    field.move(Move::left, false);
    field.move(Move::left, false);
    found.see("a character of two bytes is one step", field.cursor() == 3);
    field.erase(Move::right);
    found.see("and is erased whole", field.text() == "caf noir");
    field.place(4, false);
    field.move(Move::end, true);
    found.see("a selection", field.selected() == "noir");
    field.insert("a\nb\xff");
    found.see("one line of UTF-8", field.text() == "caf a b");
    field.select_all();
    field.insert(std::string(15, 'x') + "\u20ac");
    found.see("cut between characters", field.text() == std::string(15, 'x'));
    field.place(99, false);
    field.erase(Move::word_left);
    found.see("emptied", field.text().empty() && field.cursor() == 0);
    field.erase(Move::left);
    found.see("nothing to erase", field.text().empty());
}

bool inside(const Rect& rect, double width, double height)
{
    const bool nothing = rect.width <= 0.0 || rect.height <= 0.0;
    return nothing || (rect.x >= 0.0 && rect.y >= 0.0 && rect.x + rect.width <= width && rect.y + rect.height <= height);
}

void check_layout(Findings& found)
{
    for (const double width : {1.0, 90.0, 320.0, 560.0, 1600.0})
        for (const double height : {1.0, 90.0, 240.0, 440.0, 900.0}) {
            const Layout layout = arrange(width, height, {5, 12, 8});
            bool good = inside(layout.prompt, width, height) && inside(layout.meter, width, height)
                && inside(layout.sentence, width, height) && inside(layout.swap, width, height);
            for (const Rect& each : layout.takes)
                good = good && inside(each, width, height);
            for (const StemRow& row : layout.stems)
                good = good && inside(row.wave, width, height) && inside(row.level, width, height);
            found.see("all lies inside of " + std::to_string(width) + " x " + std::to_string(height), good);
        }
    const Layout usual = arrange(usual_width, usual_height, {5, 12, 8});
    found.see("eight stems have room", usual.stems.size() == 8 && usual.stems[7].solo.width > 0.0);
    found.see("one take is no choice", arrange(usual_width, usual_height, {5, 1, 8}).takes.empty());
    const Rect& mute = usual.stems[3].mute;
    found.see("under the pointer", target_at(usual, mute.x + 1, mute.y + 1) == Target{Target::What::mute, 3});
    found.see("nothing under the pointer", target_at(usual, 1, 1) == Target{});
    for (const float level : {0.0F, 0.25F, 1.0F, most_level})
        found.see("a level comes back", std::abs(level_at(place_of(level)) - level) < 1e-6F);
}

void check_peaks(Findings& found)
{
    const auto clip = std::make_shared<Clip>("Half", 1, 4096, 48'000);
    std::vector<float> samples(2048, 0.25F);
    samples[2040] = -0.5F;
    clip->fill(0, reinterpret_cast<const std::uint8_t*>(samples.data()), samples.size() * sizeof(float));
    Peaks peaks;
    found.see("news", peaks.follow(clip, 1024) && peaks.share() == 0.25);
    found.see("more news", peaks.follow(clip, 4096) && peaks.share() == 0.5);
    found.see("no news", !peaks.follow(clip, 4096));
    found.see("levels", peaks.at(0) == 0.25F && peaks.at(255) == 0.5F && peaks.at(256) == 0.0F);
    found.see("another clip", peaks.follow(nullptr, 4096) && peaks.share() == 0.0 && peaks.at(0) == 0.0F);
}

// A user at the window of an instance with two takes of three stems.
struct User {
    Board& board;

    Layout layout() const { return board.layout(usual_width, usual_height); }
    void press(Target::What what, std::size_t index, double x = 0.0)
    {
        board.press({what, index}, layout(), x, 0.0);
        board.look();
    }
};

// A stem, or all, pulled away from where it was pressed.
void check_pulls(Findings& found, const std::filesystem::path& folder)
{
    const auto plugin = make_processor();
    plugin->activate(44'100.0);
    plugin->set_state(steady_song(folder));
    Board board(plugin->desk());
    User user{board};
    user.press(Target::What::wave, 1);
    found.see("a click pulls nothing", board.pull(2.0, 2.0).empty());
    const std::vector<std::string> one = board.pull(9.0, 0.0);
    found.see("a stem", one.size() == 1 && board.pull(20.0, 0.0).empty());
    user.press(Target::What::all, 0);
    const std::vector<std::string> all = board.pull(0.0, 9.0);
    found.see("all stems", all.size() == 3 && one.size() == 1 && all[1] == one[0]);
    const auto clip = all.empty() ? nullptr : read_wav(fs::u8path(all[0]), "Dragged");
    found.see("at the song's rate", clip && clip->sample_rate == 44'100 && clip->frames == 88'200);
    found.see("its place in the name", !all.empty() && all[0].find("Noise frame 0 newer-0 44100 Hz.wav") != std::string::npos);
    user.press(Target::What::solo, 0);
    found.see("a knob pulls nothing", board.pull(99.0, 99.0).empty());
}

void check_clicks(Findings& found, const std::filesystem::path& folder)
{
    using What = Target::What;
    const auto plugin = make_processor();
    plugin->set_state(steady_song(folder));
    Board board(plugin->desk());
    User user{board};
    const DeskView& view = board.view();
    found.see("can be drawn at once", view.stems.size() == 3 && board.peaks().size() == 3);
    found.see("the newest first", view.takes.size() == 2 && view.takes[0].job == "newer" && view.shown == "newer");
    found.see("the song's place in a stem", view.playhead(view.stems[0]) == 0.0);
    Block block(64);
    block.run(*plugin, at(48'000, true));
    board.look();
    found.see("and on", std::abs(view.playhead(view.stems[0]) - 0.5) < 1e-9);
    user.press(What::swap, 0);
    found.see("A/B", view.shown == "older");
    user.press(What::swap, 0);
    found.see("and back", view.shown == "newer");
    user.press(What::take, 1);
    found.see("a take", view.shown == "older");
    user.press(What::solo, 2);
    user.press(What::mute, 0);
    const Rect slider = user.layout().stems[1].level;
    user.press(What::level, 1, slider.x + slider.width * 2);
    board.drag(user.layout(), slider.x - 5);
    board.release();
    board.drag(user.layout(), slider.x + slider.width);
    board.look();
    found.see("mixes", view.stems[2].mix.solo && view.stems[0].mix.mute && view.stems[1].mix.level == 0.0F);
    user.press(What::task, 2);
    board.prompt.set("slow");
    board.keep();
    user.press(What::solo, 99);
    user.press(What::take, 99);
    const auto again = make_processor();
    again->set_state(plugin->state());
    Board second(again->desk());
    found.see("in the state", second.prompt.text() == "slow" && second.sheet.task == 2 && second.view().shown == "older"
                                  && second.view().stems[2].mix.solo);
}

}  // namespace

int check_window(const std::filesystem::path& folder)
{
    Findings found;
    check_text(found);
    check_layout(found);
    check_peaks(found);
    check_clicks(found, folder);
    check_pulls(found, folder);
    std::cout << found.words() << "\n";
    return 0;
}

}  // namespace bandmate
