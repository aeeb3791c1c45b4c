// What the server's catalogue says of a task, as far as it matters here.
#pragma once

#include <string>

#include "pack.hpp"

namespace bandmate {

struct TaskTraits {
    // It works on the track's own audio.
    bool needs_source = false;
    // It fits ranges into a recording, and is given what is around them.
    bool takes_ranges = false;
    // What it makes stands in for the audio that it was made from; other results play beside that.
    bool replaces_input = false;
    // Its parameters, by name, as JSON Schema.
    Json params = Json::object();
};

class TaskList {
public:
    // Takes over the tasks of a `catalogue`.
    void learn(const Json& catalogue);
    // Of a task of the catalogue. Until that came, of a task that every server has; other tasks have no traits.
    TaskTraits find(const std::string& task) const;

private:
    Json tasks_ = Json::array();
};

// What servers, and saved songs, from before the catalogue told of results take for granted.
TaskTraits traits_before_results(const std::string& task);

}  // namespace bandmate
