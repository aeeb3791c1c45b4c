// What a window shows of an instance and asks of it, and nothing of how it is drawn.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clip.hpp"
#include "processor.hpp"
#include "standing.hpp"

namespace bandmate {

struct StemView {
    std::int64_t number = 0;
    std::string name;
    // Its audio, which may still grow; null where its file is missing.
    std::shared_ptr<const Clip> clip;
    StemMix mix;
    // Its place in the song.
    double start_seconds = 0.0, length_seconds = 0.0;
};

struct TakeView {
    std::string job;
    std::string task;
    // Where it begins in the song; 0 where nobody said.
    std::int64_t bar = 0;
};

struct DeskView {
    Standing standing;
    HostTime time;
    std::int64_t captured_bars = 0;
    // The newest first.
    std::vector<TakeView> takes;
    // The job of the take that is heard where several lie over each other, and its stems.
    std::string shown;
    std::vector<StemView> stems;
    bool busy = false;
    // Of the host.
    double sample_rate = 48'000.0;

    // Where the song is in a stem, from 0 at its start to 1 at its end; outside of that it is not heard now.
    double playhead(const StemView& stem) const noexcept
    {
        const double inside = static_cast<double>(time.frame) / sample_rate - stem.start_seconds;
        return stem.length_seconds > 0.0 ? inside / stem.length_seconds : -1.0;
    }
};

// What a song keeps of the window.
struct Sheet {
    // The words for every task; where it is empty, those of the slot count.
    std::string prompt;
    // As a trigger of parameters.hpp.
    unsigned task = 0;
    // In pixels; 0 for a window that was never sized.
    unsigned width = 0;
    unsigned height = 0;
};

// For the host's main thread. `look` never waits for the connection's thread; the others wait for their turn.
class Desk {
public:
    virtual ~Desk() = default;

    // How things stand. While the connection's thread is at work the view stays as it was, but for the time.
    virtual void look(DeskView& view) = 0;
    virtual Sheet sheet() = 0;
    virtual void keep(const Sheet& sheet) = 0;
    // As if a trigger of parameters.hpp went from off to on.
    virtual void press(unsigned trigger) noexcept = 0;
    // Sets how a stem is heard, and which take before the others; what is there no longer is left alone.
    virtual void set_mix(const std::string& job, std::int64_t stem, const StemMix& mix) = 0;
    virtual void choose(const std::string& job) = 0;
    // Files of a take's whole stems, or of one, for an arrangement; a negative number for all. None where none is whole
    // or the disk takes none.
    virtual std::vector<std::string> files(const std::string& job, std::int64_t stem) = 0;
    // The folder that the stems lie in.
    virtual std::string folder() const = 0;
};

// A plugin that a window can look into, in the same process.
class HasDesk {
public:
    virtual Desk& desk() noexcept = 0;

protected:
    ~HasDesk() = default;
};

}  // namespace bandmate
