#include "resample.hpp"

#include <algorithm>
#include <cmath>

namespace bandmate {
namespace {

constexpr int half_taps = 24;
constexpr double pi = 3.141592653589793;

// A sinc under a Blackman-Harris window; `x` in samples of the lower rate.
double kernel(double x, double width)
{
    if (std::abs(x) >= width)
        return 0.0;
    const double sinc = x == 0.0 ? 1.0 : std::sin(pi * x) / (pi * x);
    const double phase = pi * (x / width + 1.0);
    const double window =
        0.35875 - 0.48829 * std::cos(phase) + 0.14128 * std::cos(2 * phase) - 0.01168 * std::cos(3 * phase);
    return sinc * window;
}

}  // namespace

std::shared_ptr<Clip> resampled(const Clip& clip, std::int64_t rate)
{
    const double step = static_cast<double>(clip.sample_rate) / static_cast<double>(rate);
    // Going down, the filter is stretched, so that nothing folds back.
    const double squeeze = std::min(1.0, 1.0 / step);
    const double reach = half_taps / squeeze;
    const auto count = static_cast<std::int64_t>(std::floor(static_cast<double>(clip.frames) / step + 0.501));
    const auto channels = static_cast<std::int64_t>(clip.channels);
    std::vector<float> samples(static_cast<std::size_t>(count * channels));
    const std::vector<float>& source = clip.samples();
    for (std::int64_t frame = 0; frame < count; ++frame) {
        const double at = static_cast<double>(frame) * step;
        const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(at - reach)));
        const auto last = std::min(clip.frames - 1, static_cast<std::int64_t>(std::floor(at + reach)));
        for (std::int64_t i = first; i <= last; ++i) {
            const double weight = squeeze * kernel((static_cast<double>(i) - at) * squeeze, half_taps);
            for (std::int64_t channel = 0; channel < channels; ++channel)
                samples[static_cast<std::size_t>(frame * channels + channel)] += static_cast<float>(
                    weight * static_cast<double>(source[static_cast<std::size_t>(i * channels + channel)]));
        }
    }
    auto result = std::make_shared<Clip>(clip.name, clip.channels, count, rate);
    result->fill(0, reinterpret_cast<const std::uint8_t*>(samples.data()), samples.size() * sizeof(float));
    return result;
}

}  // namespace bandmate
