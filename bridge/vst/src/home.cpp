#include "home.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "pack.hpp"

#ifndef _WIN32
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace bandmate {
namespace {

std::string variable(const char* name)
{
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

fs::path user_home()
{
#ifdef _WIN32
    return variable("USERPROFILE");
#else
    return variable("HOME");
#endif
}

// As platformdirs places them for the Python side.
fs::path place(const char* name, [[maybe_unused]] const char* xdg, [[maybe_unused]] const char* usual)
{
    const std::string home = variable("BANDMATE_HOME");
    if (!home.empty())
        return fs::path(home) / name;
#if defined(_WIN32)
    return fs::path(variable("LOCALAPPDATA")) / "bandmate";
#elif defined(__APPLE__)
    return user_home() / "Library" / "Application Support" / "bandmate";
#else
    const std::string base = variable(xdg);
    return (base.empty() ? user_home() / usual : fs::path(base)) / "bandmate";
#endif
}

std::string read_file(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// host:port of a URL such as ws://host:port/ws, whose port may be left out; other text as it is.
std::string without_url(std::string text)
{
    constexpr const char* usual_port = ":7893";
    const auto scheme = text.find("://");
    if (scheme == std::string::npos)
        return text;
    text.erase(0, scheme + 3);
    text.erase(std::min(text.find('/'), text.size()));
    const auto colon = text.rfind(':');
    const bool has_port = colon != std::string::npos && text.find(']', colon) == std::string::npos;
    return has_port ? text : text + usual_port;
}

// A file that another user has put there is theirs to know.
bool is_ours([[maybe_unused]] const fs::path& path)
{
#ifdef _WIN32
    return true;
#else
    struct stat about = {};
    return ::stat(path.c_str(), &about) == 0 && about.st_uid == ::geteuid();
#endif
}

std::string reachable(const std::string& host)
{
    // A server that listens on every address is reached on this machine's own.
    return host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host;
}

}  // namespace

bool find_server(Address& address)
{
    const std::string named = without_url(variable("BANDMATE_SERVER"));
    if (!named.empty()) {
        const auto colon = named.rfind(':');
        std::string host = colon == std::string::npos ? "" : named.substr(0, colon);
        if (host.size() > 1 && host.front() == '[')
            host = host.substr(1, host.size() - 2);
        address.host = host.empty() ? "127.0.0.1" : host;
        address.port = std::atoi(named.c_str() + (colon == std::string::npos ? 0 : colon + 1));
        return address.port > 0;
    }
    const Json said = Json::parse(read_file(state_folder() / "server.json"), nullptr, false);
    if (!said.is_object() || !said.contains("host") || !said.contains("port") || !said["host"].is_string()
        || !said["port"].is_number_integer())
        return false;
    address.host = reachable(said["host"].get<std::string>());
    address.port = said["port"].get<int>();
    return true;
}

std::string read_token()
{
    std::string token = variable("BANDMATE_TOKEN");
    const fs::path file = place("config", "XDG_CONFIG_HOME", ".config") / "token";
    if (token.empty() && is_ours(file))
        token = read_file(file);
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.pop_back();
    // It goes into a header: nothing that could end the line.
    return token.find_first_of("\r\n") == std::string::npos ? token : std::string();
}

fs::path media_folder()
{
    const std::string named = variable("BANDMATE_MEDIA");
    if (!named.empty())
        return named;
    const std::string home = variable("BANDMATE_HOME");
    return home.empty() ? user_home() / "Music" / "Bandmate" : fs::path(home) / "media";
}

fs::path state_folder()
{
    return place("state", "XDG_STATE_HOME", ".local/state");
}

}  // namespace bandmate
