// What comes of the song's jobs: stems, their audio piece by piece, and the end; with credit for what came.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "song.hpp"
#include "standing.hpp"

namespace bandmate {

class Arrivals {
public:
    // `changed` is called when the song plays something else from now on.
    Arrivals(Song& song, Outbox& outbox, Standing& standing, std::function<void()> changed);

    // The credit that a server has at the start of a connection, in bytes of audio.
    static constexpr std::size_t window_bytes = 8'388'608;

    // A connection begins.
    void reset();
    // Takes up a job again, from the frames on that are here; or all that have not ended.
    void attach(const Take& take);
    void attach_all();
    // Takes a message about a job. Throws BadFrame for what breaks the protocol.
    void take(const std::string& type, const Json& message);
    // Whether the request was one of these.
    bool on_error(const std::string& request, const std::string& sentence, const std::string& model);

private:
    bool current(Take& take, const Json& message);
    void on_progress(const Json& message);
    void on_stem(Take& take, const Json& message);
    void on_audio(Take& take, const Json& message);
    void on_stem_end(Take& take, const Json& message);
    void on_end(Take& take, const std::string& type, const Json& message);
    void finish(Take& take, std::int64_t number, Stem& stem);
    void settle(Take& take);
    void grant(std::size_t bytes);

    Song& song_;
    Outbox& outbox_;
    Standing& standing_;
    std::function<void()> changed_;
    // Attach requests that wait for an answer, and their job.
    std::map<std::string, std::string> open_;
    // Ends that wait for the last pieces, by job.
    std::map<std::string, std::string> held_ends_;
    std::size_t ungranted_ = 0;
};

}  // namespace bandmate
