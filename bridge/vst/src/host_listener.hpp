// What a host says with a block that DPF has no place for.
#pragma once

namespace bandmate {

class HostListener {
public:
    // Before the block that it counts for. For the audio thread.
    virtual void host_loops(bool loops) noexcept = 0;

protected:
    ~HostListener() = default;
};

}  // namespace bandmate
