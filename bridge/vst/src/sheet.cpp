#include "sheet.hpp"

#include <algorithm>

namespace bandmate {
namespace {

// What a saved window may be wide and high; more is a mistake.
constexpr std::int64_t most_pixels = 16'384;

}  // namespace

Json saved_sheet(const Sheet& sheet)
{
    return {{"prompt", sheet.prompt},
            {"task", task_names[sheet.task]},
            {"width", sheet.width},
            {"height", sheet.height}};
}

Sheet loaded_sheet(const Json& saved)
{
    Sheet sheet;
    sheet.prompt = text(saved, "prompt", "");
    const auto task = std::find(task_names.begin(), task_names.end(), text(saved, "task", task_names[0]));
    sheet.task = task == task_names.end() ? 0U : static_cast<unsigned>(task - task_names.begin());
    sheet.width = static_cast<unsigned>(std::clamp<std::int64_t>(whole(saved, "width", 0), 0, most_pixels));
    sheet.height = static_cast<unsigned>(std::clamp<std::int64_t>(whole(saved, "height", 0), 0, most_pixels));
    return sheet;
}

}  // namespace bandmate
