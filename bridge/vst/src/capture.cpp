#include "capture.hpp"

#include <algorithm>

namespace bandmate {

void Capture::resize(std::int64_t frames)
{
    // A host may stop and start processing at any time; what was heard before still counts.
    if (frames == frames_)
        return;
    frames_ = frames;
    ring_ = std::vector<std::atomic<float>>(static_cast<std::size_t>(frames) * 2);
    begin_.store(0);
    end_.store(0);
}

void Capture::write(const float* left, const float* right, std::uint32_t frames, std::int64_t position) noexcept
{
    if (frames_ == 0 || position < 0)
        return;
    const std::int64_t end = end_.load(std::memory_order_relaxed);
    const std::int64_t begin = begin_.load(std::memory_order_relaxed);
    const std::int64_t next = position + frames;
    if (position < begin || position > end) {
        end_.store(position, std::memory_order_release);
        begin_.store(position, std::memory_order_release);
    }
    const std::int64_t reach = std::max(end_.load(std::memory_order_relaxed), next);
    // Said before it is overwritten, so that a reader who looks afterwards knows.
    begin_.store(std::max(begin_.load(std::memory_order_relaxed), reach - frames_), std::memory_order_seq_cst);
    for (std::uint32_t i = 0; i < frames; ++i) {
        const std::size_t at = place(position + i);
        ring_[at].store(left[i], std::memory_order_relaxed);
        ring_[at + 1].store(right[i], std::memory_order_relaxed);
    }
    end_.store(reach, std::memory_order_release);
}

bool Capture::read(std::int64_t from, std::int64_t to, std::vector<float>& samples) const
{
    if (frames_ == 0 || from < begin() || to > end() || from >= to)
        return false;
    samples.resize(static_cast<std::size_t>(to - from) * 2);
    for (std::int64_t frame = from; frame < to; ++frame) {
        const auto i = static_cast<std::size_t>(frame - from) * 2;
        const std::size_t at = place(frame);
        samples[i] = ring_[at].load(std::memory_order_relaxed);
        samples[i + 1] = ring_[at + 1].load(std::memory_order_relaxed);
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return from >= begin() && to <= end();
}

}  // namespace bandmate
