// The client's side of the protocol, without any I/O: messages in, frames out, takes into the song.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "arrivals.hpp"
#include "pulls.hpp"
#include "requests.hpp"
#include "standing.hpp"

namespace bandmate {

// The peer cannot be talked to, on this connection at least.
struct OtherVersion : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Session {
public:
    // `changed` is called when the song plays something else from now on.
    Session(Song& song, std::function<void()> changed);

    // A connection was made: greets, and later takes up what was left open.
    void open();
    // The connection is gone, or none could be made, and why.
    void lost(Status status, const std::string& sentence);
    // The song was loaded anew: takes up what is open in it.
    void reloaded();
    // Takes a message. Throws BadFrame for what breaks the protocol; the connection goes on. Throws OtherVersion
    // for a welcome in another protocol; it does not.
    void take(const Json& message);
    std::vector<Bytes> drain() { return outbox_.drain(); }

    Requests& requests() { return requests_; }
    // `invoke`s of surfaces that came since the last call; the core adds ranges and audio.
    std::vector<Ask> invokes();
    // Cancels all that runs here.
    void cancel();
    void context(Json context);
    void pin(const std::string& owner);
    // Looks after what goes on at the server meanwhile.
    void tick(std::int64_t now_ms) { pulls_.look(now_ms); }

    bool greeted() const { return greeted_; }
    const Standing& standing() const { return standing_; }

private:
    void on_welcome(const Json& message);
    void on_error(const Json& message);
    void on_invoke(const Json& message);
    void on_answer(const std::string& type, const Json& message);

    Song& song_;
    Outbox outbox_;
    Standing standing_;
    Requests requests_;
    Arrivals arrivals_;
    Pulls pulls_;
    std::vector<Ask> invokes_;
    std::string resume_key_;
    bool greeted_ = false;
};

}  // namespace bandmate
