// The plugin as DPF sees it: names, ports and parameters, and every call passed on to the core.
#include <DistrhoPlugin.hpp>

#include <cmath>
#include <cstring>

#include "desk.hpp"
#include "host_listener.hpp"
#include "parameters.hpp"
#include "processor.hpp"
#include "transport.hpp"

START_NAMESPACE_DISTRHO

using namespace bandmate;

static_assert(DISTRHO_PLUGIN_NUM_OUTPUTS == 2 * output_pairs, "one stereo pair for each output");

class BandmatePlugin : public Plugin, public HostListener, public HasDesk {
public:
    BandmatePlugin() : Plugin(parameter_count, 0, 1) {}

protected:
    const char* getLabel() const override { return "bandmate"; }
    const char* getDescription() const override { return "Generated stems, in time with the song."; }
    const char* getMaker() const override { return "Bandmate"; }
    const char* getLicense() const override { return "MIT"; }
    uint32_t getVersion() const override { return d_version(0, 1, 0); }
    int64_t getUniqueId() const override { return d_cconst('B', 'n', 'd', 'm'); }

    void initAudioPort(bool input, uint32_t index, AudioPort& port) override
    {
        const uint32_t pair = index / 2;
        const char* const side = index % 2 == 0 ? "left" : "right";
        port.name = String(input ? "Input " : "Output ") + String(pair + 1) + " " + side;
        port.symbol = String(input ? "in" : "out") + String(pair + 1) + "_" + side;
        port.groupId = input ? output_pairs : pair;
    }

    void initPortGroup(uint32_t id, PortGroup& group) override
    {
        const bool input = id == output_pairs;
        group.name = input ? String("Input") : String("Output ") + String(id + 1);
        group.symbol = input ? String("input") : String("output_") + String(id + 1);
    }

    void initParameter(uint32_t index, Parameter& parameter) override
    {
        const ParameterInfo& info = parameter_infos[index];
        parameter.name = info.name;
        parameter.symbol = info.symbol;
        parameter.unit = info.unit;
        parameter.ranges.def = info.usual;
        parameter.ranges.min = info.least;
        parameter.ranges.max = info.most;
        parameter.hints = info.kind == Kind::reading ? kParameterIsOutput : kParameterIsAutomatable;
        if (info.kind == Kind::trigger || info.kind == Kind::toggle)
            parameter.hints |= kParameterIsBoolean;
        if (info.kind == Kind::integer || index == status)
            parameter.hints |= kParameterIsInteger;
        if (index == status)
            name_values(parameter);
    }

    void initState(uint32_t, State& state) override
    {
        state.key = "song";
        state.label = "Song";
        state.hints = kStateIsOnlyForDSP;
    }

    float getParameterValue(uint32_t index) const override { return core_->parameter(index); }
    void setParameterValue(uint32_t index, float value) override { core_->set_parameter(index, value); }
    String getState(const char*) const override { return String(core_->state().c_str()); }
    void setState(const char* key, const char* value) override
    {
        if (std::strcmp(key, "song") == 0)
            core_->set_state(value);
    }

    Desk& desk() noexcept override { return core_->desk(); }

    void host_loops(bool loops) noexcept override { looping_ = loops; }

    void activate() override
    {
        if (!isDummyInstance())
            core_->activate(getSampleRate());
    }
    void deactivate() override { core_->deactivate(); }

    void run(const float** inputs, float** outputs, uint32_t frames) override
    {
        core_->run(inputs, outputs, frames, host_time());
    }

private:
    HostTime host_time() const noexcept
    {
        const TimePosition& position = getTimePosition();
        HostTime time;
        time.playing = position.playing;
        time.looping = looping_;
        time.frame = static_cast<std::int64_t>(position.frame);
        const TimePosition::BarBeatTick& bbt = position.bbt;
        if (bbt.beatsPerMinute >= 1.0 && bbt.beatsPerMinute <= 2000.0)
            time.bpm = bbt.beatsPerMinute;
        if (bbt.valid && bbt.beatsPerBar >= 1.0F && bbt.beatType >= 1.0F && bbt.ticksPerBeat > 0.0) {
            time.numerator = static_cast<std::int32_t>(std::lround(bbt.beatsPerBar));
            time.denominator = static_cast<std::int32_t>(std::lround(bbt.beatType));
            time.bar = bbt.bar;
            time.beat = bbt.beat - 1 + bbt.tick / bbt.ticksPerBeat;
        } else {
            place_without_bars(time);
        }
        return on_the_grid(time, getSampleRate());
    }

    // A host that says nothing of bars: they are counted from the song's start at the tempo that it has now.
    void place_without_bars(HostTime& time) const noexcept
    {
        const double bars_done = static_cast<double>(time.frame) / frames_per_bar(time, getSampleRate());
        time.bar = static_cast<std::int32_t>(bars_done) + 1;
        time.beat = (bars_done - std::floor(bars_done)) * time.numerator;
    }

    static void name_values(Parameter& parameter)
    {
        auto* const values = new ParameterEnumerationValue[status_names.size()];
        for (std::size_t i = 0; i < status_names.size(); ++i) {
            values[i].label = status_names[i];
            values[i].value = static_cast<float>(i);
        }
        parameter.enumValues.count = static_cast<uint8_t>(status_names.size());
        parameter.enumValues.restrictedMode = true;
        parameter.enumValues.values = values;
    }

    const std::unique_ptr<Processor> core_ = make_processor();
    bool looping_ = false;

    DISTRHO_DECLARE_NON_COPYABLE_WITH_LEAK_DETECTOR(BandmatePlugin)
};

Plugin* createPlugin()
{
    return new BandmatePlugin();
}

END_NAMESPACE_DISTRHO
