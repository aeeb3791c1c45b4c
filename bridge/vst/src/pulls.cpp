#include "pulls.hpp"

#include <algorithm>

namespace bandmate {
namespace {

constexpr std::int64_t look_ms = 2000;
constexpr int looked_at = 20;
// The catalogue is longer than a list of jobs: it is asked for once in so many looks.
constexpr int describe_every = 4;

bool is_on_its_way(const Json& job, const std::string& model)
{
    const std::string state = text(job, "state", "");
    const Json params = job.value("params", Json::object());
    return text(job, "task", "") == "pull" && (state == "queued" || state == "running")
        && text(params, "model", "") == model && !params.value("only_ask", false);
}

bool is_here(const Json& catalogue, const std::string& model)
{
    for (const Json& engine : catalogue.value("engines", Json::array()))
        for (const Json& each : engine.value("models", Json::array()))
            if (text(each, "pull", "") == model)
                return each.value("present", false);
    return false;
}

}  // namespace

Pulls::Pulls(Outbox& outbox, Standing& standing) : outbox_(outbox), standing_(standing) {}

void Pulls::reset()
{
    request_.clear();
    job_.clear();
}

void Pulls::look(std::int64_t now_ms)
{
    if (standing_.status != Status::needs_model || !request_.empty() || !job_.empty() || now_ms - looked_ms_ < look_ms)
        return;
    looked_ms_ = now_ms;
    model_ = standing_.model;
    request_ = outbox_.request_id();
    outbox_.send({{"type", "list_jobs"}, {"request", request_}, {"most", looked_at}});
    // It may have come in another way than by a job, or between two looks.
    if (++looks_ % describe_every == 0)
        outbox_.send({{"type", "describe"}, {"request", outbox_.request_id()}});
}

bool Pulls::take(const std::string& type, const Json& message)
{
    if (type == "job_list" && !request_.empty() && text(message, "request") == request_) {
        on_job_list(message);
        return true;
    }
    if (type == "catalogue" && standing_.status == Status::needs_model && is_here(message, model_))
        arrived();
    if (job_.empty() || text(message, "job", "") != job_)
        return false;
    on_news(type, message);
    return true;
}

void Pulls::arrived()
{
    standing_.set(Status::ready, model_ + " is installed.");
}

void Pulls::on_job_list(const Json& message)
{
    request_.clear();
    const Json jobs = message.value("jobs", Json::array());
    const auto found =
        std::find_if(jobs.begin(), jobs.end(), [this](const Json& job) { return is_on_its_way(job, model_); });
    if (found == jobs.end())
        return;
    job_ = text(*found, "job");
    outbox_.send({{"type", "attach"}, {"request", outbox_.request_id()}, {"job", job_}});
}

void Pulls::on_news(const std::string& type, const Json& message)
{
    const bool ended = type == "done" || type == "failed" || type == "cancelled";
    if (ended)
        job_.clear();
    // What was asked for meanwhile says more.
    if (standing_.status != Status::needs_model && standing_.status != Status::fetching_model)
        return;
    if (type == "progress") {
        standing_.status = Status::fetching_model;
        standing_.progress = percent(message);
    } else if (type == "done") {
        arrived();
    } else if (ended) {
        // The command is named once more, for the next try.
        const std::string why = text(message, "sentence", "It was cancelled.");
        standing_.fail(why + " `bandmate models pull " + model_ + "` resumes it.", model_);
    }
}

}  // namespace bandmate
