#include "song_of_noise.hpp"

#include <random>

#include "pack.hpp"
#include "wav.hpp"

namespace bandmate {

std::string song_of(const fs::path& folder, const std::string& job, int count, long frames,
                    const std::function<float(int)>& sample)
{
    Json stems = Json::object();
    for (int i = 0; i < count; ++i) {
        Clip clip("Noise", 2, frames, 48'000);
        std::vector<float> samples(static_cast<std::size_t>(frames) * 2);
        for (float& each : samples)
            each = sample(i);
        clip.fill(0, reinterpret_cast<const std::uint8_t*>(samples.data()), samples.size() * sizeof(float));
        const fs::path path = folder / (job + "-" + std::to_string(i) + ".wav");
        write_file(path, wav_bytes(samples, 2, 48'000));
        stems[std::to_string(i)] = {{"name", "Noise"},  {"path", path.u8string()}, {"sha256", clip.sha256()},
                                    {"frames", frames}, {"start_frame", 0},        {"revision", 0},
                                    {"sample_rate", 48'000}};
    }
    const Json take{{"job", job},    {"recipe", Json::object()}, {"sample_rate", 48'000}, {"begin", 0},
                    {"end", frames}, {"attempt", 0},             {"settled", true},       {"stems", stems}};
    return Json{{"version", 1}, {"instance", "driver"}, {"takes", {take}}}.dump();
}

std::string song_of_noise(const fs::path& folder, int count, long frames)
{
    std::minstd_rand chance(1);
    std::uniform_real_distribution<float> sample(-0.1F, 0.1F);
    return song_of(folder, "noise000", count, frames, [&](int) { return sample(chance); });
}

}  // namespace bandmate
