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
};

struct Standing {
    Status status = Status::no_server;
    // Percent.
    float progress = 0.0F;
    // The last thing worth saying, such as why a job failed.
    std::string sentence;

    void set(Status now, const std::string& said)
    {
        status = now;
        sentence = said;
    }
    void fail(const std::string& said) { set(Status::failed, said); }
};

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
