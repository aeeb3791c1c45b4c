#include "song.hpp"

#include <algorithm>
#include <cmath>

#include "player.hpp"
#include "resample.hpp"
#include "task_traits.hpp"
#include "wav.hpp"

namespace bandmate {
namespace {

constexpr std::size_t most_takes = 64;

std::int64_t scaled(std::int64_t frame, std::int64_t from, std::int64_t to)
{
    return from == to ? frame
                      : static_cast<std::int64_t>(std::floor(
                            static_cast<double>(frame) * static_cast<double>(to) / static_cast<double>(from) + 0.501));
}

std::shared_ptr<Clip> heard(Stem& stem, std::int64_t rate)
{
    if (!stem.clip || stem.sample_rate == rate)
        return stem.clip;
    if (!stem.clip->complete())
        return nullptr;
    if (!stem.at_host_rate || stem.at_host_rate->sample_rate != rate)
        stem.at_host_rate = resampled(*stem.clip, rate);
    return stem.at_host_rate;
}

// Says where it belongs: at a bar where the stem begins with its take, else at a frame.
std::string dragged_name(const Take& take, std::int64_t number, const Stem& stem, std::int64_t rate)
{
    const std::int64_t bar = whole(take.recipe.value("timeline", Json::object()), "bar", 0);
    const bool on_bar = bar > 0 && scaled(stem.start_frame, stem.sample_rate, take.sample_rate) == take.begin;
    const std::string place = on_bar ? " bar " + std::to_string(bar)
                                     : " frame " + std::to_string(scaled(stem.start_frame, stem.sample_rate, rate));
    return file_name(stem.name) + place + " " + take.job + "-" + std::to_string(number)
        + (stem.revision > 0 ? "-" + std::to_string(stem.revision) : "")
        + (rate == stem.sample_rate ? "" : " " + std::to_string(rate) + " Hz") + ".wav";
}

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

// What covers comes before what is covered: the take in front, then the newest first.
std::vector<Take*> in_order(std::vector<Take>& takes, const std::string& front)
{
    std::vector<Take*> order;
    for (auto take = takes.rbegin(); take != takes.rend(); ++take)
        order.push_back(&*take);
    std::stable_partition(order.begin(), order.end(), [&](const Take* take) { return take->job == front; });
    return order;
}

// The parts of a range that no take before it covers.
Ranges uncovered(std::int64_t begin, std::int64_t end, const Ranges& covers)
{
    Ranges left{{begin, end}};
    for (const auto& [from, to] : covers) {
        Ranges next;
        for (const auto& [first, last] : left) {
            if (first < std::min(last, from))
                next.emplace_back(first, std::min(last, from));
            if (std::max(first, to) < last)
                next.emplace_back(std::max(first, to), last);
        }
        left = std::move(next);
    }
    return left;
}

Json saved_mix(const StemMix& mix)
{
    return {{"solo", mix.solo}, {"mute", mix.mute}, {"level", mix.level}};
}

StemMix loaded_mix(const Json& saved)
{
    StemMix mix;
    mix.solo = saved.value("solo", false);
    mix.mute = saved.value("mute", false);
    mix.level = std::clamp(static_cast<float>(number(saved, "level", 1.0)), 0.0F, most_level);
    return mix;
}

Json saved_stem(const Stem& stem)
{
    return {{"name", stem.name},     {"path", stem.path},           {"sha256", stem.sha256},
            {"frames", stem.frames}, {"start_frame", stem.start_frame}, {"revision", stem.revision}, {"sample_rate", stem.sample_rate},
            {"mix", saved_mix(stem.mix)}};
}

// Where a stem's file is by now: a song that came from another machine or user names the place that it had there.
fs::path found(const std::string& path)
{
    std::error_code failed;
    fs::path there = fs::u8path(path);
    if (fs::exists(there, failed))
        return there;
    return media_folder() / fs::u8path(path.substr(path.find_last_of("/\\") + 1));
}

Stem loaded_stem(const Json& saved)
{
    Stem stem;
    stem.name = text(saved, "name");
    stem.sha256 = text(saved, "sha256");
    stem.frames = whole(saved, "frames");
    stem.start_frame = whole(saved, "start_frame");
    stem.sample_rate = whole(saved, "sample_rate");
    stem.revision = whole(saved, "revision");
    stem.mix = loaded_mix(saved.value("mix", Json::object()));
    const std::string path = text(saved, "path");
    if (path.empty())
        return stem;
    const fs::path file = found(path);
    auto clip = read_wav(file, stem.name);
    if (clip && clip->sha256() == stem.sha256) {
        stem.clip = std::move(clip);
        stem.path = file.u8string();
    }
    return stem;
}

}  // namespace

void Take::set_levels()
{
    const bool any_solo = std::any_of(stems.begin(), stems.end(), [](const auto& each) { return each.second.mix.solo; });
    for (auto& [number, stem] : stems) {
        const bool silent = stem.mix.mute || (any_solo && !stem.mix.solo);
        stem.level->store(silent ? 0.0F : stem.mix.level);
    }
}

const Take* Song::shown() const
{
    const auto chosen = std::find_if(takes.begin(), takes.end(), [&](const Take& take) { return take.job == front; });
    if (chosen != takes.end())
        return &*chosen;
    return takes.empty() ? nullptr : &takes.back();
}

Take* Song::find(const std::string& job)
{
    const auto found = std::find_if(takes.begin(), takes.end(), [&](const Take& take) { return take.job == job; });
    return found == takes.end() ? nullptr : &*found;
}

void Song::remove(const std::string& job)
{
    takes.erase(std::remove_if(takes.begin(), takes.end(), [&](const Take& take) { return take.job == job; }),
                takes.end());
}

Score Song::score(std::int64_t sample_rate, bool separate)
{
    Score score;
    Ranges covers;
    for (Take* const take : in_order(takes, front)) {
        const std::int64_t begin = scaled(take->begin, take->sample_rate, sample_rate);
        const std::int64_t end = scaled(take->end, take->sample_rate, sample_rate);
        bool sounds = false;
        for (auto& [number, stem] : take->stems) {
            const std::shared_ptr<Clip> clip = heard(stem, sample_rate);
            if (!clip)
                continue;
            sounds = true;
            const std::int64_t start = scaled(stem.start_frame, stem.sample_rate, sample_rate);
            const unsigned output = separate ? static_cast<unsigned>(number % output_pairs) : 0U;
            for (const auto& [from, to] : uncovered(start, start + clip->frames, covers))
                score.push_back({clip, start, from, to, output, take->replaces_input, stem.level, nullptr, false});
        }
        if (sounds)
            covers.emplace_back(begin, end);
    }
    return score;
}

Json Song::save() const
{
    Json saved = Json::array();
    for (const Take& take : takes) {
        Json stems = Json::object();
        for (const auto& [number, stem] : take.stems)
            stems[std::to_string(number)] = saved_stem(stem);
        saved.push_back({{"job", take.job},
                         {"recipe", take.recipe},
                         {"sample_rate", take.sample_rate},
                         {"begin", take.begin},
                         {"end", take.end},
                         {"attempt", take.attempt},
                         {"settled", take.settled},
                         {"replaces_input", take.replaces_input},
                         {"in_front", take.job == front},
                         {"stems", stems}});
    }
    return saved;
}

void Song::load(const Json& state)
{
    if (!state.is_array() || state.size() > most_takes)
        throw BadFrame("the saved takes cannot be read");
    std::vector<Take> loaded;
    std::string loaded_front;
    for (const Json& saved : state) {
        Take take;
        take.job = text(saved, "job");
        take.recipe = saved.value("recipe", Json::object());
        take.sample_rate = whole(saved, "sample_rate");
        take.begin = whole(saved, "begin");
        take.end = whole(saved, "end");
        take.attempt = whole(saved, "attempt");
        take.settled = saved.value("settled", false);
        const bool before = traits_before_results(text(take.recipe, "task", "")).replaces_input;
        take.replaces_input = saved.value("replaces_input", before);
        for (const auto& [number, stem] : saved.at("stems").items()) {
            take.stems[std::stoll(number)] = loaded_stem(stem);
            // The server may still have what is missing here.
            take.settled = take.settled && take.stems[std::stoll(number)].whole();
        }
        take.set_levels();
        if (saved.value("in_front", false))
            loaded_front = take.job;
        loaded.push_back(std::move(take));
    }
    front = loaded_front;
    takes = std::move(loaded);
}

std::vector<StemFile> Song::files(const std::string& job, std::int64_t stem, std::int64_t sample_rate)
{
    std::vector<StemFile> found;
    Take* const take = find(job);
    if (take == nullptr)
        return found;
    for (auto& [number, each] : take->stems) {
        if (stem >= 0 && number != stem)
            continue;
        const std::shared_ptr<Clip> clip = heard(each, sample_rate);
        if (clip && clip->complete())
            found.push_back({dragged_name(*take, number, each, sample_rate), clip});
    }
    return found;
}

int Song::missing() const
{
    int count = 0;
    for (const Take& take : takes)
        for (const auto& [number, stem] : take.stems)
            count += stem.clip ? 0 : 1;
    return count;
}

std::vector<std::string> Song::hashes() const
{
    std::vector<std::string> found;
    for (const Take& take : takes)
        for (const auto& [number, stem] : take.stems)
            if (!stem.sha256.empty())
                found.push_back(stem.sha256);
    return found;
}

}  // namespace bandmate
