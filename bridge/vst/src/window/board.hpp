// What the window shows and what a click does to it, without a toolkit.
#pragma once

#include <string>
#include <vector>

#include "../desk.hpp"
#include "layout.hpp"
#include "peaks.hpp"
#include "target.hpp"
#include "text_field.hpp"

namespace bandmate {

// Below the 10 000 characters that the server takes, whatever the script.
constexpr std::size_t most_prompt_bytes = 4096;

class Board {
public:
    explicit Board(Desk& desk);

    // Takes over how things stand; whether a picture of them is another one than before.
    bool look();
    // In points.
    Layout layout(double width, double height) const;

    // Acts on what lies there. A level follows the pointer until `release`.
    void press(const Target& target, const Layout& layout, double x, double y);
    // Whether that changed anything.
    bool drag(const Layout& layout, double x);
    void release();
    // Files to be dragged on, once the pointer pulled a stem, or all, away from where it was pressed; else none.
    std::vector<std::string> pull(double x, double y);
    // Starts the chosen task.
    void start();
    // Into the song, after a change of the sheet or the prompt.
    void keep();

    std::string folder() const { return desk_.folder(); }
    const DeskView& view() const noexcept { return view_; }
    const std::vector<Peaks>& peaks() const noexcept { return peaks_; }

    // What the window itself has to say, until the next press.
    std::string note;
    Sheet sheet;
    TextField prompt{most_prompt_bytes};

private:
    void set_mix(std::size_t stem, const StemMix& mix);
    void choose(const std::string& job);
    std::string other() const;

    Desk& desk_;
    DeskView view_;
    std::vector<Peaks> peaks_;
    // The take that was shown before this one.
    std::string before_;
    // A level that the pointer holds, or stems, and where it was pressed.
    Target held_;
    double held_x_ = 0.0, held_y_ = 0.0;
};

}  // namespace bandmate
