#include "websocket.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>

#include "proof.hpp"

namespace bandmate {
namespace {

constexpr std::size_t most_message_bytes = 4'194'304;
constexpr std::size_t most_header_bytes = 16'384;
constexpr int greeting_milliseconds = 10'000;
constexpr unsigned op_continue = 0, op_text = 1, op_binary = 2, op_close = 8, op_ping = 9, op_pong = 10;

std::string base64(const Bytes& data)
{
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < data.size(); i += 3) {
        const std::size_t left = std::min<std::size_t>(3, data.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (j < left ? data[i + j] : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            text += j <= left ? letters[(group >> (18 - 6 * j)) & 63] : '=';
    }
    return text;
}

Bytes random_bytes(std::size_t count)
{
    std::random_device device;
    Bytes data(count);
    std::generate(data.begin(), data.end(), [&] { return static_cast<std::uint8_t>(device()); });
    return data;
}

std::string lower(std::string text)
{
    for (char& letter : text)
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
    return text;
}

// Of an answer's header; 0 for what is no HTTP.
int status_of(const std::string& header)
{
    if (header.size() < 12 || lower(header.substr(0, 7)) != "http/1.")
        return 0;
    return std::atoi(header.c_str() + 9);
}

}  // namespace

Refused::Refused(int code)
    : std::runtime_error("the server answered with status " + std::to_string(code)), status(code)
{
}

WebSocket::WebSocket(const std::string& host, int port, const std::string& token)
    : socket_(std::make_unique<Socket>(host, port))
{
    const std::string name =
        (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
    if (!prove(name, token))
        socket_ = std::make_unique<Socket>(host, port);
    greet(name, token);
}

bool WebSocket::prove(const std::string& host, const std::string& token)
{
    const std::string nonce = random_hex(16);
    const std::string ask = "GET /health?nonce=" + nonce + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    socket_->write(ask.data(), ask.size());
    const std::string header = lower(read_header());
    const int status = status_of(header);
    if (status != 200)
        throw Refused(status);
    const Json said = Json::parse(read_body(header), nullptr, false);
    // Without a token of ours anybody could prove to know it.
    const bool answered = said.is_object() && said.contains("proof") && said["proof"].is_string();
    if (token.empty() || !answered || said["proof"] != proof_of(token, lower(host), nonce))
        throw Unproved("The program there did not prove that it has your token, so the token was not sent.");
    return header.find("\r\nconnection: close") == std::string::npos;
}

void WebSocket::greet(const std::string& host, const std::string& token)
{
    const std::string ask = "GET /ws HTTP/1.1\r\nHost: " + host
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + base64(random_bytes(16)) + "\r\nSec-WebSocket-Protocol: bandmate.v1\r\nAuthorization: Bearer " + token
        + "\r\n\r\n";
    socket_->write(ask.data(), ask.size());
    const int status = status_of(read_header());
    if (status != 101)
        throw Refused(status);
}

std::string WebSocket::read_header()
{
    static constexpr char end[] = "\r\n\r\n";
    for (;;) {
        const auto found = std::search(inbox_.begin(), inbox_.end(), end, end + 4);
        if (found != inbox_.end()) {
            std::string header(inbox_.begin(), found);
            inbox_.erase(inbox_.begin(), found + 4);
            return header;
        }
        read_more();
    }
}

std::string WebSocket::read_body(const std::string& header)
{
    static constexpr char field[] = "\r\ncontent-length:";
    const auto found = header.find(field);
    const long size = found == std::string::npos ? -1 : std::atol(header.c_str() + found + sizeof field - 1);
    if (size < 0 || size > static_cast<long>(most_header_bytes))
        throw Refused(0);
    const auto length = static_cast<std::size_t>(size);
    while (inbox_.size() < length)
        read_more();
    const auto end = inbox_.begin() + static_cast<std::ptrdiff_t>(length);
    std::string body(inbox_.begin(), end);
    inbox_.erase(inbox_.begin(), end);
    return body;
}

void WebSocket::read_more()
{
    std::uint8_t part[4096];
    const std::size_t got = socket_->read(part, sizeof part, greeting_milliseconds);
    if (got == 0)
        throw LinkLost("the server does not answer");
    inbox_.insert(inbox_.end(), part, part + got);
    if (inbox_.size() > most_header_bytes)
        throw Refused(0);
}

void WebSocket::send(const Bytes& message)
{
    send_frame(op_binary, message.data(), message.size());
}

void WebSocket::send_frame(unsigned opcode, const std::uint8_t* data, std::size_t size)
{
    Bytes frame{static_cast<std::uint8_t>(0x80 | opcode)};
    if (size < 126) {
        frame.push_back(static_cast<std::uint8_t>(0x80 | size));
    } else {
        const unsigned width = size < 65'536 ? 2 : 8;
        frame.push_back(width == 2 ? 0xFE : 0xFF);
        for (unsigned i = width; i > 0; --i)
            frame.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(size) >> (8 * (i - 1))));
    }
    const Bytes mask = random_bytes(4);
    frame.insert(frame.end(), mask.begin(), mask.end());
    const std::size_t start = frame.size();
    frame.resize(start + size);
    for (std::size_t i = 0; i < size; ++i)
        frame[start + i] = data[i] ^ mask[i % 4];
    socket_->write(frame.data(), frame.size());
}

bool WebSocket::receive(Bytes& message, int milliseconds)
{
    for (bool waited = false;;) {
        if (take_frame(message))
            return true;
        if (waited)
            return false;
        std::uint8_t part[65'536];
        const std::size_t got = socket_->read(part, sizeof part, milliseconds);
        // More may be whole by now; once nothing comes the caller has other things to do.
        waited = got == 0;
        inbox_.insert(inbox_.end(), part, part + got);
    }
}

bool WebSocket::take_frame(Bytes& message)
{
    for (;;) {
        const std::size_t there = inbox_.size() - start_;
        const std::uint8_t* const data = inbox_.data() + start_;
        if (there < 2)
            return false;
        const unsigned opcode = data[0] & 15U;
        const bool last = (data[0] & 0x80U) != 0;
        // A server never masks, and nothing was agreed on that would use the reserved bits.
        if ((data[0] & 0x70U) != 0 || (data[1] & 0x80U) != 0)
            throw LinkLost("received data that is not a WebSocket frame");
        std::uint64_t size = data[1] & 0x7FU;
        const std::size_t width = size == 126 ? 2 : size == 127 ? 8 : 0;
        if (there < 2 + width)
            return false;
        if (width != 0) {
            size = 0;
            for (std::size_t i = 0; i < width; ++i)
                size = size << 8 | data[2 + i];
        }
        if (size > most_message_bytes || partial_.size() + size > most_message_bytes)
            throw LinkLost("the server sent a frame over the limit");
        const std::size_t whole_size = 2 + width + static_cast<std::size_t>(size);
        if (there < whole_size)
            return false;
        const std::uint8_t* const body = data + 2 + width;
        const auto length = static_cast<std::size_t>(size);
        if (opcode == op_ping)
            send_frame(op_pong, body, length);
        else if (opcode == op_close)
            throw LinkLost("the server closed the connection");
        else if (opcode == op_text || (opcode == op_binary) == in_message_)
            // Text is not used; a new message inside another, or its rest without a start, is a mistake too.
            if (opcode != op_pong)
                throw LinkLost("received a message that is not binary");
        if (opcode == op_binary || opcode == op_continue) {
            partial_.insert(partial_.end(), body, body + length);
            in_message_ = !last;
        }
        start_ += whole_size;
        if (start_ == inbox_.size() || start_ > most_message_bytes) {
            inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(start_));
            start_ = 0;
        }
        if ((opcode == op_binary || opcode == op_continue) && last) {
            message.swap(partial_);
            partial_.clear();
            return true;
        }
    }
}

void WebSocket::close() noexcept
{
    try {
        const std::uint8_t normal[] = {0x03, 0xE8};
        send_frame(op_close, normal, sizeof normal);
    } catch (const std::exception&) {
        // It is gone already.
    }
}

}  // namespace bandmate
