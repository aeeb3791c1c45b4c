#include "instance.hpp"

#include <algorithm>
#include <cctype>

#include "socket.hpp"

namespace bandmate {
namespace {

std::atomic<unsigned long> last_touch{0};

// It becomes a file's name.
bool is_id(const std::string& id)
{
    return !id.empty() && id.size() <= 64
        && std::all_of(id.begin(), id.end(), [](unsigned char letter) { return std::isalnum(letter) != 0; });
}

}  // namespace

Instance::Instance() : id_(random_hex(8)) {}

Instance::~Instance() = default;

void Instance::open()
{
    if (claim_)
        return;
    auto claim = std::make_unique<Claim>();
    while (!claim->take(id_))
        id_ = random_hex(8);
    claim_ = std::move(claim);
}

void Instance::close()
{
    claim_.reset();
}

void Instance::adopt(const std::string& id)
{
    if (id == id_ || !is_id(id))
        return;
    auto claim = std::make_unique<Claim>();
    if (!claim->take(id))
        return;
    id_ = id;
    // What is not open yet claims it then.
    if (claim_)
        claim_ = std::move(claim);
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
