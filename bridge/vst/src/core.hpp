// One instance, whatever the plugin format: the audio thread's part is in `stage.hpp`, the connection's in `connection.hpp`.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "desk.hpp"
#include "instance.hpp"
#include "parameters.hpp"
#include "session.hpp"
#include "song.hpp"
#include "stage.hpp"

namespace bandmate {

class Connection;

class Core final : public Processor, public Desk {
public:
    Core();
    ~Core() override;

    void activate(double sample_rate) override;
    void deactivate() override;
    void run(const float* const* inputs, float* const* outputs, std::uint32_t frames,
             const HostTime& time) noexcept override;
    float parameter(unsigned index) const noexcept override;
    void set_parameter(unsigned index, float value) noexcept override;
    std::string state() override;
    void set_state(const std::string& text) override;
    Desk& desk() noexcept override { return *this; }

    void look(DeskView& view) override;
    Sheet sheet() override;
    void keep(const Sheet& sheet) override;
    void press(unsigned trigger) noexcept override;
    void set_mix(const std::string& job, std::int64_t stem, const StemMix& mix) override;
    void choose(const std::string& job) override;
    std::vector<std::string> files(const std::string& job, std::int64_t stem) override;
    std::string folder() const override;

private:
    friend class Connection;

    void disconnect();
    // For the connection's thread, which holds the mutex.
    void publish();
    void step();
    void start(Ask ask);
    void tell_context();
    void report();

    Instance instance_;
    Stage stage_;

    std::array<std::atomic<float>, parameter_count> values_;
    // Triggers that were pressed and not yet acted on, one bit each.
    std::atomic<std::uint32_t> pressed_{0};
    // Frames to go until triggers count again: what a host sets as it opens a song is how they were left, not a press.
    std::atomic<std::int64_t> settling_{0};

    // Guards what follows, between the host's main thread and the connection's.
    std::mutex mutex_;
    double sample_rate_ = 48'000.0;
    bool separate_ = false;
    Song song_;
    Session session_;
    Sheet sheet_;
    std::int64_t told_ms_ = 0;
    // When the score was replaced; 0 once nothing of the one before is left.
    std::int64_t published_ms_ = 0;
    Json told_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace bandmate
