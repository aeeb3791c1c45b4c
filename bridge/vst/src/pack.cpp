#include "pack.hpp"

#include <cmath>

namespace bandmate {
namespace {

constexpr std::size_t most_frame_bytes = 4'194'304;
constexpr std::size_t most_text_bytes = 262'144;
constexpr std::size_t most_entries = 16'384;
constexpr std::size_t most_entries_in_all = 262'144;
constexpr std::size_t most_levels = 24;
constexpr std::int64_t most_whole = std::int64_t{1} << 53;

// Refuses what the limits forbid while it is read, so that nothing large is built first.
class Reader : public nlohmann::json_sax<Json> {
public:
    // A value's own default constructor promises not to throw, and calls one that may.
    Reader() : root(Json::value_t::null) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    Json root;

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(std::int64_t value) override { return value >= -most_whole && put(value); }
    bool number_unsigned(std::uint64_t value) override
    {
        return value <= static_cast<std::uint64_t>(most_whole) && put(value);
    }
    bool number_float(double value, const std::string&) override { return std::isfinite(value) && put(value); }
    bool string(std::string& value) override { return value.size() <= most_text_bytes && is_utf8(value) && put(value); }
    bool binary(Json::binary_t& value) override
    {
        // A subtype is an extension type, which the protocol does not use.
        return !value.has_subtype() && put(Json(std::move(value)));
    }
    bool start_object(std::size_t size) override { return open(Json::object(), size); }
    bool start_array(std::size_t size) override { return open(Json::array(), size); }
    bool key(std::string& value) override
    {
        key_ = value;
        return value.size() <= most_text_bytes && is_utf8(value);
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

private:
    bool open(Json value, std::size_t size)
    {
        entries_ += size + 1;
        if (size > most_entries || entries_ > most_entries_in_all || open_.size() > most_levels)
            return false;
        Json* const place = add(std::move(value));
        open_.push_back(place);
        return true;
    }
    bool close()
    {
        open_.pop_back();
        return true;
    }
    template <class Value>
    bool put(Value&& value)
    {
        add(Json(std::forward<Value>(value)));
        return true;
    }
    Json* add(Json value)
    {
        if (open_.empty()) {
            root = std::move(value);
            return &root;
        }
        Json& parent = *open_.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        Json& place = parent[key_];
        place = std::move(value);
        return &place;
    }
    static bool is_utf8(const std::string& text)
    {
        // The library checks text when it writes JSON and at no other time.
        std::size_t at = 0;
        const auto next = [&](unsigned least, unsigned most) {
            if (at >= text.size())
                return false;
            const auto byte = static_cast<unsigned char>(text[at++]);
            return byte >= least && byte <= most;
        };
        while (at < text.size()) {
            const auto first = static_cast<unsigned char>(text[at++]);
            if (first < 0x80)
                continue;
            bool good = false;
            if (first >= 0xC2 && first <= 0xDF)
                good = next(0x80, 0xBF);
            else if (first >= 0xE0 && first <= 0xEF)
                good = next(first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && next(0x80, 0xBF);
            else if (first >= 0xF0 && first <= 0xF4)
                good = next(first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && next(0x80, 0xBF)
                    && next(0x80, 0xBF);
            if (!good)
                return false;
        }
        return true;
    }

    std::vector<Json*> open_;
    std::string key_;
    std::size_t entries_ = 0;
};

const Json& field(const Json& map, const char* key)
{
    const auto found = map.find(key);
    if (found == map.end())
        throw BadFrame(std::string("the field ") + key + " is missing");
    return *found;
}

[[noreturn]] void wrong(const char* key)
{
    throw BadFrame(std::string("the field ") + key + " has the wrong type");
}

}  // namespace

Json unpack(const std::uint8_t* data, std::size_t size)
{
    if (size > most_frame_bytes)
        throw BadFrame("the frame is too large");
    Reader reader;
    if (!Json::sax_parse(data, data + size, &reader, Json::input_format_t::msgpack, true))
        throw BadFrame("the frame is not msgpack within the limits");
    if (!reader.root.is_object())
        throw BadFrame("the frame is not a map");
    const Json& type = field(reader.root, "type");
    if (!type.is_string())
        throw BadFrame("the frame has no type");
    return std::move(reader.root);
}

Bytes pack(const Json& message)
{
    return Json::to_msgpack(message);
}

std::int64_t whole(const Json& map, const char* key)
{
    const Json& value = field(map, key);
    if (!value.is_number_integer())
        wrong(key);
    const auto found = value.get<std::int64_t>();
    if (found < 0)
        wrong(key);
    return found;
}

std::int64_t whole(const Json& map, const char* key, std::int64_t otherwise)
{
    return map.contains(key) ? whole(map, key) : otherwise;
}

double number(const Json& map, const char* key, double otherwise)
{
    const auto found = map.find(key);
    if (found == map.end() || found->is_null())
        return otherwise;
    if (!found->is_number())
        wrong(key);
    return found->get<double>();
}

std::string text(const Json& map, const char* key)
{
    const Json& value = field(map, key);
    if (!value.is_string())
        wrong(key);
    return value.get<std::string>();
}

std::string text(const Json& map, const char* key, const char* otherwise)
{
    const auto found = map.find(key);
    return found == map.end() || found->is_null() ? std::string(otherwise) : text(map, key);
}

const Bytes& bytes(const Json& map, const char* key)
{
    const Json& value = field(map, key);
    if (!value.is_binary())
        wrong(key);
    return value.get_binary();
}

}  // namespace bandmate
