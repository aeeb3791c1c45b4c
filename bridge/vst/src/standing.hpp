// How things stand between the plugin and its server, and what waits to be sent.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pack.hpp"

namespace bandmate {

// In the order of `status_names` in parameters.hpp.
enum class Status {
    off,
    no_server,
    ready,
    uploading,
    queued,
    working,
    done,
    failed,
    wrong_token,
    other_version,
    not_bandmate,
    unheard,
    needs_model,
    fetching_model,
};

// The first of the models that would help, as an `error` or `failed` names them; empty for none.
inline std::string first_model(const Json& message)
{
    const auto models = message.find("models");
    if (models == message.end() || !models->is_array() || models->empty() || !models->front().is_string())
        return "";
    return models->front().get<std::string>();
}

struct Standing {
    Status status = Status::no_server;
    // Percent.
    float progress = 0.0F;
    // To the end of the job, as the server estimates it; negative while nobody knows.
    double seconds_left = -1.0;
    // The last thing worth saying, such as why a job failed.
    std::string sentence;

    // The model that would help with what failed; empty for none.
    std::string model;

    void set(Status now, const std::string& said, const std::string& wanted = "")
    {
        model = now == Status::failed ? wanted : "";
        status = model.empty() ? now : Status::needs_model;
        seconds_left = -1.0;
        sentence = said;
    }
    void fail(const std::string& said, const std::string& wanted = "") { set(Status::failed, said, wanted); }
};

// How far a job is, as its `progress` says.
inline float percent(const Json& message)
{
    const double steps = number(message, "steps", 0.0);
    return steps > 0.0 ? static_cast<float>(100.0 * number(message, "step", 0.0) / steps) : 0.0F;
}

class Outbox {
public:
    void send(const Json& message) { frames_.push_back(pack(message)); }
    // Frames to send, which are then the caller's.
    std::vector<Bytes> drain() { return std::exchange(frames_, {}); }
    std::string request_id() { return "v" + std::to_string(++last_request_); }

private:
    std::vector<Bytes> frames_;
    std::uint64_t last_request_ = 0;
};

}  // namespace bandmate
