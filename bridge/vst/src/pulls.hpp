// A model that the server fetches: while one is wanted here, how far it is. Asking for one is left to people.
#pragma once

#include <string>

#include "standing.hpp"

namespace bandmate {

class Pulls {
public:
    Pulls(Outbox& outbox, Standing& standing);

    // A connection begins.
    void reset();
    // While a model is wanted: looks now and then whether one is on its way.
    void look(std::int64_t now_ms);
    // Takes a message; whether it was about one of these. Throws BadFrame for what breaks the protocol.
    bool take(const std::string& type, const Json& message);

private:
    void on_job_list(const Json& message);
    void on_news(const std::string& type, const Json& message);
    void arrived();

    Outbox& outbox_;
    Standing& standing_;
    // The model that is wanted, the list of jobs that was asked for, and the pull that is followed; empty for none.
    std::string model_, request_, job_;
    std::int64_t looked_ms_ = 0;
    int looks_ = 0;
};

}  // namespace bandmate
