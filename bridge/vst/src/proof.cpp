#include "proof.hpp"

#include <array>

#include "sha256.hpp"

namespace bandmate {
namespace {

constexpr std::size_t block_bytes = 64;

// HMAC (RFC 2104) with SHA-256, in hexadecimal.
std::string hmac_sha256(const std::string& key, const std::string& message)
{
    std::array<std::uint8_t, block_bytes> pad{};
    if (key.size() > block_bytes) {
        Sha256 shortened;
        shortened.add(key.data(), key.size());
        const auto digest = shortened.digest();
        for (std::size_t i = 0; i < digest.size(); ++i)
            pad[i] = digest[i];
    } else {
        for (std::size_t i = 0; i < key.size(); ++i)
            pad[i] = static_cast<std::uint8_t>(key[i]);
    }
    Sha256 inner;
    Sha256 outer;
    for (std::uint8_t& byte : pad)
        byte ^= 0x36;
    inner.add(pad.data(), pad.size());
    inner.add(message.data(), message.size());
    for (std::uint8_t& byte : pad)
        byte ^= 0x36 ^ 0x5c;
    outer.add(pad.data(), pad.size());
    const auto digest = inner.digest();
    outer.add(digest.data(), digest.size());
    return outer.hex();
}

}  // namespace

std::string proof_of(const std::string& token, const std::string& host, const std::string& nonce)
{
    return hmac_sha256(token, "bandmate.v1 health\n" + host + "\n" + nonce);
}

}  // namespace bandmate
