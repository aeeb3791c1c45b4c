#include "requests.hpp"

#include <algorithm>
#include <utility>

#include "sha256.hpp"
#include "socket.hpp"

namespace bandmate {
namespace {

constexpr std::size_t piece_bytes = 262'144;

std::string hash_of(const Bytes& data)
{
    Sha256 sum;
    sum.add(data.data(), data.size());
    return sum.hex();
}

}  // namespace

Requests::Requests(Song& song, Outbox& outbox, Standing& standing) : song_(song), outbox_(outbox), standing_(standing) {}

void Requests::reset()
{
    open_.clear();
}

void Requests::resume()
{
    if (std::any_of(pending_.begin(), pending_.end(), [](const auto& each) { return each.second.submitted; }))
        // The cut came between `submit` and `accepted`: the job may exist.
        outbox_.send({{"type", "list_jobs"}, {"request", outbox_.request_id()}, {"most", 100}});
    for (auto& [mark, pending] : pending_)
        if (!pending.submitted)
            begin_upload(pending);
    for (auto& [request, waiting] : std::exchange(unfilled_, {}))
        ask(std::move(waiting));
}

bool Requests::on_error(const std::string& request, const std::string& sentence, const std::string& model)
{
    if (unfilled_.count(request) != 0) {
        // A server without slots: the task's defaults.
        place(std::move(unfilled_.extract(request).mapped()));
        return true;
    }
    const auto found = open_.find(request);
    if (found == open_.end())
        return false;
    const auto pending = pending_.find(found->second);
    open_.erase(found);
    if (pending == pending_.end())
        return true;
    const std::string invoke = pending->second.invoke;
    pending_.erase(pending);
    refuse(invoke, sentence, Status::failed, model);
    return true;
}

void Requests::cancel()
{
    for (auto each = pending_.begin(); each != pending_.end();)
        each = each->second.submitted ? std::next(each) : pending_.erase(each);
}

void Requests::ask(Ask ask)
{
    standing_.status = Status::queued;
    standing_.progress = 0.0F;
    standing_.seconds_left = -1.0;
    standing_.sentence.clear();
    if (ask.slot <= 0)
        return place(std::move(ask));
    // Slots may have been filled since the last time.
    const std::string request = outbox_.request_id();
    outbox_.send({{"type", "list_slots"}, {"request", request}});
    unfilled_[request] = std::move(ask);
}

void Requests::refuse(const std::string& invoke, const std::string& sentence, Status status, const std::string& model)
{
    standing_.set(status, sentence, model);
    if (!invoke.empty())
        outbox_.send({{"type", "invoked"}, {"request", invoke}, {"sentence", sentence}});
}

void Requests::on_catalogue(const Json& message)
{
    tasks_.learn(message);
}

void Requests::on_slots(const Json& message)
{
    auto found = unfilled_.extract(text(message, "request"));
    if (found.empty())
        return;
    Ask ask = std::move(found.mapped());
    for (const Json& slot : message.value("slots", Json::array())) {
        if (whole(slot, "number") != ask.slot)
            continue;
        // The server sorts the options of engines from the task's parameters.
        Json params = slot.value("options", Json::object());
        params.update(slot.value("params", Json::object()));
        if (text(slot, "task") == ask.task) {
            ask.params = params;
            ask.engine = slot.value("engine", Json());
        } else if (params.contains("prompt") && traits(ask.task).params.contains("prompt")) {
            // Of another task's slot the words still say what to play.
            ask.params["prompt"] = params["prompt"];
        }
    }
    place(std::move(ask));
}

void Requests::place(Ask ask)
{
    const std::string mark = random_hex(8);
    // Until the catalogue came, every task but one is taken to have words.
    const Json known = traits(ask.task).params;
    if (!ask.prompt.empty() && (known.empty() ? ask.task != "separate" : known.contains("prompt")))
        ask.params["prompt"] = ask.prompt;
    // The one parameter of a task that has a knob here.
    if (traits(ask.task).params.contains("strength") && !ask.params.contains("strength"))
        ask.params["strength"] = ask.strength;
    Pending pending;
    pending.submit = {{"type", "submit"},         {"request", outbox_.request_id()}, {"task", ask.task},
                      {"timeline", ask.timeline}, {"params", ask.params},            {"origin", {{"mark", mark}}}};
    if (ask.seed >= 0)
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

void Requests::begin_upload(Pending& pending)
{
    const std::string mark = pending.submit["origin"]["mark"];
    if (pending.source.empty())
        return submit(mark);
    standing_.status = Status::uploading;
    const std::string request = outbox_.request_id();
    open_[request] = mark;
    outbox_.send({{"type", "have"}, {"request", request}, {"sha256", {pending.submit["inputs"][0]["sha256"]}}});
}

void Requests::on_missing(const Json& message)
{
    const auto found = open_.find(text(message, "request"));
    if (found == open_.end())
        return;
    const auto pending = pending_.find(found->second);
    open_.erase(found);
    if (pending == pending_.end())
        return;
    const Json lacks = message.value("sha256", Json::array());
    if (lacks.empty())
        return submit(pending->first);
    const Bytes& source = pending->second.source;
    const Json offsets = message.value("offsets", Json::array());
    auto offset = offsets.empty() ? std::size_t{0} : offsets[0].get<std::size_t>();
    if (offset > source.size())
        offset = 0;
    // When all of it is there already, a piece without bytes has the server check it.
    do {
        const auto from = source.begin() + static_cast<std::ptrdiff_t>(offset);
        const auto size = static_cast<std::ptrdiff_t>(std::min(piece_bytes, source.size() - offset));
        outbox_.send({{"type", "upload"},
                      {"sha256", pending->second.submit["inputs"][0]["sha256"]},
                      {"total_bytes", source.size()},
                      {"offset", offset},
                      {"data", Json::binary(Bytes(from, from + size))}});
        offset += piece_bytes;
    } while (offset < source.size());
}

void Requests::on_uploaded(const Json& message)
{
    const std::string hash = text(message, "sha256");
    std::vector<std::string> ready;
    for (const auto& [mark, pending] : pending_)
        if (!pending.submitted && !pending.source.empty() && pending.submit["inputs"][0]["sha256"] == hash)
            ready.push_back(mark);
    for (const std::string& mark : ready)
        submit(mark);
}

void Requests::submit(const std::string& mark)
{
    Pending& pending = pending_.at(mark);
    pending.submit["request"] = outbox_.request_id();
    pending.submitted = true;
    open_[pending.submit["request"]] = mark;
    standing_.status = Status::queued;
    outbox_.send(pending.submit);
}

void Requests::on_accepted(const Json& message)
{
    const auto found = open_.find(text(message, "request"));
    const auto pending = found == open_.end() ? pending_.end() : pending_.find(found->second);
    if (pending == pending_.end())
        return;
    open_.erase(found);
    follow(text(message, "job"), pending->second, message);
    pending_.erase(pending);
}

std::vector<std::string> Requests::on_job_list(const Json& message)
{
    std::vector<std::string> lost;
    for (const auto& [mark, pending] : pending_)
        if (pending.submitted && open_.count(pending.submit["request"]) == 0)
            lost.push_back(mark);
    const Json jobs = message.value("jobs", Json::array());
    std::vector<std::string> found;
    for (const std::string& mark : lost) {
        const auto job = std::find_if(jobs.begin(), jobs.end(), [&](const Json& each) {
            return text(each.value("origin", Json::object()), "mark", "") == mark;
        });
        if (job == jobs.end()) {
            begin_upload(pending_.at(mark));
            continue;
        }
        found.push_back(text(*job, "job"));
        follow(found.back(), pending_.at(mark), *job);
        pending_.erase(mark);
    }
    return found;
}

void Requests::follow(const std::string& job, Pending& pending, const Json& said)
{
    if (!pending.invoke.empty())
        outbox_.send({{"type", "invoked"}, {"request", pending.invoke}, {"job", job}});
    const Json& line = pending.submit["timeline"];
    Take take;
    take.job = job;
    take.recipe = {{"task", pending.submit["task"]},
                   {"params", pending.submit["params"]},
                   {"timeline", line},
                   {"inputs", pending.submit.value("inputs", Json::array())},
                   {"seed", whole(said, "seed", 0)},
                   {"engine", text(said, "engine", "")}};
    take.replaces_input = traits(text(pending.submit, "task")).replaces_input;
    take.sample_rate = whole(line, "sample_rate");
    take.begin = whole(line, "start_frame");
    take.end = whole(line, "end_frame");
    song_.takes.push_back(std::move(take));
}

}  // namespace bandmate
