// The client's side of RFC 6455, as much of it as Bandmate's server needs: binary messages, pings, close.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pack.hpp"
#include "socket.hpp"

namespace bandmate {

// The server answered the handshake with another status than 101.
struct Refused : std::runtime_error {
    explicit Refused(int status);
    int status;
};

// The server did not prove that it knows the token, which it was therefore not sent.
struct Unproved : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class WebSocket {
public:
    // Connects, has the server prove that it knows the token, and greets. Throws LinkLost, Refused or Unproved.
    WebSocket(const std::string& host, int port, const std::string& token);

    // Sends one binary message.
    void send(const Bytes& message);
    // The next binary message into `message`; false when none is whole after that time. Throws LinkLost.
    bool receive(Bytes& message, int milliseconds);
    // Says goodbye; never throws.
    void close() noexcept;

private:
    // Whether the server leaves the connection open.
    bool prove(const std::string& host, const std::string& token);
    void greet(const std::string& host, const std::string& token);
    std::string read_header();
    std::string read_body(const std::string& header);
    void read_more();
    void send_frame(unsigned opcode, const std::uint8_t* data, std::size_t size);
    bool take_frame(Bytes& message);

    std::unique_ptr<Socket> socket_;
    Bytes inbox_;
    std::size_t start_ = 0;
    Bytes partial_;
    bool in_message_ = false;
};

}  // namespace bandmate
