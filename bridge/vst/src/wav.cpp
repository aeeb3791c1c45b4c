#include "wav.hpp"

#include <cstring>
#include <fstream>

#include "socket.hpp"

namespace bandmate {
namespace {

constexpr std::size_t header_bytes = 58;
constexpr std::uint16_t format_float = 3;

void put(std::vector<std::uint8_t>& data, std::uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; ++i)
        data.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put(std::vector<std::uint8_t>& data, const char* text)
{
    for (unsigned i = 0; i < 4; ++i)
        data.push_back(static_cast<std::uint8_t>(text[i]));
}

std::uint32_t get(const std::uint8_t* data, unsigned width)
{
    std::uint32_t value = 0;
    for (unsigned i = width; i > 0; --i)
        value = value << 8 | data[i - 1];
    return value;
}

}  // namespace

std::vector<std::uint8_t> wav_bytes(const std::vector<float>& samples, unsigned channels, std::int64_t rate)
{
    const std::uint64_t size = samples.size() * sizeof(float);
    const std::uint64_t width = sizeof(float) * channels;
    std::vector<std::uint8_t> data;
    data.reserve(header_bytes + static_cast<std::size_t>(size));
    put(data, "RIFF");
    put(data, header_bytes - 8 + size, 4);
    put(data, "WAVE");
    put(data, "fmt ");
    put(data, 18, 4);
    put(data, format_float, 2);
    put(data, channels, 2);
    put(data, static_cast<std::uint64_t>(rate), 4);
    put(data, static_cast<std::uint64_t>(rate) * width, 4);
    put(data, width, 2);
    put(data, 32, 2);
    put(data, 0, 2);
    put(data, "fact");
    put(data, 4, 4);
    put(data, size / width, 4);
    put(data, "data");
    put(data, size, 4);
    const auto* const from = reinterpret_cast<const std::uint8_t*>(samples.data());
    data.insert(data.end(), from, from + size);
    return data;
}

bool write_file(const fs::path& path, const std::vector<std::uint8_t>& data)
{
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    fs::path fresh = path;
    fresh += "." + random_hex(4);
    {
        std::ofstream file(fresh, std::ios::binary);
        file.write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(data.size()));
        file.close();
        if (!file) {
            fs::remove(fresh, failed);
            return false;
        }
    }
    fs::rename(fresh, path, failed);
    if (!failed)
        return true;
    fs::remove(fresh, failed);
    return false;
}

std::shared_ptr<Clip> read_wav(const fs::path& path, const std::string& name)
{
    std::ifstream file(path, std::ios::binary);
    std::uint8_t header[header_bytes];
    if (!file.read(reinterpret_cast<char*>(header), sizeof header) || std::memcmp(header, "RIFF", 4) != 0
        || std::memcmp(header + 36 + 2, "fact", 4) != 0 || get(header + 20, 2) != format_float)
        return nullptr;
    const std::uint32_t channels = get(header + 22, 2);
    const std::uint32_t size = get(header + 54, 4);
    std::error_code failed;
    const std::uintmax_t there = fs::file_size(path, failed);
    if (failed || channels == 0 || channels > 64 || size % (4 * channels) != 0 || there < header_bytes + size)
        return nullptr;
    auto clip = std::make_shared<Clip>(name, channels, size / (4 * channels), get(header + 24, 4));
    std::vector<std::uint8_t> data(size);
    if (!file.read(reinterpret_cast<char*>(data.data()), size) || !clip->fill(0, data.data(), size))
        return nullptr;
    return clip;
}

std::string file_name(const std::string& name)
{
    std::string safe;
    for (const char letter : name)
        if (static_cast<unsigned char>(letter) >= 32 && std::strchr("<>:\"/\\|?*", letter) == nullptr)
            safe += letter;
    while (!safe.empty() && (safe.back() == '.' || safe.back() == ' '))
        safe.pop_back();
    if (safe.size() > 80) {
        safe.resize(80);
        // No half of a letter of several bytes.
        while (!safe.empty() && (static_cast<unsigned char>(safe.back()) & 0xC0U) == 0x80U)
            safe.pop_back();
        if (!safe.empty() && static_cast<unsigned char>(safe.back()) >= 0xC0U)
            safe.pop_back();
    }
    return safe.empty() ? "stem" : safe;
}

}  // namespace bandmate
