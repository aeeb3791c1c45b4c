// Who an instance is: an id that survives a save, and changes when a saved state is loaded into a copy.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "claim.hpp"

namespace bandmate {

// Only what is active counts as open: some hosts keep an instance that they closed.
class Instance {
public:
    Instance();
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    const std::string& id() const { return id_; }
    // Takes the id of a saved state, unless another instance that is open has it already, in this process or another.
    void adopt(const std::string& id);
    // Claims its id, or another where that is taken; and lets go of it.
    void open();
    void close();

    // The user touched it: of all instances of this process it is the one in focus now.
    void touch() noexcept;
    bool focused() const noexcept;

private:
    std::string id_;
    std::unique_ptr<Claim> claim_;
    std::atomic<unsigned long> touched_{0};
};

}  // namespace bandmate
