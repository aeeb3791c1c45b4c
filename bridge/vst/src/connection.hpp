// The thread that talks to the server: connects, comes back after cuts, and passes messages on.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core.hpp"

namespace bandmate {

class Connection {
public:
    // Runs until it is destroyed.
    explicit Connection(Core& core);
    ~Connection();

private:
    void run();
    // One connection, from its greeting to its end; false when another try soon is of no use.
    bool talk();
    void say(Status status, const std::string& sentence);
    bool pause(int milliseconds);

    Core& core_;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace bandmate
