#include "core.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "connection.hpp"
#include "sheet.hpp"
#include "version.hpp"
#include "wav.hpp"

namespace bandmate {
namespace {

constexpr double capture_seconds = 66.0;
constexpr std::int64_t context_ms = 50;
// By then what left the score has faded away, in long blocks too.
constexpr std::int64_t fading_ms = 2000;
// What a task that fits a range hears around it, as the other bridges give it.
constexpr double context_seconds = 8.0;
// For so long after a song was loaded the host may still be setting its parameters.
constexpr std::int64_t settling_frames = 4096;

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
        stage_.prepare(static_cast<std::int64_t>(sample_rate * capture_seconds));
        instance_.open();
        publish();
    }
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
        return static_cast<float>(std::min(stage_.player().late(), 9999U));
    return values_[index].load(std::memory_order_relaxed);
}

void Core::set_parameter(unsigned index, float value) noexcept
{
    if (index >= status)
        return;
    const float before = values_[index].exchange(value, std::memory_order_relaxed);
    const bool settled = settling_.load(std::memory_order_relaxed) <= 0;
    if (settled && index < trigger_count && before < 0.5F && value >= 0.5F)
        press(index);
}

void Core::run(const float* const* inputs, float* const* outputs, std::uint32_t frames, const HostTime& time) noexcept
{
    if (settling_.load(std::memory_order_relaxed) > 0)
        settling_.fetch_sub(frames, std::memory_order_relaxed);
    const Knobs knobs{values_[mix].load(std::memory_order_relaxed),
                      values_[audition].load(std::memory_order_relaxed) >= 0.5F};
    stage_.run(inputs, outputs, frames, time, knobs);
}

// Every other thread, under the mutex --------------------------------------------------------------------------------

void Core::publish()
{
    stage_.player().publish(song_.score(static_cast<std::int64_t>(sample_rate_), separate_));
    published_ms_ = now_ms();
}

void Core::step()
{
    const bool wanted = values_[outputs].load() >= 0.5F;
    if (wanted != separate_) {
        separate_ = wanted;
        publish();
    }
    if (published_ms_ != 0 && now_ms() - published_ms_ > fading_ms) {
        published_ms_ = 0;
        stage_.player().tidy();
    }
    report();
    if (!session_.greeted()) {
        // What is pressed without a server is not kept: it would come as a surprise once there is one. What is pressed
        // before that is known is: some hosts start the plugin anew each time that they play.
        if (session_.standing().status != Status::off)
            pressed_.store(0);
        return;
    }
    const std::uint32_t pressed = pressed_.exchange(0, std::memory_order_acquire);
    if (pressed & (1U << cancel))
        session_.cancel();
    for (unsigned i = 0; i < task_names.size(); ++i) {
        if ((pressed & (1U << i)) == 0)
            continue;
        Ask ask;
        ask.task = task_names[i];
        ask.slot = static_cast<int>(std::lround(values_[slot].load()));
        ask.seed = std::lround(values_[seed].load());
        if (ask.seed == 0)
            ask.seed = -1;
        ask.prompt = sheet_.prompt;
        ask.strength = static_cast<double>(values_[strength].load());
        start(std::move(ask));
    }
    for (Ask& ask : session_.invokes())
        start(std::move(ask));
    session_.tick(now_ms());
    tell_context();
}

void Core::start(Ask ask)
{
    const HostTime time = stage_.time();
    const auto count = static_cast<std::int32_t>(std::lround(values_[bars].load()));
    const TaskTraits traits = session_.requests().traits(ask.task);
    if (!traits.needs_source) {
        ask.timeline = timeline(bars_ahead(time, sample_rate_, count), time, sample_rate_);
        return session_.requests().ask(std::move(ask));
    }
    const std::int64_t begin = stage_.capture().begin();
    const std::int64_t end = stage_.capture().end();
    const Range range = bars_within(time, sample_rate_, count, begin, end);
    std::int64_t before = 0;
    std::int64_t after = 0;
    if (traits.takes_ranges) {
        const auto reach = static_cast<std::int64_t>(context_seconds * sample_rate_);
        before = std::clamp<std::int64_t>(range.start - begin, 0, reach);
        after = std::clamp<std::int64_t>(end - range.end, 0, reach);
    }
    std::vector<float> samples;
    if (range.start >= range.end || !stage_.capture().read(range.start - before, range.end + after, samples))
        return session_.requests().refuse(ask.invoke, "No whole bar of this track is captured: play it, then try again.",
                               Status::unheard);
    ask.timeline = timeline(range, time, sample_rate_);
    ask.timeline["context_before_frames"] = before;
    ask.timeline["context_after_frames"] = after;
    ask.source = wav_bytes(samples, 2, static_cast<std::int64_t>(sample_rate_));
    ask.source_start = range.start - before;
    session_.requests().ask(std::move(ask));
}

void Core::tell_context()
{
    const std::int64_t now = now_ms();
    if (now - told_ms_ < context_ms)
        return;
    const HostTime time = stage_.time();
    const auto count = static_cast<std::int32_t>(std::lround(values_[bars].load()));
    Json context{
        {"project", instance_.id()},
        {"project_name", "Bandmate plugin"},
        {"focused", instance_.focused()},
        {"timeline", timeline(bars_ahead(time, sample_rate_, count), time, sample_rate_)},
        {"transport",
         {{"position", std::max<std::int64_t>(time.frame, 0)},
          {"playing", time.playing},
          {"looping", time.looping},
          {"bpm", time.bpm}}},
    };
    if (context == told_)
        return;
    told_ms_ = now;
    told_ = context;
    session_.context(std::move(context));
}

void Core::report()
{
    const HostTime time = stage_.time();
    values_[status].store(static_cast<float>(session_.standing().status));
    values_[progress].store(session_.standing().progress);
    values_[missing].store(static_cast<float>(song_.missing()));
    const double held = static_cast<double>(stage_.capture().end() - stage_.capture().begin());
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
                {"window", saved_sheet(sheet_)},
                {"missing", song_.missing()},
                {"late", stage_.player().late()},
                // For whoever looks into a song: hosts show numbers only.
                {"status", status_names[static_cast<std::size_t>(session_.standing().status)]},
                {"said", session_.standing().sentence}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Core::set_state(const std::string& saved)
{
    const Json state = Json::parse(saved, nullptr, false);
    if (!state.is_object())
        return;
    const std::lock_guard<std::mutex> lock(mutex_);
    try {
        const Sheet sheet = loaded_sheet(state.value("window", Json::object()));
        song_.load(state.value("takes", Json::array()));
        sheet_ = sheet;
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
