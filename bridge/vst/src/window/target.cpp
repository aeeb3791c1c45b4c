#include "target.hpp"

#include <algorithm>
#include <cmath>

#include "../level.hpp"

namespace bandmate {
namespace {

// So near to 1 it is meant to be 1.
constexpr double catching = 0.03;

}  // namespace

Target target_at(const Layout& layout, double x, double y)
{
    using What = Target::What;
    const std::pair<What, const Rect*> single[] = {{What::prompt, &layout.prompt}, {What::start, &layout.start},
                                                   {What::cancel, &layout.cancel}, {What::swap, &layout.swap},
                                                   {What::all, &layout.all},       {What::reveal, &layout.reveal}};
    for (const auto& [what, rect] : single)
        if (rect->has(x, y))
            return {what, 0};
    for (std::size_t i = 0; i < layout.tasks.size(); ++i)
        if (layout.tasks[i].has(x, y))
            return {What::task, i};
    for (std::size_t i = 0; i < layout.takes.size(); ++i)
        if (layout.takes[i].has(x, y))
            return {What::take, i};
    for (std::size_t i = 0; i < layout.stems.size(); ++i) {
        const StemRow& row = layout.stems[i];
        const std::pair<What, const Rect*> parts[] = {
            {What::solo, &row.solo}, {What::mute, &row.mute}, {What::level, &row.level}, {What::wave, &row.wave}};
        for (const auto& [what, rect] : parts)
            if (rect->has(x, y))
                return {what, i};
    }
    return {};
}

float level_at(double place) noexcept
{
    const double at = std::clamp(place, 0.0, 1.0);
    return std::abs(at - place_of(1.0F)) < catching ? 1.0F : static_cast<float>(most_level * at * at);
}

double place_of(float level) noexcept
{
    return std::sqrt(std::clamp(level, 0.0F, most_level) / most_level);
}

}  // namespace bandmate
