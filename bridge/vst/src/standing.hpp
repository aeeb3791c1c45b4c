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

// What fails for want of a model names the command that fetches it: the model's name, empty for other sentences.
inline std::string model_named(const std::string& sentence)
{
    const std::string command = "`bandmate models pull ";
    const std::size_t found = sentence.find(command);
    if (found == std::string::npos)
        return "";
    const std::size_t begin = found + command.size();
    return sentence.substr(begin, sentence.find('`', begin) - begin);
}

struct Standing {
    Status status = Status::no_server;
    // Percent.
    float progress = 0.0F;
    // The last thing worth saying, such as why a job failed.
    std::string sentence;

    void set(Status now, const std::string& said)
    {
        status = now == Status::failed && !model_named(said).empty() ? Status::needs_model : now;
        sentence = said;
    }
    void fail(const std::string& said) { set(Status::failed, said); }
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
