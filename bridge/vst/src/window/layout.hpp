// Where things lie in the window, in points from its upper left corner; a point is a pixel at 100 %.
#pragma once

#include <cstddef>
#include <vector>

namespace bandmate {

struct Rect {
    double x = 0.0, y = 0.0, width = 0.0, height = 0.0;

    bool has(double at_x, double at_y) const noexcept
    {
        return at_x >= x && at_x < x + width && at_y >= y && at_y < y + height;
    }
};

struct StemRow {
    Rect solo, mute, level, wave;
};

struct Layout {
    Rect title, time, prompt, start, cancel, meter, sentence;
    std::vector<Rect> tasks;
    // Back to the take before, and the newest takes; as many as have room.
    Rect swap;
    std::vector<Rect> takes;
    // From where all stems are dragged, and what opens their folder.
    Rect all, reveal;
    // One for each stem, as many as have room.
    std::vector<StemRow> stems;
};

// How many of each kind there are to be laid out.
struct Counts {
    std::size_t tasks = 0, takes = 0, stems = 0;
};

constexpr unsigned usual_width = 560;
constexpr unsigned usual_height = 440;
constexpr double text_points = 13.0;

// For a window of any size, one pixel included: what has no room has no area.
Layout arrange(double width, double height, const Counts& counts);

// The scale that a host asks for, kept between 100 and 300 %.
double kept_scale(double asked) noexcept;

}  // namespace bandmate
