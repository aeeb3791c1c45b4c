#include "connection.hpp"

#include <algorithm>
#include <chrono>

#include "home.hpp"
#include "websocket.hpp"

namespace bandmate {
namespace {

constexpr int first_delay_ms = 100;
constexpr int last_delay_ms = 5'000;
constexpr int tick_ms = 20;
constexpr int waiting_tick_ms = 100;
// A peer that sends nothing but nonsense is left alone.
constexpr int most_mistakes = 100;

}  // namespace

Connection::Connection(Core& core) : core_(core), thread_([this] { run(); }) {}

Connection::~Connection()
{
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

bool Connection::pause(int milliseconds)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (std::chrono::steady_clock::now() < end) {
        {
            // Without a server the controls that need none go on working.
            const std::lock_guard<std::mutex> lock(core_.mutex_);
            core_.step();
        }
        std::unique_lock<std::mutex> lock(mutex_);
        if (wake_.wait_for(lock, std::chrono::milliseconds(waiting_tick_ms), [this] { return stop_.load(); }))
            return false;
    }
    return true;
}

void Connection::run()
{
    int delay = first_delay_ms;
    while (!stop_) {
        if (talk())
            delay = first_delay_ms;
        if (!pause(delay))
            return;
        delay = std::min(2 * delay, last_delay_ms);
    }
}

void Connection::say(Status status, const std::string& sentence)
{
    const std::lock_guard<std::mutex> lock(core_.mutex_);
    core_.session_.lost(status, sentence);
    core_.step();
}

bool Connection::talk()
{
    bool greeted = false;
    try {
        Address address;
        if (!find_server(address)) {
            say(Status::no_server, "No server is running: start `bandmate serve`.");
            return false;
        }
        WebSocket socket(address.host, address.port, read_token());
        {
            const std::lock_guard<std::mutex> lock(core_.mutex_);
            core_.session_.open();
        }
        Bytes frame;
        int mistakes = 0;
        while (!stop_) {
            std::vector<Bytes> frames;
            {
                const std::lock_guard<std::mutex> lock(core_.mutex_);
                core_.step();
                frames = core_.session_.drain();
                greeted = greeted || core_.session_.greeted();
            }
            for (const Bytes& each : frames)
                socket.send(each);
            if (!socket.receive(frame, tick_ms))
                continue;
            try {
                const Json message = unpack(frame.data(), frame.size());
                const std::lock_guard<std::mutex> lock(core_.mutex_);
                core_.session_.take(message);
                mistakes = 0;
            } catch (const BadFrame& bad) {
                if (++mistakes > most_mistakes)
                    throw LinkLost(bad.what());
            } catch (const Json::exception& bad) {
                if (++mistakes > most_mistakes)
                    throw LinkLost(bad.what());
            }
        }
        socket.close();
    } catch (const Unproved& unproved) {
        say(Status::wrong_token, unproved.what());
    } catch (const Refused& refused) {
        if (refused.status == 401 || refused.status == 403)
            say(Status::wrong_token, "The server refused the token.");
        else
            say(Status::not_bandmate, refused.what());
    } catch (const std::exception& lost) {
        // Nothing that happens here may end the host's process.
        say(Status::no_server, lost.what());
    }
    return greeted;
}

}  // namespace bandmate
