// What is asked of the server, from a trigger until the job is accepted: slots, uploads, and what a cut leaves open.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "song.hpp"
#include "standing.hpp"
#include "task_traits.hpp"

namespace bandmate {

// What a trigger, or a surface through `invoke`, asks for.
struct Ask {
    std::string task;
    Json params = Json::object();
    // The window's words, which come before a slot's; empty for none.
    std::string prompt;
    Json engine = nullptr;
    // A negative one leaves the choice to the server.
    std::int64_t seed = -1;
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

class Requests {
public:
    Requests(Song& song, Outbox& outbox, Standing& standing);

    void ask(Ask ask);
    // Says no to an `invoke`, or that something else cannot be done; `model` is one that would help.
    void refuse(const std::string& invoke, const std::string& sentence, Status status = Status::failed,
                const std::string& model = "");
    // Lets go of what was not submitted yet.
    void cancel();
    // Something was asked for that is no job yet.
    bool busy() const { return !unfilled_.empty() || !pending_.empty(); }
    TaskTraits traits(const std::string& task) const { return tasks_.find(task); }

    // A connection begins, on which nothing is under way; after the greeting, what was left open goes on.
    void reset();
    void resume();

    void on_catalogue(const Json& message);
    void on_slots(const Json& message);
    void on_missing(const Json& message);
    void on_uploaded(const Json& message);
    void on_accepted(const Json& message);
    // Returns the jobs that were accepted as the connection was cut, which are takes now.
    std::vector<std::string> on_job_list(const Json& message);
    // Whether the request was one of these.
    bool on_error(const std::string& request, const std::string& sentence, const std::string& model);

private:
    struct Pending {
        Json submit;
        Bytes source;
        std::string invoke;
        bool submitted = false;
    };

    void place(Ask ask);
    void begin_upload(Pending& pending);
    void submit(const std::string& mark);
    void follow(const std::string& job, Pending& pending, const Json& said);

    Song& song_;
    Outbox& outbox_;
    Standing& standing_;
    // What was asked for and waits for the slots, by request.
    std::map<std::string, Ask> unfilled_;
    // Jobs that were asked for and not accepted yet, by the mark in their origin.
    std::map<std::string, Pending> pending_;
    // Requests that wait for an answer, and the mark that they are about.
    std::map<std::string, std::string> open_;
    TaskList tasks_;
};

}  // namespace bandmate
