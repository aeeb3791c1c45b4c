// How a server shows that it knows the token before it is sent (protocol/PROTOCOL.md, Connection).
#pragma once

#include <string>

namespace bandmate {

// What a server that has the token answers to a nonce; `host` is the request's Host header, in lower case.
std::string proof_of(const std::string& token, const std::string& host, const std::string& nonce);

}  // namespace bandmate
