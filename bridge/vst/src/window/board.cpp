#include "board.hpp"

#include <algorithm>
#include <cmath>

#include "../parameters.hpp"
#include "words.hpp"

namespace bandmate {
namespace {

// What is looked at of each stem for one picture; an open song's waveforms appear within a second.
constexpr std::int64_t peak_frames = 100'000;

// A press that moves less is a click.
constexpr double pull_points = 5.0;

// Where the playhead is drawn in a waveform, in halves of its columns; finer steps would not be seen.
long drawn(double playhead)
{
    return playhead < 0.0 || playhead > 1.0 ? -1 : std::lround(2.0 * static_cast<double>(Peaks::columns) * playhead);
}

bool same_takes(const DeskView& a, const DeskView& b)
{
    return a.shown == b.shown
        && std::equal(a.takes.begin(), a.takes.end(), b.takes.begin(), b.takes.end(),
                      [](const TakeView& x, const TakeView& y) { return x.job == y.job; })
        && std::equal(a.stems.begin(), a.stems.end(), b.stems.begin(), b.stems.end(),
                      [&](const StemView& x, const StemView& y) { 
                          return x.name == y.name && x.mix == y.mix && drawn(a.playhead(x)) == drawn(b.playhead(y));
                      });
}

// All that a picture of the view depends on but the stems' audio.
bool same(const DeskView& a, const DeskView& b)
{
    return a.standing.status == b.standing.status && a.standing.sentence == b.standing.sentence && a.busy == b.busy
        && standing_words(a.standing) == standing_words(b.standing) && time_words(a) == time_words(b)
        && same_takes(a, b);
}

}  // namespace

Board::Board(Desk& desk) : sheet(desk.sheet()), desk_(desk)
{
    prompt.set(sheet.prompt);
    // It may be drawn before it looks again.
    look();
}

bool Board::look()
{
    DeskView view = view_;
    desk_.look(view);
    bool changed = !same(view, view_);
    if (view.shown != view_.shown)
        before_ = view_.shown;
    view_ = std::move(view);
    peaks_.resize(view_.stems.size());
    for (std::size_t i = 0; i < peaks_.size(); ++i)
        changed = peaks_[i].follow(view_.stems[i].clip, peak_frames) || changed;
    return changed;
}

Layout Board::layout(double width, double height) const
{
    return arrange(width, height, {task_titles.size(), view_.takes.size(), view_.stems.size()});
}

void Board::press(const Target& target, const Layout& layout, double x, double y)
{
    using What = Target::What;
    note.clear();
    held_ = target;
    held_x_ = x;
    held_y_ = y;
    const std::size_t i = target.index;
    const bool on_stem = i < view_.stems.size();
    StemMix mix = on_stem ? view_.stems[i].mix : StemMix{};
    switch (target.what) {
    case What::task:
        sheet.task = static_cast<unsigned>(i);
        return keep();
    case What::start:
        return start();
    case What::cancel:
        return desk_.press(cancel);
    case What::swap:
        return choose(other());
    case What::take:
        return choose(i < view_.takes.size() ? view_.takes[i].job : "");
    case What::solo:
        mix.solo = !mix.solo;
        return set_mix(i, mix);
    case What::mute:
        mix.mute = !mix.mute;
        return set_mix(i, mix);
    case What::level:
        drag(layout, x);
        return;
    default:
        return;
    }
}

bool Board::drag(const Layout& layout, double x)
{
    if (held_.what != Target::What::level || held_.index >= view_.stems.size() || held_.index >= layout.stems.size())
        return false;
    const Rect& slider = layout.stems[held_.index].level;
    StemMix mix = view_.stems[held_.index].mix;
    mix.level = level_at((x - slider.x) / std::max(1.0, slider.width));
    set_mix(held_.index, mix);
    return true;
}

void Board::release()
{
    held_ = {};
}

std::vector<std::string> Board::pull(double x, double y)
{
    const bool all = held_.what == Target::What::all;
    const bool one = held_.what == Target::What::wave && held_.index < view_.stems.size();
    if (!(all || one) || std::hypot(x - held_x_, y - held_y_) < pull_points)
        return {};
    const std::int64_t stem = all ? -1 : view_.stems[held_.index].number;
    held_ = {};
    std::vector<std::string> files = desk_.files(view_.shown, stem);
    if (files.empty())
        note = "There is no whole stem to drag yet, or it cannot be written to " + desk_.folder() + ".";
    return files;
}

void Board::start()
{
    keep();
    desk_.press(sheet.task);
}

void Board::keep()
{
    sheet.prompt = prompt.text();
    desk_.keep(sheet);
}

void Board::set_mix(std::size_t stem, const StemMix& mix)
{
    if (stem >= view_.stems.size())
        return;
    view_.stems[stem].mix = mix;
    desk_.set_mix(view_.shown, view_.stems[stem].number, mix);
}

void Board::choose(const std::string& job)
{
    if (job.empty())
        return;
    desk_.choose(job);
    look();
}

// The take that was shown before; the newest other one where that is gone.
std::string Board::other() const
{
    std::string found;
    for (const TakeView& take : view_.takes) {
        if (take.job == before_)
            return take.job;
        if (found.empty() && take.job != view_.shown)
            found = take.job;
    }
    return found;
}

}  // namespace bandmate
