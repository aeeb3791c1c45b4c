// SHA-256 (FIPS 180-4), by which the protocol names audio.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace bandmate {

class Sha256 {
public:
    void add(const void* data, std::size_t size);
    // The 32 bytes; ends the sum.
    std::array<std::uint8_t, 32> digest();
    // The same in lower-case hexadecimal.
    std::string hex();

private:
    void block(const std::uint8_t* data);

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::uint8_t, 64> rest_{};
    std::size_t held_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace bandmate
