#include "vectors.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

#include "pack.hpp"

namespace bandmate {
namespace {

Bytes read(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Bytes as hexadecimal text, as vectors.json has them.
Json shown(const Json& value)
{
    if (value.is_binary()) {
        std::string text;
        for (const std::uint8_t byte : value.get_binary()) {
            text += "0123456789abcdef"[byte >> 4U];
            text += "0123456789abcdef"[byte & 15U];
        }
        return text;
    }
    Json copy = value;
    if (copy.is_structured())
        for (Json& each : copy)
            each = shown(each);
    return copy;
}

// The fields of a frame that not only a Bandmate peer writes: what is unknown in it is skipped, and what is left out
// stands in vectors.json with its default.
bool agrees(const Json& message, const Json& fields)
{
    if (message.is_object() && fields.is_object()) {
        for (const auto& [key, value] : message.items())
            if (fields.contains(key) && !agrees(value, fields[key]))
                return false;
        return true;
    }
    if (message.is_array() && fields.is_array() && message.size() == fields.size()) {
        for (std::size_t i = 0; i < message.size(); ++i)
            if (!agrees(message[i], fields[i]))
                return false;
        return true;
    }
    return message == fields;
}

bool good(const std::filesystem::path& folder, const Json& vector)
{
    const Bytes data = read(folder / vector["file"].get<std::string>());
    try {
        const Json message = unpack(data.data(), data.size());
        const Bytes again = pack(message);
        // Each value in its shortest form, floats that 32 bits hold included; only the order of the keys is ours.
        const bool canonical = vector.value("canonical", false);
        const bool same = canonical ? shown(message) == vector["fields"] : agrees(shown(message), vector["fields"]);
        return same && again.size() <= data.size() && unpack(again.data(), again.size()) == message;
    } catch (const BadFrame&) {
        return false;
    }
}

}  // namespace

int check_vectors(const std::filesystem::path& folder)
{
    const Bytes text = read(folder / "vectors.json");
    const Json vectors = Json::parse(text);
    Json result{{"read", 0}, {"wrong", Json::array()}, {"refused", Json::array()}};
    for (const Json& vector : vectors["valid"]) {
        result["read"] = result["read"].get<int>() + 1;
        if (!good(folder, vector))
            result["wrong"].push_back(vector["name"]);
    }
    for (const Json& vector : vectors["invalid"]) {
        const Bytes data = read(folder / vector["file"].get<std::string>());
        try {
            unpack(data.data(), data.size());
        } catch (const BadFrame&) {
            result["refused"].push_back(vector["name"]);
        }
    }
    std::cout << result.dump() << "\n";
    return 0;
}

}  // namespace bandmate
