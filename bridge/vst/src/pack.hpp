// msgpack in and out, under the protocol's limits (protocol/PROTOCOL.md, Frames).
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace bandmate {

using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

// What came over the wire is no message; the sentence says why.
struct BadFrame : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// One frame as a map with a text `type`. Throws BadFrame.
Json unpack(const std::uint8_t* data, std::size_t size);

// One message as a frame.
Bytes pack(const Json& message);

// A field of a message. Throws BadFrame when it is missing, of another type or out of bounds.
std::int64_t whole(const Json& map, const char* key);
std::int64_t whole(const Json& map, const char* key, std::int64_t otherwise);
double number(const Json& map, const char* key, double otherwise);
std::string text(const Json& map, const char* key);
std::string text(const Json& map, const char* key, const char* otherwise);
const Bytes& bytes(const Json& map, const char* key);

}  // namespace bandmate
