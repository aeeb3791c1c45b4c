#include "stem_files.hpp"

#include "wav.hpp"

namespace bandmate {

std::vector<std::string> write_stem_files(const std::vector<StemFile>& files)
{
    // Beside the song's own: what a DAW does to them changes nothing that the song plays.
    const fs::path folder = media_folder() / "Dragged";
    std::vector<std::string> paths;
    for (const StemFile& file : files) {
        const fs::path path = folder / fs::u8path(file.name);
        std::error_code failed;
        const Clip& clip = *file.clip;
        if (!fs::exists(path, failed) && !write_file(path, wav_bytes(clip.samples(), clip.channels, clip.sample_rate)))
            return {};
        paths.push_back(path.u8string());
    }
    return paths;
}

}  // namespace bandmate
