#include "song_of_noise.hpp"

#include <random>

#include "pack.hpp"
#include "wav.hpp"

namespace bandmate {

std::string song_of_noise(const fs::path& folder, int count, long frames)
{
    std::minstd_rand chance(1);
    std::uniform_real_distribution<float> sample(-0.1F, 0.1F);
    Json stems = Json::object();
    for (int i = 0; i < count; ++i) {
        Clip clip("Noise", 2, frames, 48'000);
        std::vector<float> noise(static_cast<std::size_t>(frames) * 2);
        for (float& each : noise)
            each = sample(chance);
        clip.fill(0, reinterpret_cast<const std::uint8_t*>(noise.data()), noise.size() * sizeof(float));
        const fs::path path = folder / ("noise-" + std::to_string(i) + ".wav");
        write_file(path, wav_bytes(noise, 2, 48'000));
        stems[std::to_string(i)] = {{"name", "Noise"},  {"path", path.u8string()}, {"sha256", clip.sha256()},
                                    {"frames", frames}, {"start_frame", 0},        {"revision", 0},
                                    {"sample_rate", 48'000}};
    }
    const Json take{{"job", "noise000"}, {"recipe", Json::object()}, {"sample_rate", 48'000}, {"begin", 0},
                    {"end", frames},     {"attempt", 0},             {"settled", true},       {"stems", stems}};
    return Json{{"version", 1}, {"instance", "driver"}, {"takes", {take}}}.dump();
}

}  // namespace bandmate
