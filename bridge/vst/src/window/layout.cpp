#include "layout.hpp"

#include <algorithm>

namespace bandmate {
namespace {

constexpr double margin = 12.0;
constexpr double gap = 6.0;
constexpr double line = 20.0;
constexpr double button = 26.0;
constexpr double button_width = 96.0;
constexpr double sentence_lines = 3.0;
constexpr double least_stem = 18.0;
constexpr double most_stem = 56.0;
constexpr double knob_width = 22.0;
constexpr double level_width = 70.0;
constexpr double swap_width = 40.0;
constexpr double take_width = 118.0;
constexpr double side_width = 70.0;

// Takes rows off the top of what is left.
class Rows {
public:
    Rows(double width, double height)
        : width_(std::max(0.0, width - 2 * margin)), left_(std::max(0.0, height - 2 * margin))
    {
    }

    Rect take(double height, double below = gap)
    {
        const double given = std::min(height, left_);
        const Rect row{margin, y_, width_, given};
        const double used = std::min(height + below, left_);
        y_ += used;
        left_ -= used;
        return row;
    }
    double left() const { return left_; }

private:
    double width_, left_, y_ = margin;
};

std::vector<Rect> columns(const Rect& row, std::size_t count)
{
    std::vector<Rect> found;
    const double each = count == 0 ? 0.0 : row.width / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i)
        found.push_back({row.x + each * static_cast<double>(i), row.y, std::max(0.0, each - gap), row.height});
    return found;
}

// From the left on, each of one width, as many as have room.
std::vector<Rect> chips(const Rect& row, double each, std::size_t count)
{
    std::vector<Rect> found;
    for (double x = row.x; found.size() < count && x + each <= row.x + row.width; x += each + gap)
        found.push_back({x, row.y, each, row.height});
    return found;
}

void take_row(Rect row, std::size_t takes, Layout& found)
{
    const double right = std::min(row.width, 2 * (side_width + gap));
    row.width -= right;
    found.all = {row.x + row.width + gap, row.y, std::max(0.0, right / 2 - gap), row.height};
    found.reveal = {row.x + row.width + right / 2 + gap, row.y, std::max(0.0, right / 2 - gap), row.height};
    // One take leaves nothing to choose.
    if (takes < 2)
        return;
    found.swap = {row.x, row.y, std::min(swap_width, row.width), row.height};
    row.x += swap_width + gap;
    row.width -= swap_width + gap;
    found.takes = chips(row, take_width, takes);
}

StemRow stem_row(const Rect& row)
{
    const double side = std::min(row.height, knob_width);
    const double y = row.y + (row.height - side) / 2;
    StemRow found;
    found.solo = {row.x, y, knob_width, side};
    found.mute = {row.x + knob_width + gap / 2, y, knob_width, side};
    found.level = {row.x + 2 * knob_width + gap + gap / 2, y, level_width, side};
    const double used = std::min(row.width, found.level.x + level_width + gap - row.x);
    found.wave = {row.x + used, row.y, row.width - used, row.height};
    // Where there is no room for all of it, the waveform is what counts.
    return found.wave.width >= level_width ? found : StemRow{{}, {}, {}, row};
}

}  // namespace

double kept_scale(double asked) noexcept
{
    return asked >= 1.0 ? std::min(asked, 3.0) : 1.0;
}

Layout arrange(double width, double height, const Counts& counts)
{
    Layout found;
    Rows rows(width, height);
    const Rect head = rows.take(line);
    found.title = {head.x, head.y, head.width * 0.3, head.height};
    found.time = {head.x + head.width * 0.3, head.y, head.width * 0.7, head.height};
    found.prompt = rows.take(button);
    found.tasks = columns(rows.take(button), counts.tasks);
    const Rect act = rows.take(button);
    const double one = std::min(button_width, std::max(0.0, (act.width - 2 * gap) / 3));
    found.start = {act.x, act.y, one, act.height};
    found.cancel = {act.x + one + gap, act.y, one, act.height};
    const double used = 2 * (one + gap);
    found.meter = {act.x + used, act.y, std::max(0.0, act.width - used), act.height};
    found.sentence = rows.take(sentence_lines * line);
    if (counts.takes > 0)
        take_row(rows.take(button), counts.takes, found);
    if (counts.stems == 0)
        return found;
    const double each = std::clamp(rows.left() / static_cast<double>(counts.stems), least_stem, most_stem);
    for (std::size_t i = 0; i < counts.stems && rows.left() >= least_stem; ++i)
        found.stems.push_back(stem_row(rows.take(each - gap / 2, gap / 2)));
    return found;
}

}  // namespace bandmate
