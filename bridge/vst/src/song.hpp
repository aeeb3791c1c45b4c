// What this instance plays: takes (one a job) over the song's time, the newest on top; and the saved state of it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clip.hpp"
#include "pack.hpp"
#include "stem_files.hpp"

namespace bandmate {

struct Stem {
    std::int64_t revision = 0;
    std::string name;
    std::int64_t start_frame = 0;
    std::int64_t sample_rate = 0;
    std::int64_t frames = 0;
    // What is heard, and a newer revision that is still coming; the first revision is heard while it comes.
    std::shared_ptr<Clip> clip;
    std::shared_ptr<Clip> coming;
    // The hash that `stem_end` said of the newest, and that of what lies in the file.
    std::string awaited;
    std::string sha256;
    // The WAV; empty until it was written.
    std::string path;
    // The same at the host's rate, where that is another one.
    std::shared_ptr<Clip> at_host_rate;

    StemMix mix;
    // What comes of it and of the other stems' solo.
    std::shared_ptr<Level> level = std::make_shared<Level>(1.0F);

    const std::shared_ptr<Clip>& newest() const { return coming ? coming : clip; }
    bool whole() const { return !path.empty() && !coming; }
};

struct Take {
    std::string job;
    Json recipe = Json::object();
    std::int64_t sample_rate = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t attempt = 0;
    // Its job has ended and every stem is on the disk.
    bool settled = false;
    // It stands in for the track's own audio, of which it was made; others play beside that.
    bool replaces_input = false;
    std::map<std::int64_t, Stem> stems;

    // Applies the stems' mixes: what is muted, or not solo while another one is, is silent.
    void set_levels();
};

class Song {
public:
    std::vector<Take> takes;
    // The job whose take is heard before newer ones; empty for the newest.
    std::string front;

    // The take in front, else the newest; null for none.
    const Take* shown() const;
    Take* find(const std::string& job);
    void remove(const std::string& job);

    // What to play at the host's rate, each stem on its own output or all on the first.
    Score score(std::int64_t sample_rate, bool separate);

    // The takes as state; `load` reads their files again. Throws BadFrame for what is no state.
    Json save() const;
    void load(const Json& state);

    // A take's stems that are whole, or one of them, at this rate; a negative number for all.
    std::vector<StemFile> files(const std::string& job, std::int64_t stem, std::int64_t sample_rate);

    // Stems whose file is gone or another one.
    int missing() const;
    // Hashes of the stems, which the server keeps while the song names them.
    std::vector<std::string> hashes() const;
};

}  // namespace bandmate
