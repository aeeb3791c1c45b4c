// The keyboard between the window and its host, on X11: who has it, and keys that are the host's.
#pragma once

#include <cstdint>

namespace bandmate {

class KeyFocus {
public:
    // Of the window that the host put ours into.
    explicit KeyFocus(std::uintptr_t window);
    ~KeyFocus();
    KeyFocus(const KeyFocus&) = delete;
    KeyFocus& operator=(const KeyFocus&) = delete;

    // Keys come to our window until `release`, which gives them back to whose they were.
    void take();
    void release();
    // Passes on a key that the pointer led here, such as the space bar that starts the song.
    void pass_on(bool press, unsigned keycode, unsigned modifiers) const;

private:
    // Xlib's display, of our own; null where there is none. Its header takes too many names to be included here.
    void* const display_;
    const unsigned long window_;
    unsigned long before_ = 0;
    bool taken_ = false;
};

}  // namespace bandmate
