// The client's side of the protocol, without any I/O: messages in, frames out, takes into the song.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "pack.hpp"
#include "song.hpp"

namespace bandmate {

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

// The peer cannot be talked to, on this connection at least.
struct OtherVersion : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What a trigger, or a surface through `invoke`, asks for.
struct Ask {
    std::string task;
    Json params = Json::object();
    Json engine = nullptr;
    // 0 leaves the choice to the server.
    std::int64_t seed = 0;
    // Whose prompt and other parameters to take; 0 for the task's defaults.
    int slot = 0;
    double strength = 0.5;
    Json timeline;
    // A WAV of the track's own audio and where it starts; empty for a task without.
    Bytes source;
    std::int64_t source_start = 0;
    // Of the `invoke` that it answers.
    std::string invoke;
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
    // Frames to send, which are then the caller's.
    std::vector<Bytes> drain();

    void ask(Ask ask);
    // Cancels all that runs here.
    void cancel();
    // Says no to an `invoke`, or that something else cannot be done.
    void refuse(const std::string& invoke, const std::string& sentence, Status status = Status::failed);
    void context(Json context);
    void pin(const std::string& owner);

    bool greeted() const { return greeted_; }
    Status status() const { return status_; }
    float progress() const { return progress_; }
    // The last thing worth saying, such as why a job failed.
    const std::string& sentence() const { return sentence_; }
    // `invoke`s of surfaces that came since the last call; the core adds ranges and audio.
    std::vector<Ask> invokes();
    // Whether the server's task works on audio; known tasks until the catalogue came.
    bool needs_source(const std::string& task) const;

private:
    struct Pending {
        Json submit;
        Bytes source;
        std::string invoke;
        bool submitted = false;
    };

    void send(const Json& message);
    std::string request_id();
    Json schema(const std::string& task) const;
    void begin_upload(Pending& pending);
    void submit(const std::string& mark);
    void follow(const std::string& job, Pending& pending, const Json& said);
    void attach(const Take& take);
    void grant(std::size_t bytes);

    void on_welcome(const Json& message);
    void on_error(const Json& message);
    void on_job_list(const Json& message);
    void on_missing(const Json& message);
    void on_uploaded(const Json& message);
    void on_accepted(const Json& message);
    void on_invoke(const Json& message);
    void on_slots(const Json& message);
    void place(Ask ask);
    void on_catalogue(const Json& message);
    void on_job(const std::string& type, const Json& message);
    void on_stem(Take& take, const Json& message);
    void on_audio(Take& take, const Json& message);
    void on_stem_end(Take& take, const Json& message);
    void on_end(Take& take, const std::string& type, const Json& message);
    bool current(Take& take, const Json& message);
    void finish(Take& take, std::int64_t number, Stem& stem);
    void settle(Take& take);
    void fail(const std::string& sentence);

    Song& song_;
    std::function<void()> changed_;
    std::vector<Bytes> outbox_;
    std::vector<Ask> invokes_;
    // What was asked for and waits for the slots, by request.
    std::map<std::string, Ask> unfilled_;
    // Jobs that were asked for and not accepted yet, by the mark in their origin.
    std::map<std::string, Pending> pending_;
    // Requests that wait for an answer: the mark, or the job, or empty, that they are about.
    std::map<std::string, std::string> requests_;
    // Ends that wait for the last pieces, by job.
    std::map<std::string, std::string> held_ends_;
    Json tasks_ = Json::array();
    std::string resume_key_;
    std::string sentence_;
    std::size_t ungranted_ = 0;
    std::uint64_t last_request_ = 0;
    bool greeted_ = false;
    Status status_ = Status::no_server;
    float progress_ = 0.0F;
};

}  // namespace bandmate
