#include "socket.hpp"

#include <random>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <cerrno>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace bandmate {
namespace {

constexpr int send_milliseconds = 10'000;
constexpr int connect_milliseconds = 1'000;

#ifdef _WIN32
using Handle = SOCKET;
using Length = int;
constexpr int send_flags = 0;
void close_handle(Handle handle) { closesocket(handle); }
void set_blocking(Handle handle, bool on)
{
    u_long other = on ? 0 : 1;
    ioctlsocket(handle, FIONBIO, &other);
}
int poll_one(Handle handle, short events, int milliseconds)
{
    WSAPOLLFD entry{handle, events, 0};
    return WSAPoll(&entry, 1, milliseconds);
}
// Windows wants its sockets switched on, once a process.
const struct Winsock {
    Winsock()
    {
        WSADATA data;
        WSAStartup(MAKEWORD(2, 2), &data);
    }
} winsock;
#else
using Handle = int;
using Length = std::size_t;
#ifdef MSG_NOSIGNAL
constexpr int send_flags = MSG_NOSIGNAL;
#else
constexpr int send_flags = 0;
#endif
void close_handle(Handle handle) { ::close(handle); }
void set_blocking(Handle handle, bool on)
{
    const int flags = ::fcntl(handle, F_GETFL, 0);
    ::fcntl(handle, F_SETFL, on ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}
int poll_one(Handle handle, short events, int milliseconds)
{
    pollfd entry{handle, events, 0};
    const int ready = ::poll(&entry, 1, milliseconds);
    return ready < 0 && errno == EINTR ? 0 : ready;
}
#endif

// Waits a moment and no longer: a host that closes a plugin waits for its thread.
bool connects(Handle handle, const addrinfo& address)
{
    set_blocking(handle, false);
    bool good = ::connect(handle, address.ai_addr, static_cast<socklen_t>(address.ai_addrlen)) == 0;
    if (!good && poll_one(handle, POLLOUT, connect_milliseconds) > 0) {
        int error = 0;
        socklen_t size = sizeof error;
        good = getsockopt(handle, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size) == 0 && error == 0;
    }
    set_blocking(handle, true);
    return good;
}

Handle connect_to(const std::string& host, int port)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        throw LinkLost("the server's address is unknown");
    Handle handle = static_cast<Handle>(-1);
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        handle = ::socket(each->ai_family, each->ai_socktype, each->ai_protocol);
        if (handle == static_cast<Handle>(-1))
            continue;
        if (connects(handle, *each))
            break;
        close_handle(handle);
        handle = static_cast<Handle>(-1);
    }
    freeaddrinfo(found);
    if (handle == static_cast<Handle>(-1))
        throw LinkLost("nothing is listening there");
    return handle;
}

}  // namespace

Socket::Socket(const std::string& host, int port) : handle_(static_cast<std::intptr_t>(connect_to(host, port)))
{
    const int on = 1;
    const auto handle = static_cast<Handle>(handle_);
    setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof on);
#ifdef SO_NOSIGPIPE
    setsockopt(handle, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

Socket::~Socket()
{
    close_handle(static_cast<Handle>(handle_));
}

void Socket::write(const void* data, std::size_t size)
{
    auto from = static_cast<const char*>(data);
    const auto handle = static_cast<Handle>(handle_);
    while (size > 0) {
        // Asked first, so that a server that stopped reading cannot hold the thread for ever.
        if (poll_one(handle, POLLOUT, send_milliseconds) <= 0)
            throw LinkLost("the server stopped reading");
        const std::size_t part = size < 65'536 ? size : 65'536;
        const auto sent = ::send(handle, from, static_cast<Length>(part), send_flags);
        if (sent <= 0)
            throw LinkLost("the server closed the connection");
        from += sent;
        size -= static_cast<std::size_t>(sent);
    }
}

std::size_t Socket::read(void* data, std::size_t size, int milliseconds)
{
    const auto handle = static_cast<Handle>(handle_);
    const int ready = poll_one(handle, POLLIN, milliseconds);
    if (ready == 0)
        return 0;
    const auto got = ::recv(handle, static_cast<char*>(data), static_cast<Length>(size), 0);
    if (got <= 0)
        throw LinkLost("the server closed the connection");
    return static_cast<std::size_t>(got);
}

std::string random_hex(std::size_t count)
{
    std::random_device device;
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned value = device();
        text += digits[value & 15U];
        text += digits[(value >> 4U) & 15U];
    }
    return text;
}

}  // namespace bandmate
