#include "core.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "connection.hpp"
#include "version.hpp"
#include "wav.hpp"

namespace bandmate {
namespace {

constexpr double capture_seconds = 66.0;
constexpr std::int64_t context_ms = 50;
// What a task that fits a range hears around it, as the other bridges give it.
constexpr double context_seconds = 8.0;
// For so long after a song was loaded the host may still be setting its parameters.
constexpr std::int64_t settling_frames = 4096;
constexpr float level_step = 1.0F / 64.0F;
constexpr std::array<const char*, trigger_count - 1> task_names{"generate", "cover", "repaint", "accompany",
                                                               "separate"};

std::int64_t now_ms()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

Core::Core() : session_(song_, [this] { publish(); })
{
    for (unsigned i = 0; i < parameter_count; ++i)
        values_[i].store(parameter_infos[i].usual);
}

Core::~Core()
{
    disconnect();
}

std::unique_ptr<Processor> make_processor()
{
    return std::make_unique<Core>();
}

void Core::activate(double sample_rate)
{
    disconnect();
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        sample_rate_ = sample_rate;
        capture_.resize(static_cast<std::int64_t>(sample_rate * capture_seconds));
        instance_.open();
        publish();
    }
    expected_ = -1;
    settling_ = std::max<std::int64_t>(settling_, 1);
    instance_.touch();
    connection_ = std::make_unique<Connection>(*this);
}

void Core::deactivate()
{
    disconnect();
}

void Core::disconnect()
{
    connection_.reset();
    const std::lock_guard<std::mutex> lock(mutex_);
    instance_.close();
    session_.lost(Status::off, "");
    values_[status].store(0.0F);
}

float Core::parameter(unsigned index) const noexcept
{
    if (index == late)
        return static_cast<float>(std::min(player_.late(), 9999U));
    return values_[index].load(std::memory_order_relaxed);
}

void Core::set_parameter(unsigned index, float value) noexcept
{
    if (index >= status)
        return;
    const float before = values_[index].exchange(value, std::memory_order_relaxed);
    const bool settled = settling_.load(std::memory_order_relaxed) <= 0;
    if (settled && index < trigger_count && before < 0.5F && value >= 0.5F) {
        pressed_.fetch_or(1U << index, std::memory_order_release);
        instance_.touch();
    }
}

// The audio thread -----------------------------------------------------------------------------------------------

// Where this block lies: with the host, or, while it stands still, on our own clock over what there is to hear.
std::int64_t Core::follow(const HostTime& time, std::uint32_t frames) noexcept
{
    // Some hosts let the position run and do not say that they play.
    const bool host_rolls = time.playing || (expected_ >= 0 && time.frame == expected_);
    expected_ = time.frame + frames;
    if (host_rolls) {
        hosted_ = rolling_ = true;
        return time.frame;
    }
    hosted_ = false;
    const bool audible = values_[audition].load(std::memory_order_relaxed) >= 0.5F && player_.end() > player_.begin();
    if (audible) {
        const bool inside = rolling_ && position_ >= player_.begin() && position_ < player_.end();
        if (!inside)
            position_ = player_.begin();
    }
    rolling_ = audible;
    return position_;
}

void Core::run(const float* const* in, float* const* out, std::uint32_t frames, const HostTime& time) noexcept
{
    if (settling_.load(std::memory_order_relaxed) > 0)
        settling_.fetch_sub(frames, std::memory_order_relaxed);
    const bool was_rolling = rolling_;
    const std::int64_t position = follow(time, frames);
    transport_.write(time);
    // The first frame after a start is heard as it is; after a stop the sound is faded out.
    if (rolling_ && !was_rolling)
        level_ = 1.0F;
    std::int64_t at = position;
    for (std::uint32_t done = 0; done < frames;) {
        std::uint32_t part = std::min(frames - done, chunk_frames);
        if (rolling_ && !hosted_) {
            // Auditioning begins again at its end, within a block too.
            if (at >= player_.end())
                at = player_.begin();
            part = static_cast<std::uint32_t>(std::min<std::int64_t>(part, std::max<std::int64_t>(player_.end() - at, 1)));
        }
        const float* const ins[2] = {in[0] + done, in[1] + done};
        float* outs[2 * output_pairs];
        for (unsigned i = 0; i < 2 * output_pairs; ++i)
            outs[i] = out[i] == nullptr ? nullptr : out[i] + done;
        if (hosted_)
            capture_.write(ins[0], ins[1], part, at);
        run_chunk(ins, outs, part, at);
        done += part;
        if (rolling_ || level_ > 0.0F)
            at += part;
    }
    position_ = at;
}

void Core::run_chunk(const float* const* in, float* const* out, std::uint32_t frames, std::int64_t position) noexcept
{
    // The host may give the same memory for inputs and outputs.
    float dry[2][chunk_frames];
    float dry_gain[chunk_frames], wet[2][chunk_frames] = {}, level[chunk_frames], wet_gain[chunk_frames];
    const float mixed = values_[mix].load(std::memory_order_relaxed);
    const float dry_to = std::min(1.0F, 2.0F * (1.0F - mixed));
    const float wet_to = std::min(1.0F, 2.0F * mixed);
    const float dry_step = (dry_to - dry_) / static_cast<float>(frames);
    const float wet_step = (wet_to - wet_) / static_cast<float>(frames);
    for (std::uint32_t i = 0; i < frames; ++i) {
        dry[0][i] = in[0][i];
        dry[1][i] = in[1][i];
        level_ = std::clamp(level_ + (rolling_ ? level_step : -level_step), 0.0F, 1.0F);
        level[i] = level_;
        dry_gain[i] = 1.0F;
        wet_gain[i] = wet_ + wet_step * static_cast<float>(i + 1);
    }
    float* pairs[2 * output_pairs];
    for (unsigned i = 0; i < 2 * output_pairs; i += 2) {
        const bool connected = i > 0 && out[i] != nullptr && out[i + 1] != nullptr && out[i] != out[i + 1];
        pairs[i] = connected ? out[i] : wet[0];
        pairs[i + 1] = connected ? out[i + 1] : wet[1];
        for (unsigned side = 0; connected && side < 2; ++side)
            std::fill_n(out[i + side], frames, 0.0F);
    }
    if (level[0] > 0.0F)
        player_.play(pairs, dry_gain, frames, position, level);
    for (unsigned i = 2; i < 2 * output_pairs; ++i)
        if (pairs[i] == out[i])
            for (std::uint32_t frame = 0; frame < frames; ++frame)
                out[i][frame] *= wet_gain[frame];
    for (std::uint32_t i = 0; i < frames; ++i) {
        const float straight = (dry_ + dry_step * static_cast<float>(i + 1)) * dry_gain[i];
        for (unsigned side = 0; side < 2; ++side)
            if (out[side] != nullptr)
                out[side][i] = dry[side][i] * straight + wet[side][i] * wet_gain[i];
    }
    dry_ = dry_to;
    wet_ = wet_to;
}

// Every other thread, under the mutex --------------------------------------------------------------------------------

void Core::publish()
{
    player_.publish(song_.score(static_cast<std::int64_t>(sample_rate_), separate_));
}

void Core::step()
{
    const bool wanted = values_[outputs].load() >= 0.5F;
    if (wanted != separate_) {
        separate_ = wanted;
        publish();
    }
    report();
    // What is pressed without a server is not kept: it would come as a surprise once there is one.
    const std::uint32_t pressed = pressed_.exchange(0, std::memory_order_acquire);
    if (!session_.greeted())
        return;
    if (pressed & (1U << cancel))
        session_.cancel();
    for (unsigned i = 0; i < task_names.size(); ++i) {
        if ((pressed & (1U << i)) == 0)
            continue;
        Ask ask;
        ask.task = task_names[i];
        ask.slot = static_cast<int>(std::lround(values_[slot].load()));
        ask.seed = std::lround(values_[seed].load());
        ask.strength = static_cast<double>(values_[strength].load());
        start(std::move(ask));
    }
    for (Ask& ask : session_.invokes())
        start(std::move(ask));
    tell_context();
}

void Core::start(Ask ask)
{
    const HostTime time = transport_.read();
    const auto count = static_cast<std::int32_t>(std::lround(values_[bars].load()));
    if (!session_.needs_source(ask.task)) {
        ask.timeline = timeline(bars_ahead(time, sample_rate_, count), time, sample_rate_);
        return session_.ask(std::move(ask));
    }
    const std::int64_t begin = capture_.begin();
    const std::int64_t end = capture_.end();
    const Range range = bars_within(time, sample_rate_, count, begin, end);
    std::int64_t before = 0;
    std::int64_t after = 0;
    if (ask.task == "repaint") {
        const auto reach = static_cast<std::int64_t>(context_seconds * sample_rate_);
        before = std::clamp<std::int64_t>(range.start - begin, 0, reach);
        after = std::clamp<std::int64_t>(end - range.end, 0, reach);
    }
    std::vector<float> samples;
    if (range.start >= range.end || !capture_.read(range.start - before, range.end + after, samples))
        return session_.refuse(ask.invoke, "No whole bar of this track was heard yet: play it, then try again.",
                               Status::unheard);
    ask.timeline = timeline(range, time, sample_rate_);
    ask.timeline["context_before_frames"] = before;
    ask.timeline["context_after_frames"] = after;
    ask.source = wav_bytes(samples, 2, static_cast<std::int64_t>(sample_rate_));
    ask.source_start = range.start - before;
    session_.ask(std::move(ask));
}

void Core::tell_context()
{
    const std::int64_t now = now_ms();
    if (now - told_ms_ < context_ms)
        return;
    const HostTime time = transport_.read();
    const auto count = static_cast<std::int32_t>(std::lround(values_[bars].load()));
    Json context{
        {"project", instance_.id()},
        {"project_name", "Bandmate plugin"},
        {"focused", instance_.focused()},
        {"timeline", timeline(bars_ahead(time, sample_rate_, count), time, sample_rate_)},
        {"transport", {{"position", time.frame}, {"playing", time.playing}, {"bpm", time.bpm}}},
    };
    if (context == told_)
        return;
    told_ms_ = now;
    told_ = context;
    session_.context(std::move(context));
}

void Core::report()
{
    const HostTime time = transport_.read();
    values_[status].store(static_cast<float>(session_.status()));
    values_[progress].store(session_.progress());
    values_[missing].store(static_cast<float>(song_.missing()));
    const double held = static_cast<double>(capture_.end() - capture_.begin());
    values_[captured].store(static_cast<float>(std::floor(held / frames_per_bar(time, sample_rate_))));
}

// The state ----------------------------------------------------------------------------------------------------------

std::string Core::state()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    if (session_.greeted())
        session_.pin("vst " + instance_.id());
    return Json{{"version", 1},
                {"made_by", version_mark},
                {"instance", instance_.id()},
                {"takes", song_.save()},
                {"missing", song_.missing()},
                {"late", player_.late()},
                // For whoever looks into a song: hosts show numbers only.
                {"status", status_names[static_cast<std::size_t>(session_.status())]},
                {"said", session_.sentence()}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Core::set_state(const std::string& saved)
{
    const Json state = Json::parse(saved, nullptr, false);
    if (!state.is_object())
        return;
    const std::lock_guard<std::mutex> lock(mutex_);
    try {
        song_.load(state.value("takes", Json::array()));
        instance_.adopt(text(state, "instance", ""));
    } catch (const std::exception&) {
        // A state of another make changes nothing.
        return;
    }
    settling_ = settling_frames;
    publish();
    report();
    session_.reloaded();
}

}  // namespace bandmate
