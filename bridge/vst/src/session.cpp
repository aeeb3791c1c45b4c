#include "session.hpp"

#include <utility>

#include "version.hpp"

namespace bandmate {
namespace {

constexpr std::int64_t protocol_version = 1;

}  // namespace

Session::Session(Song& song, std::function<void()> changed)
    : song_(song), requests_(song, outbox_, standing_), arrivals_(song, outbox_, standing_, std::move(changed)),
      pulls_(outbox_, standing_)
{
}

std::vector<Ask> Session::invokes()
{
    return std::exchange(invokes_, {});
}

void Session::open()
{
    outbox_.drain();
    requests_.reset();
    arrivals_.reset();
    pulls_.reset();
    greeted_ = false;
    Json hello{{"type", "hello"},
               {"protocol_min", protocol_version},
               {"protocol_max", protocol_version},
               {"role", "vst"},
               {"client_name", "Bandmate plugin"},
               {"client_version", version_text},
               {"credit_bytes", Arrivals::window_bytes}};
    if (!resume_key_.empty())
        hello["resume_key"] = resume_key_;
    outbox_.send(hello);
}

void Session::lost(Status status, const std::string& sentence)
{
    greeted_ = false;
    // A reason that the server gave in its greeting says more than that it hung up.
    if (standing_.status != Status::other_version || status != Status::no_server)
        standing_.set(status, sentence);
}

void Session::reloaded()
{
    if (greeted_)
        arrivals_.attach_all();
}

void Session::take(const Json& message)
{
    const std::string type = text(message, "type");
    if (type == "welcome")
        return on_welcome(message);
    if (type == "error")
        return on_error(message);
    if (!greeted_)
        throw BadFrame("the server did not greet first");
    if (type == "ping")
        return outbox_.send({{"type", "pong"}, {"request", text(message, "request")}});
    if (type == "invoke")
        return on_invoke(message);
    on_answer(type, message);
}

void Session::on_answer(const std::string& type, const Json& message)
{
    if (pulls_.take(type, message))
        return;
    if (type == "catalogue")
        return requests_.on_catalogue(message);
    if (type == "missing")
        return requests_.on_missing(message);
    if (type == "uploaded")
        return requests_.on_uploaded(message);
    if (type == "accepted")
        return requests_.on_accepted(message);
    if (type == "slots")
        return requests_.on_slots(message);
    if (type == "job_list") {
        for (const std::string& job : requests_.on_job_list(message))
            arrivals_.attach(*song_.find(job));
        return;
    }
    if (message.contains("job"))
        return arrivals_.take(type, message);
    if (message.contains("request"))
        return;  // an answer that needs no doing
    outbox_.send({{"type", "error"}, {"code", "unknown_type"}, {"sentence", "The plugin does not know " + type + "."}});
}

void Session::on_welcome(const Json& message)
{
    if (greeted_)
        throw BadFrame("a second welcome");
    if (whole(message, "protocol") != protocol_version) {
        standing_.set(Status::other_version,
                      "The server and the plugin have different versions: update the server, or rebuild the plugin.");
        throw OtherVersion("the server speaks another version");
    }
    resume_key_ = text(message, "resume_key");
    greeted_ = true;
    const Status before = standing_.status;
    if (before == Status::off || before == Status::no_server || before == Status::wrong_token
        || before == Status::other_version || before == Status::not_bandmate)
        standing_.set(Status::ready, "");
    outbox_.send({{"type", "describe"}, {"request", outbox_.request_id()}});
    arrivals_.attach_all();
    requests_.resume();
}

void Session::on_error(const Json& message)
{
    const std::string code = text(message, "code", "internal");
    const std::string sentence = text(message, "sentence", "") + " " + text(message, "remedy", "");
    if (!greeted_) {
        standing_.set(code == "unsupported_protocol" ? Status::other_version : standing_.status, sentence);
        return;
    }
    const std::string request = text(message, "request", "");
    if (!requests_.on_error(request, sentence, first_model(message)))
        arrivals_.on_error(request, sentence, first_model(message));
}

void Session::on_invoke(const Json& message)
{
    Ask ask;
    ask.invoke = text(message, "request");
    ask.task = text(message, "task");
    ask.params = message.value("params", Json::object());
    ask.engine = message.value("engine", Json());
    if (!message.value("seed", Json()).is_null())
        ask.seed = whole(message, "seed");
    invokes_.push_back(std::move(ask));
}

void Session::cancel()
{
    for (const Take& take : song_.takes)
        if (!take.settled)
            outbox_.send({{"type", "cancel"}, {"job", take.job}});
    requests_.cancel();
}

void Session::context(Json context)
{
    context["type"] = "context";
    outbox_.send(context);
}

void Session::pin(const std::string& owner)
{
    outbox_.send({{"type", "pin"}, {"request", outbox_.request_id()}, {"owner", owner}, {"sha256", song_.hashes()}});
}

}  // namespace bandmate
