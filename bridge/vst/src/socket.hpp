// A TCP connection to the server, and chance for keys and ids; the only file pair that knows the system's names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace bandmate {

struct LinkLost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Socket {
public:
    // Throws LinkLost when nothing is listening there.
    Socket(const std::string& host, int port);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    // Writes all of it. Throws LinkLost when the peer is gone or does not read for 10 s.
    void write(const void* data, std::size_t size);
    // Reads what is there; 0 when nothing came in time. Throws LinkLost at the end.
    std::size_t read(void* data, std::size_t size, int milliseconds);

private:
    std::intptr_t handle_;
};

// So many random bytes as hexadecimal text.
std::string random_hex(std::size_t count);

}  // namespace bandmate
