#include "task_traits.hpp"

#include <set>

namespace bandmate {
namespace {

bool flag(const Json& map, const char* key)
{
    const auto found = map.find(key);
    return found != map.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

void TaskList::learn(const Json& catalogue)
{
    if (catalogue.contains("tasks") && catalogue["tasks"].is_array())
        tasks_ = catalogue["tasks"];
}

TaskTraits TaskList::find(const std::string& task) const
{
    for (const Json& each : tasks_) {
        if (text(each, "name", "") != task)
            continue;
        const std::string result = text(each, "result", "");
        TaskTraits found = result.empty() ? traits_before_results(task) : TaskTraits{};
        found.needs_source = text(each, "source", "none") == "required";
        found.params = each.value("params", Json::object()).value("properties", Json::object());
        if (!result.empty()) {
            found.takes_ranges = flag(each, "takes_ranges");
            found.replaces_input = result == "take" || result == "stems" || flag(each, "can_be_take");
        }
        return found;
    }
    return traits_before_results(task);
}

TaskTraits traits_before_results(const std::string& task)
{
    static const std::set<std::string> on_audio{"cover", "repaint", "accompany", "separate", "analyse"};
    static const std::set<std::string> replacing{"cover", "repaint", "separate"};
    TaskTraits found;
    found.needs_source = on_audio.count(task) != 0;
    found.takes_ranges = task == "repaint";
    found.replaces_input = replacing.count(task) != 0;
    return found;
}

}  // namespace bandmate
