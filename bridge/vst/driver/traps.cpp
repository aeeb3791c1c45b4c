#include "traps.hpp"

#include <atomic>
#include <cstddef>

#if defined(__linux__) && !defined(BANDMATE_SANITIZED)
#define BANDMATE_TRAPS 1
#include <dlfcn.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>
#endif

namespace bandmate::traps {
namespace {

thread_local bool on_audio_thread = false;
std::atomic<unsigned> count{0};
std::atomic<const char*> name{"none"};

}  // namespace

void enter() { on_audio_thread = true; }
void leave() { on_audio_thread = false; }
unsigned hits() { return count; }
const char* last() { return name; }

[[maybe_unused]] static void hit(const char* call)
{
    if (!on_audio_thread)
        return;
    ++count;
    name = call;
}

bool forbid_system_calls()
{
#ifdef BANDMATE_TRAPS
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0;
#else
    return false;
#endif
}

#ifdef BANDMATE_TRAPS
template <class Function>
static Function next(const char* call)
{
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, call));
}
#endif

}  // namespace bandmate::traps

#ifdef BANDMATE_TRAPS
// The program's own definitions come before the system library's.
extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier): the C library's names for what the traps stand before.
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void __libc_free(void*);
// NOLINTEND(bugprone-reserved-identifier)

void* malloc(std::size_t size)
{
    bandmate::traps::hit("malloc");
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size)
{
    bandmate::traps::hit("calloc");
    return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size)
{
    bandmate::traps::hit("realloc");
    return __libc_realloc(memory, size);
}

void free(void* memory)
{
    bandmate::traps::hit("free");
    __libc_free(memory);
}

int pthread_mutex_lock(pthread_mutex_t* mutex)
{
    bandmate::traps::hit("pthread_mutex_lock");
    static const auto system = bandmate::traps::next<int (*)(pthread_mutex_t*)>("pthread_mutex_lock");
    return system(mutex);
}

ssize_t write(int file, const void* data, std::size_t size)
{
    bandmate::traps::hit("write");
    static const auto system = bandmate::traps::next<ssize_t (*)(int, const void*, std::size_t)>("write");
    return system(file, data, size);
}

ssize_t read(int file, void* data, std::size_t size)
{
    bandmate::traps::hit("read");
    static const auto system = bandmate::traps::next<ssize_t (*)(int, void*, std::size_t)>("read");
    return system(file, data, size);
}

int poll(pollfd* files, nfds_t count, int milliseconds)
{
    bandmate::traps::hit("poll");
    static const auto system = bandmate::traps::next<int (*)(pollfd*, nfds_t, int)>("poll");
    return system(files, count, milliseconds);
}
}
#endif
