// Where Bandmate keeps its things on this machine; the same places as the Python side has.
#pragma once

#include <filesystem>
#include <string>

namespace bandmate {

namespace fs = std::filesystem;

struct Address {
    std::string host;
    int port = 0;
};

// BANDMATE_SERVER, else what the last server to start wrote; false when no server ever started.
bool find_server(Address& address);
// BANDMATE_TOKEN, else the user's file; empty when there is none.
std::string read_token();
// BANDMATE_MEDIA, else the user's Bandmate folder. What a song plays lies here.
fs::path media_folder();
// For locks of instances.
fs::path state_folder();

}  // namespace bandmate
