// A name that only one holder on this machine has at a time, whatever its process; a process that dies lets go of it.
#pragma once

#include <string>

namespace bandmate {

class Claim {
public:
    Claim() = default;
    ~Claim() { drop(); }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

    // False when another holder has it. Where no file can be made for it, nobody is asked.
    bool take(const std::string& name);
    void drop() noexcept;

private:
#ifdef _WIN32
    void* file_ = nullptr;
#else
    int file_ = -1;
    std::string path_;
#endif
};

}  // namespace bandmate
