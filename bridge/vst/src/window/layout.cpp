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

}  // namespace

double kept_scale(double asked) noexcept
{
    return asked >= 1.0 ? std::min(asked, 3.0) : 1.0;
}

Layout arrange(double width, double height, std::size_t tasks, std::size_t stems)
{
    Layout found;
    Rows rows(width, height);
    const Rect head = rows.take(line);
    found.title = {head.x, head.y, head.width * 0.3, head.height};
    found.time = {head.x + head.width * 0.3, head.y, head.width * 0.7, head.height};
    found.prompt = rows.take(button);
    found.tasks = columns(rows.take(button), tasks);
    const Rect act = rows.take(button);
    const double one = std::min(button_width, std::max(0.0, (act.width - 2 * gap) / 3));
    found.start = {act.x, act.y, one, act.height};
    found.cancel = {act.x + one + gap, act.y, one, act.height};
    const double used = 2 * (one + gap);
    found.meter = {act.x + used, act.y, std::max(0.0, act.width - used), act.height};
    found.sentence = rows.take(sentence_lines * line);
    if (stems == 0)
        return found;
    const double each = std::clamp(rows.left() / static_cast<double>(stems), least_stem, most_stem);
    for (std::size_t i = 0; i < stems && rows.left() >= least_stem; ++i)
        found.stems.push_back(rows.take(each - gap / 2, gap / 2));
    return found;
}

}  // namespace bandmate
