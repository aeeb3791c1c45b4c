// Files dragged out of the window into another program's: the source's side of XDND, version 5
// (https://freedesktop.org/wiki/Specifications/XDND). The window that was pressed keeps the pointer until its button is
// released, so this only has to find out what lies under it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace bandmate {

// A list of files as text/uri-list.
std::string uri_list(const std::vector<std::string>& paths);

class DragOut {
public:
    DragOut();
    ~DragOut();
    DragOut(const DragOut&) = delete;
    DragOut& operator=(const DragOut&) = delete;

    void begin(const std::vector<std::string>& paths);
    // From `begin` until `drop`.
    bool dragging() const noexcept { return dragging_; }
    // The pointer moved.
    void move();
    // The button was released.
    void drop();
    // Answers the other program; to be called often, and after `drop` as well.
    void answer();

private:
    struct X;
    // A window that takes drops, who speaks for it, and the version that both know; 0 for none.
    struct Receiver {
        unsigned long window = 0, speaker = 0;
        long version = 0;
    };

    Receiver under_pointer(int& x, int& y) const;
    void enter(const Receiver& receiver);
    void leave();
    void tell_position();
    void finish_drop();
    void send(unsigned long type, long second, long third, long fourth, long fifth) const;

    // Null where there is no display.
    const std::unique_ptr<X> x_;
    std::string uris_;
    Receiver receiver_;
    bool dragging_ = false;
    // The receiver takes it; it has not answered yet; the pointer moved meanwhile; the button was released meanwhile.
    bool accepted_ = false, waiting_ = false, moved_ = false, released_ = false;
    std::chrono::steady_clock::time_point released_at_{};
    int at_x_ = 0, at_y_ = 0;
};

}  // namespace bandmate
