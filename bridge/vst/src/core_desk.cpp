// What the window sees of an instance and does with it.
#include <utility>

#include "core.hpp"
#include "home.hpp"
#include "sheet.hpp"

namespace bandmate {
namespace {

// Where a take lies and what made it, in a few words.
TakeView take_view(const Take& take)
{
    const Json line = take.recipe.value("timeline", Json::object());
    return {take.job, text(take.recipe, "task", ""), whole(line, "bar", 0)};
}

double seconds_of(std::int64_t frames, std::int64_t rate)
{
    return rate > 0 ? static_cast<double>(frames) / static_cast<double>(rate) : 0.0;
}

StemView stem_view(std::int64_t number, const Stem& stem)
{
    return {number, stem.name, stem.newest(), stem.mix, seconds_of(stem.start_frame, stem.sample_rate),
            seconds_of(stem.frames, stem.sample_rate)};
}

}  // namespace

void Core::look(DeskView& view)
{
    view.time = stage_.time();
    // The audio thread takes no lock, and a window that waited here would stop its host.
    const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    if (!lock)
        return;
    view.standing = session_.standing();
    view.sample_rate = sample_rate_;
    view.captured_bars = static_cast<std::int64_t>(values_[captured].load());
    view.busy = session_.requests().busy() || (!song_.takes.empty() && !song_.takes.back().settled);
    view.shown.clear();
    view.takes.clear();
    view.stems.clear();
    for (auto take = song_.takes.rbegin(); take != song_.takes.rend(); ++take)
        view.takes.push_back(take_view(*take));
    const Take* const shown = song_.shown();
    if (shown == nullptr)
        return;
    view.shown = shown->job;
    for (const auto& [number, stem] : shown->stems)
        view.stems.push_back(stem_view(number, stem));
}

Sheet Core::sheet()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return sheet_;
}

void Core::keep(const Sheet& sheet)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    sheet_ = sheet;
}

void Core::press(unsigned trigger) noexcept
{
    pressed_.fetch_or(1U << trigger, std::memory_order_release);
    instance_.touch();
}

void Core::set_mix(const std::string& job, std::int64_t stem, const StemMix& mix)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    Take* const take = song_.find(job);
    const auto found = take == nullptr ? std::map<std::int64_t, Stem>::iterator{} : take->stems.find(stem);
    if (take == nullptr || found == take->stems.end())
        return;
    found->second.mix = mix;
    take->set_levels();
}

void Core::choose(const std::string& job)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    if (song_.find(job) == nullptr || job == song_.front)
        return;
    song_.front = job;
    publish();
}

std::vector<std::string> Core::files(const std::string& job, std::int64_t stem)
{
    std::vector<StemFile> found;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        found = song_.files(job, stem, static_cast<std::int64_t>(sample_rate_));
    }
    return write_stem_files(found);
}

std::string Core::folder() const
{
    return media_folder().u8string();
}

}  // namespace bandmate
