#include "session.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "home.hpp"
#include "sha256.hpp"
#include "socket.hpp"
#include "version.hpp"
#include "wav.hpp"

namespace bandmate {
namespace {

constexpr std::int64_t protocol_version = 1;
constexpr std::size_t window_bytes = 8'388'608;
constexpr std::size_t piece_bytes = 262'144;
// A stem of an hour of stereo at 96 kHz; more is a mistake of the peer.
constexpr std::int64_t most_samples = 700'000'000;
const std::set<std::string> tasks_on_audio{"cover", "repaint", "accompany", "separate", "analyse"};

std::string hash_of(const Bytes& data)
{
    Sha256 sum;
    sum.add(data.data(), data.size());
    return sum.hex();
}

}  // namespace

Session::Session(Song& song, std::function<void()> changed) : song_(song), changed_(std::move(changed)) {}

void Session::send(const Json& message)
{
    outbox_.push_back(pack(message));
}

std::vector<Bytes> Session::drain()
{
    return std::exchange(outbox_, {});
}

std::vector<Ask> Session::invokes()
{
    return std::exchange(invokes_, {});
}

std::string Session::request_id()
{
    return "v" + std::to_string(++last_request_);
}

void Session::open()
{
    outbox_.clear();
    requests_.clear();
    ungranted_ = 0;
    greeted_ = false;
    Json hello{{"type", "hello"},          {"protocol_min", protocol_version}, {"protocol_max", protocol_version},
               {"role", "vst"},            {"client_name", "Bandmate plugin"}, {"client_version", version_text},
               {"credit_bytes", window_bytes}};
    if (!resume_key_.empty())
        hello["resume_key"] = resume_key_;
    send(hello);
}

void Session::lost(Status status, const std::string& sentence)
{
    greeted_ = false;
    // A reason that the server gave in its greeting says more than that it hung up.
    if (status_ == Status::other_version && status == Status::no_server)
        return;
    status_ = status;
    sentence_ = sentence;
}

void Session::reloaded()
{
    if (!greeted_)
        return;
    for (const Take& take : song_.takes)
        if (!take.settled)
            attach(take);
}

void Session::take(const Json& message)
{
    const std::string type = text(message, "type");
    if (type == "welcome")
        return on_welcome(message);
    if (type == "error")
        return on_error(message);
    if (!greeted_)
        throw BadFrame("the server did not greet first");
    if (type == "ping")
        return send({{"type", "pong"}, {"request", text(message, "request")}});
    if (type == "invoke")
        return on_invoke(message);
    if (type == "catalogue")
        return on_catalogue(message);
    if (type == "missing")
        return on_missing(message);
    if (type == "uploaded")
        return on_uploaded(message);
    if (type == "accepted")
        return on_accepted(message);
    if (type == "slots")
        return on_slots(message);
    if (type == "job_list")
        return on_job_list(message);
    if (message.contains("job"))
        return on_job(type, message);
    if (message.contains("request"))
        return;  // an answer that needs no doing
    send({{"type", "error"}, {"code", "unknown_type"}, {"sentence", "The plugin does not know " + type + "."}});
}

void Session::on_welcome(const Json& message)
{
    if (greeted_)
        throw BadFrame("a second welcome");
    if (whole(message, "protocol") != protocol_version || text(message, "encoding", "f32le") != "f32le") {
        status_ = Status::other_version;
        sentence_ = "The server speaks another version than the plugin: update the one, or build the other anew.";
        throw OtherVersion("the server speaks another version");
    }
    resume_key_ = text(message, "resume_key");
    greeted_ = true;
    if (status_ == Status::off || status_ == Status::no_server || status_ == Status::wrong_token
        || status_ == Status::other_version || status_ == Status::not_bandmate) {
        status_ = Status::ready;
        sentence_.clear();
    }
    send({{"type", "describe"}, {"request", request_id()}});
    for (const Take& take : song_.takes)
        if (!take.settled)
            attach(take);
    if (std::any_of(pending_.begin(), pending_.end(), [](const auto& each) { return each.second.submitted; }))
        // The cut came between `submit` and `accepted`: the job may exist.
        send({{"type", "list_jobs"}, {"request", request_id()}, {"most", 100}});
    for (auto& [mark, pending] : pending_)
        if (!pending.submitted)
            begin_upload(pending);
    for (auto& [request, waiting] : std::exchange(unfilled_, {}))
        ask(std::move(waiting));
}

void Session::on_error(const Json& message)
{
    const std::string code = text(message, "code", "internal");
    const std::string sentence = text(message, "sentence", "") + " " + text(message, "remedy", "");
    if (!greeted_) {
        sentence_ = sentence;
        if (code == "unsupported_protocol")
            status_ = Status::other_version;
        return;
    }
    const std::string request = text(message, "request", "");
    if (unfilled_.count(request) != 0)
        // A server without slots: the task's defaults.
        return place(std::move(unfilled_.extract(request).mapped()));
    const auto found = requests_.find(request);
    if (found == requests_.end())
        return;
    const std::string about = found->second;
    requests_.erase(found);
    if (const auto pending = pending_.find(about); pending != pending_.end()) {
        const std::string invoke = pending->second.invoke;
        pending_.erase(pending);
        refuse(invoke, sentence);
    } else if (Take* const take = song_.find(about)) {
        // What is here of the job is all there will be.
        settle(*take);
        fail(sentence);
    }
}

void Session::fail(const std::string& sentence)
{
    status_ = Status::failed;
    sentence_ = sentence;
}

void Session::refuse(const std::string& invoke, const std::string& sentence, Status status)
{
    status_ = status;
    sentence_ = sentence;
    if (!invoke.empty())
        send({{"type", "invoked"}, {"request", invoke}, {"sentence", sentence}});
}

void Session::on_catalogue(const Json& message)
{
    if (message.contains("tasks") && message["tasks"].is_array())
        tasks_ = message["tasks"];
}

bool Session::needs_source(const std::string& task) const
{
    for (const Json& each : tasks_)
        if (text(each, "name", "") == task)
            return text(each, "source", "none") == "required";
    return tasks_on_audio.count(task) != 0;
}

void Session::on_invoke(const Json& message)
{
    Ask ask;
    ask.invoke = text(message, "request");
    ask.task = text(message, "task");
    ask.params = message.value("params", Json::object());
    ask.engine = message.value("engine", Json());
    invokes_.push_back(std::move(ask));
}

void Session::ask(Ask ask)
{
    status_ = Status::queued;
    progress_ = 0.0F;
    sentence_.clear();
    if (ask.slot <= 0)
        return place(std::move(ask));
    // Slots may have been filled since the last time.
    const std::string request = request_id();
    send({{"type", "list_slots"}, {"request", request}});
    unfilled_[request] = std::move(ask);
}

void Session::on_slots(const Json& message)
{
    auto found = unfilled_.extract(text(message, "request"));
    if (found.empty())
        return;
    Ask ask = std::move(found.mapped());
    for (const Json& slot : message.value("slots", Json::array())) {
        if (whole(slot, "number") != ask.slot)
            continue;
        const Json params = slot.value("params", Json::object());
        if (text(slot, "task") == ask.task) {
            ask.params = params;
            ask.engine = slot.value("engine", Json());
        } else if (params.contains("prompt") && schema(ask.task).contains("prompt")) {
            // Of another task's slot the words still say what to play.
            ask.params["prompt"] = params["prompt"];
        }
    }
    place(std::move(ask));
}

// The parameters of a task that the server described; empty for one that it did not.
Json Session::schema(const std::string& task) const
{
    for (const Json& each : tasks_)
        if (text(each, "name", "") == task)
            return each.value("params", Json::object()).value("properties", Json::object());
    return Json::object();
}

void Session::place(Ask ask)
{
    const std::string mark = random_hex(8);
    // The one parameter of a task that has a knob here.
    if (schema(ask.task).contains("strength") && !ask.params.contains("strength"))
        ask.params["strength"] = ask.strength;
    Pending pending;
    pending.submit = {{"type", "submit"},      {"request", request_id()}, {"task", ask.task},
                      {"timeline", ask.timeline}, {"params", ask.params},  {"origin", {{"mark", mark}}}};
    if (ask.seed > 0)
        pending.submit["seed"] = ask.seed;
    if (!ask.engine.is_null())
        pending.submit["engine"] = ask.engine;
    pending.invoke = ask.invoke;
    if (!ask.source.empty()) {
        pending.submit["inputs"] = {
            {{"role", "source"}, {"sha256", hash_of(ask.source)}, {"at_frame", ask.source_start}}};
        pending.source = std::move(ask.source);
    }
    begin_upload(pending_[mark] = std::move(pending));
}

void Session::begin_upload(Pending& pending)
{
    const std::string mark = pending.submit["origin"]["mark"];
    if (pending.source.empty())
        return submit(mark);
    status_ = Status::uploading;
    const std::string request = request_id();
    requests_[request] = mark;
    send({{"type", "have"}, {"request", request}, {"sha256", {pending.submit["inputs"][0]["sha256"]}}});
}

void Session::on_missing(const Json& message)
{
    const auto found = requests_.find(text(message, "request"));
    if (found == requests_.end())
        return;
    const auto pending = pending_.find(found->second);
    requests_.erase(found);
    if (pending == pending_.end())
        return;
    const Json lacks = message.value("sha256", Json::array());
    if (lacks.empty())
        return submit(pending->first);
    const Bytes& source = pending->second.source;
    const Json offsets = message.value("offsets", Json::array());
    auto offset = offsets.empty() ? std::size_t{0} : offsets[0].get<std::size_t>();
    for (; offset < source.size(); offset += piece_bytes) {
        const auto from = source.begin() + static_cast<std::ptrdiff_t>(offset);
        const auto size = static_cast<std::ptrdiff_t>(std::min(piece_bytes, source.size() - offset));
        send({{"type", "upload"},
              {"sha256", pending->second.submit["inputs"][0]["sha256"]},
              {"total_bytes", source.size()},
              {"offset", offset},
              {"data", Json::binary(Bytes(from, from + size))}});
    }
}

void Session::on_uploaded(const Json& message)
{
    const std::string hash = text(message, "sha256");
    std::vector<std::string> ready;
    for (const auto& [mark, pending] : pending_)
        if (!pending.submitted && !pending.source.empty() && pending.submit["inputs"][0]["sha256"] == hash)
            ready.push_back(mark);
    for (const std::string& mark : ready)
        submit(mark);
}

void Session::submit(const std::string& mark)
{
    Pending& pending = pending_.at(mark);
    pending.submit["request"] = request_id();
    pending.submitted = true;
    requests_[pending.submit["request"]] = mark;
    status_ = Status::queued;
    send(pending.submit);
}

void Session::on_accepted(const Json& message)
{
    const auto found = requests_.find(text(message, "request"));
    const auto pending = found == requests_.end() ? pending_.end() : pending_.find(found->second);
    if (pending == pending_.end())
        return;
    requests_.erase(found);
    follow(text(message, "job"), pending->second, message);
    pending_.erase(pending);
}

void Session::on_job_list(const Json& message)
{
    std::vector<std::string> lost;
    for (const auto& [mark, pending] : pending_)
        if (pending.submitted && requests_.count(pending.submit["request"]) == 0)
            lost.push_back(mark);
    for (const std::string& mark : lost) {
        const Json jobs = message.value("jobs", Json::array());
        const auto job = std::find_if(jobs.begin(), jobs.end(), [&](const Json& each) {
            return text(each.value("origin", Json::object()), "mark", "") == mark;
        });
        if (job == jobs.end()) {
            begin_upload(pending_.at(mark));
            continue;
        }
        follow(text(*job, "job"), pending_.at(mark), *job);
        pending_.erase(mark);
        attach(*song_.find(text(*job, "job")));
    }
}

void Session::follow(const std::string& job, Pending& pending, const Json& said)
{
    if (!pending.invoke.empty())
        send({{"type", "invoked"}, {"request", pending.invoke}, {"job", job}});
    const Json& line = pending.submit["timeline"];
    Take take;
    take.job = job;
    take.recipe = {{"task", pending.submit["task"]},
                   {"params", pending.submit["params"]},
                   {"timeline", line},
                   {"inputs", pending.submit.value("inputs", Json::array())},
                   {"seed", whole(said, "seed", 0)},
                   {"engine", text(said, "engine", "")}};
    take.sample_rate = whole(line, "sample_rate");
    take.begin = whole(line, "start_frame");
    take.end = whole(line, "end_frame");
    song_.takes.push_back(std::move(take));
}

void Session::attach(const Take& take)
{
    Json held = Json::array();
    for (const auto& [number, stem] : take.stems)
        if (const std::shared_ptr<Clip>& clip = stem.newest())
            held.push_back({{"stem", number},
                            {"attempt", take.attempt},
                            {"revision", stem.revision},
                            {"frames", clip->filled()}});
    const std::string request = request_id();
    requests_[request] = take.job;
    send({{"type", "attach"}, {"request", request}, {"job", take.job}, {"held", held}});
}

void Session::cancel()
{
    for (const Take& take : song_.takes)
        if (!take.settled)
            send({{"type", "cancel"}, {"job", take.job}});
    for (auto each = pending_.begin(); each != pending_.end();)
        each = each->second.submitted ? std::next(each) : pending_.erase(each);
}

void Session::context(Json context)
{
    context["type"] = "context";
    send(context);
}

void Session::pin(const std::string& owner)
{
    send({{"type", "pin"}, {"request", request_id()}, {"owner", owner}, {"sha256", song_.hashes()}});
}

void Session::on_job(const std::string& type, const Json& message)
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
        const double steps = number(message, "steps", 0.0);
        status_ = Status::working;
        progress_ = steps > 0.0 ? static_cast<float>(100.0 * number(message, "step", 0.0) / steps) : 0.0F;
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
bool Session::current(Take& take, const Json& message)
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

void Session::on_stem(Take& take, const Json& message)
{
    const std::int64_t index = whole(message, "stem");
    const std::int64_t revision = whole(message, "revision", 0);
    const std::int64_t frames = whole(message, "frames");
    const std::int64_t channels = whole(message, "channels");
    if (index > 65'535 || channels < 1 || channels > 64 || frames > most_samples / channels)
        throw BadFrame("a stem out of bounds");
    Stem& stem = take.stems[index];
    if (stem.newest() && revision <= stem.revision)
        return;
    stem.name = text(message, "name");
    stem.revision = revision;
    stem.awaited.clear();
    auto clip = std::make_shared<Clip>(stem.name, static_cast<unsigned>(channels), frames,
                                       whole(message, "sample_rate"));
    status_ = Status::working;
    if (stem.clip) {
        // The old revision plays until the new one is whole.
        stem.coming = std::move(clip);
        return;
    }
    stem.clip = std::move(clip);
    stem.frames = frames;
    stem.sample_rate = stem.clip->sample_rate;
    stem.start_frame = whole(message, "start_frame");
    changed_();
}

void Session::on_audio(Take& take, const Json& message)
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

void Session::on_stem_end(Take& take, const Json& message)
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
void Session::finish(Take& take, std::int64_t index, Stem& stem)
{
    const std::shared_ptr<Clip> clip = stem.newest();
    if (stem.awaited.empty() || !clip->complete() || stem.whole())
        return;
    if (clip->sha256() != stem.awaited)
        return fail("A stem arrived damaged.");
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
        fail("The audio cannot be written to " + media_folder().u8string() + ".");
    else
        stem.path = path.u8string();
    changed_();
    if (held_ends_.count(take.job) != 0)
        on_end(take, std::string(held_ends_[take.job]), Json::object());
}

void Session::on_end(Take& take, const std::string& type, const Json& message)
{
    if (type == "failed") {
        fail(text(message, "sentence", sentence_.c_str()) + " " + text(message, "remedy", ""));
        return settle(take);
    }
    if (type == "cancelled") {
        status_ = Status::ready;
        return settle(take);
    }
    const auto open = [](const auto& each) { return !each.second.newest() || !each.second.newest()->complete()
                                                 || each.second.awaited.empty(); };
    if (std::any_of(take.stems.begin(), take.stems.end(), open)) {
        held_ends_[take.job] = type;
        return;
    }
    if (status_ != Status::failed)
        status_ = Status::done;
    progress_ = 100.0F;
    settle(take);
}

// The job is over: what is not whole is let go of, and a take without anything with it.
void Session::settle(Take& take)
{
    held_ends_.erase(take.job);
    take.settled = true;
    for (auto stem = take.stems.begin(); stem != take.stems.end();) {
        stem->second.coming = nullptr;
        const bool keep = !stem->second.path.empty() || !stem->second.sha256.empty();
        stem = keep ? std::next(stem) : take.stems.erase(stem);
    }
    if (take.stems.empty())
        song_.remove(take.job);
    changed_();
}

void Session::grant(std::size_t count)
{
    ungranted_ += count;
    if (ungranted_ < window_bytes / 4)
        return;
    send({{"type", "credit"}, {"bytes", ungranted_}});
    ungranted_ = 0;
}

}  // namespace bandmate
