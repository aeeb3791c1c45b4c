#include "claim.hpp"

#include "home.hpp"

#ifdef _WIN32
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace bandmate {
namespace {

fs::path lock_file(const std::string& name)
{
    const fs::path folder = state_folder() / "plugin";
    std::error_code failed;
    fs::create_directories(folder, failed);
    return folder / (name + ".lock");
}

}  // namespace

#ifdef _WIN32

bool Claim::take(const std::string& name)
{
    drop();
    // Opened by nobody else, and gone once it is closed.
    void* const file = CreateFileW(lock_file(name).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS,
                                   FILE_FLAG_DELETE_ON_CLOSE, nullptr);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError() != ERROR_SHARING_VIOLATION;
    file_ = file;
    return true;
}

void Claim::drop() noexcept
{
    if (file_ != nullptr)
        CloseHandle(file_);
    file_ = nullptr;
}

#else

bool Claim::take(const std::string& name)
{
    drop();
    const std::string path = lock_file(name).string();
    for (;;) {
        const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0)
            return true;
        if (flock(file, LOCK_EX | LOCK_NB) != 0) {
            close(file);
            return false;
        }
        // The one before may have removed it between the two calls.
        struct stat held {};
        struct stat named {};
        if (fstat(file, &held) == 0 && stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino) {
            file_ = file;
            path_ = path;
            return true;
        }
        close(file);
    }
}

void Claim::drop() noexcept
{
    if (file_ < 0)
        return;
    unlink(path_.c_str());
    close(file_);
    file_ = -1;
}

#endif

}  // namespace bandmate
