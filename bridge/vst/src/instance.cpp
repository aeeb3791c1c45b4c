#include "instance.hpp"

#include <atomic>
#include <mutex>
#include <set>

#include "socket.hpp"

namespace bandmate {
namespace {

std::mutex mutex;
std::atomic<unsigned long> last_touch{0};

std::set<std::string>& open_ids()
{
    static std::set<std::string> ids;
    return ids;
}

}  // namespace

Instance::Instance() : id_(random_hex(8)) {}

Instance::~Instance()
{
    close();
}

void Instance::open()
{
    const std::lock_guard<std::mutex> lock(mutex);
    if (open_)
        return;
    if (!open_ids().insert(id_).second) {
        id_ = random_hex(8);
        open_ids().insert(id_);
    }
    open_ = true;
}

void Instance::close()
{
    const std::lock_guard<std::mutex> lock(mutex);
    if (open_)
        open_ids().erase(id_);
    open_ = false;
}

void Instance::adopt(const std::string& id)
{
    const std::lock_guard<std::mutex> lock(mutex);
    if (id == id_ || id.empty() || id.size() > 64 || open_ids().count(id) != 0)
        return;
    if (open_) {
        open_ids().erase(id_);
        open_ids().insert(id);
    }
    id_ = id;
}

void Instance::touch() noexcept
{
    touched_ = last_touch.fetch_add(1) + 1;
}

bool Instance::focused() const noexcept
{
    return touched_ == last_touch.load();
}

}  // namespace bandmate
