#include "arrivals.hpp"

#include <algorithm>

#include "home.hpp"
#include "wav.hpp"

namespace bandmate {
namespace {

// A stem of an hour of stereo at 96 kHz; more is a mistake of the peer.
constexpr std::int64_t most_samples = 700'000'000;

}  // namespace

Arrivals::Arrivals(Song& song, Outbox& outbox, Standing& standing, std::function<void()> changed)
    : song_(song), outbox_(outbox), standing_(standing), changed_(std::move(changed))
{
}

void Arrivals::reset()
{
    open_.clear();
    ungranted_ = 0;
}

void Arrivals::attach_all()
{
    for (const Take& take : song_.takes)
        if (!take.settled)
            attach(take);
}

bool Arrivals::on_error(const std::string& request, const std::string& sentence, const std::string& model)
{
    const auto found = open_.find(request);
    if (found == open_.end())
        return false;
    Take* const take = song_.find(found->second);
    open_.erase(found);
    if (take != nullptr) {
        // What is here of the job is all there will be.
        settle(*take);
        standing_.fail(sentence, model);
    }
    return true;
}

void Arrivals::on_progress(const Json& message)
{
    standing_.status = Status::working;
    standing_.progress = percent(message);
    standing_.seconds_left = number(message, "seconds_left", -1.0);
}

void Arrivals::attach(const Take& take)
{
    Json held = Json::array();
    for (const auto& [number, stem] : take.stems)
        if (const std::shared_ptr<Clip>& clip = stem.newest())
            held.push_back({{"stem", number},
                            {"attempt", take.attempt},
                            {"revision", stem.revision},
                            {"frames", clip->filled()}});
    const std::string request = outbox_.request_id();
    open_[request] = take.job;
    outbox_.send({{"type", "attach"}, {"request", request}, {"job", take.job}, {"held", held}});
}

void Arrivals::take(const std::string& type, const Json& message)
{
    Take* const take = song_.find(text(message, "job"));
    if (type == "audio" && (take == nullptr || take->settled))
        return grant(bytes(message, "data").size());
    if (take == nullptr || take->settled || type == "attached")
        return;
    if (!current(*take, message)) {
        if (type == "audio")
            grant(bytes(message, "data").size());
        return;
    }
    if (type == "progress") {
        on_progress(message);
    } else if (type == "stem") {
        on_stem(*take, message);
    } else if (type == "audio") {
        on_audio(*take, message);
    } else if (type == "stem_end") {
        on_stem_end(*take, message);
    } else if (type == "done" || type == "failed" || type == "cancelled") {
        on_end(*take, type, message);
    }
}

// Whether the message is of the attempt that counts; a higher one voids what came before.
bool Arrivals::current(Take& take, const Json& message)
{
    const std::int64_t attempt = whole(message, "attempt");
    if (attempt < take.attempt)
        return false;
    if (attempt > take.attempt) {
        take.attempt = attempt;
        take.stems.clear();
        held_ends_.erase(take.job);
        changed_();
    }
    return true;
}

void Arrivals::on_stem(Take& take, const Json& message)
{
    const std::int64_t index = whole(message, "stem");
    const std::int64_t revision = whole(message, "revision", 0);
    const std::int64_t frames = whole(message, "frames");
    const std::int64_t channels = whole(message, "channels");
    if (index > 65'535 || channels < 1 || channels > 64 || frames > most_samples / channels)
        throw BadFrame("a stem out of bounds");
    // What is new is heard, whatever was chosen before.
    if (take.stems.empty())
        song_.front.clear();
    Stem& stem = take.stems[index];
    if (stem.newest() && revision <= stem.revision)
        return;
    stem.name = text(message, "name");
    stem.revision = revision;
    stem.awaited.clear();
    auto clip = std::make_shared<Clip>(stem.name, static_cast<unsigned>(channels), frames,
                                       whole(message, "sample_rate"));
    standing_.status = Status::working;
    if (stem.clip) {
        // The old revision plays until the new one is whole.
        stem.coming = std::move(clip);
        return;
    }
    stem.clip = std::move(clip);
    stem.frames = frames;
    stem.sample_rate = stem.clip->sample_rate;
    stem.start_frame = whole(message, "start_frame");
    take.set_levels();
    changed_();
}

void Arrivals::on_audio(Take& take, const Json& message)
{
    const Bytes& data = bytes(message, "data");
    grant(data.size());
    const auto stem = take.stems.find(whole(message, "stem"));
    if (stem == take.stems.end() || !stem->second.newest())
        throw BadFrame("audio of a stem that was not announced");
    if (whole(message, "revision", 0) != stem->second.revision)
        return;
    if (!stem->second.newest()->fill(whole(message, "offset"), data.data(), data.size()))
        throw BadFrame("audio outside of its stem");
    finish(take, stem->first, stem->second);
}

void Arrivals::on_stem_end(Take& take, const Json& message)
{
    const auto stem = take.stems.find(whole(message, "stem"));
    if (stem == take.stems.end() || whole(message, "revision", 0) != stem->second.revision)
        return;
    if (!stem->second.newest() || whole(message, "frames") != stem->second.newest()->frames)
        throw BadFrame("a stem that ends with another length");
    stem->second.awaited = text(message, "sha256");
    finish(take, stem->first, stem->second);
}

// Once all of a stem is there: checks it, writes it, and lets a new revision take its place.
void Arrivals::finish(Take& take, std::int64_t index, Stem& stem)
{
    const std::shared_ptr<Clip> clip = stem.newest();
    if (stem.awaited.empty() || !clip->complete() || stem.whole())
        return;
    if (clip->sha256() != stem.awaited)
        return standing_.fail("A stem arrived damaged.");
    stem.clip = clip;
    stem.frames = clip->frames;
    stem.sample_rate = clip->sample_rate;
    stem.sha256 = stem.awaited;
    stem.coming = nullptr;
    stem.at_host_rate = nullptr;
    const std::string name = file_name(stem.name) + " " + take.job + "-" + std::to_string(index)
        + (stem.revision > 0 ? "-" + std::to_string(stem.revision) : "") + ".wav";
    const fs::path path = media_folder() / fs::u8path(name);
    if (!write_file(path, wav_bytes(clip->samples(), clip->channels, clip->sample_rate)))
        standing_.fail("The audio cannot be written to " + media_folder().u8string() + ".");
    else
        stem.path = path.u8string();
    changed_();
    if (held_ends_.count(take.job) != 0)
        on_end(take, std::string(held_ends_[take.job]), Json::object());
}

void Arrivals::on_end(Take& take, const std::string& type, const Json& message)
{
    if (type == "failed") {
        standing_.fail(text(message, "sentence", standing_.sentence.c_str()) + " " + text(message, "remedy", ""),
                       first_model(message));
        return settle(take);
    }
    if (type == "cancelled") {
        standing_.status = Status::ready;
        return settle(take);
    }
    const auto open = [](const auto& each) { return !each.second.newest() || !each.second.newest()->complete()
                                                 || each.second.awaited.empty(); };
    if (std::any_of(take.stems.begin(), take.stems.end(), open)) {
        held_ends_[take.job] = type;
        return;
    }
    if (standing_.status != Status::failed)
        standing_.status = Status::done;
    standing_.progress = 100.0F;
    settle(take);
}

// The job is over: what is not whole is let go of, and a take without anything with it.
void Arrivals::settle(Take& take)
{
    held_ends_.erase(take.job);
    take.settled = true;
    for (auto stem = take.stems.begin(); stem != take.stems.end();) {
        stem->second.coming = nullptr;
        const bool keep = !stem->second.path.empty() || !stem->second.sha256.empty();
        stem = keep ? std::next(stem) : take.stems.erase(stem);
    }
    take.set_levels();
    if (take.stems.empty())
        song_.remove(take.job);
    changed_();
}

void Arrivals::grant(std::size_t count)
{
    ungranted_ += count;
    if (ungranted_ < window_bytes / 4)
        return;
    outbox_.send({{"type", "credit"}, {"bytes", ungranted_}});
    ungranted_ = 0;
}

}  // namespace bandmate
