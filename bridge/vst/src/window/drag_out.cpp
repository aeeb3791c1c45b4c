#include "drag_out.hpp"

#include <algorithm>
#include <cstdio>

#include <X11/Xatom.h>
#include <X11/Xlib.h>

#include "x_errors.hpp"

namespace bandmate {
namespace {

constexpr long our_version = 5;
// A receiver that does not answer for so long after the drop is left.
constexpr auto patience = std::chrono::seconds(5);
// Windows in windows; a real tree is a few levels deep.
constexpr int most_levels = 32;

// One value of a property of 32 bits; 0 where there is none.
unsigned long property(::Display* display, ::Window window, ::Atom name, ::Atom type)
{
    ::Atom found = None;
    int format = 0;
    unsigned long count = 0;
    unsigned long after = 0;
    unsigned char* data = nullptr;
    if (XGetWindowProperty(display, window, name, 0, 1, False, type, &found, &format, &count, &after, &data) != Success)
        return 0;
    const unsigned long value = data != nullptr && format == 32 && count > 0 ? *reinterpret_cast<unsigned long*>(data) : 0;
    if (data != nullptr)
        XFree(data);
    return value;
}

}  // namespace

std::string uri_list(const std::vector<std::string>& paths)
{
    std::string list;
    for (const std::string& path : paths) {
        list += "file://";
        for (const char each : path) {
            const auto byte = static_cast<unsigned char>(each);
            const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 || std::string("/-._~").find(each) != std::string::npos);
            char quoted[4];
            std::snprintf(quoted, sizeof quoted, "%%%02X", byte);
            list += plain ? std::string(1, each) : quoted;
        }
        list += "\r\n";
    }
    return list;
}

struct DragOut::X {
    explicit X(::Display* opened)
        : display(opened), root(DefaultRootWindow(opened)), source(XCreateSimpleWindow(opened, root, -2, -2, 1, 1, 0, 0, 0)),
          aware(atom("XdndAware")), proxy(atom("XdndProxy")), enter(atom("XdndEnter")), position(atom("XdndPosition")),
          status(atom("XdndStatus")), leave(atom("XdndLeave")), drop(atom("XdndDrop")), selection(atom("XdndSelection")),
          copy(atom("XdndActionCopy")), list(atom("text/uri-list")), targets(atom("TARGETS"))
    {
    }
    ~X() { XCloseDisplay(display); }
    X(const X&) = delete;
    X& operator=(const X&) = delete;

    ::Atom atom(const char* name) const { return XInternAtom(display, name, False); }
    void serve(const XSelectionRequestEvent& asked, const std::string& uris) const;

    ::Display* const display;
    const ::Window root, source;
    const ::Atom aware, proxy, enter, position, status, leave, drop, selection, copy, list, targets;
};

// What another program asks of the files' list: in which forms there is one, or the list.
void DragOut::X::serve(const XSelectionRequestEvent& asked, const std::string& uris) const
{
    XEvent answer{};
    answer.xselection.type = SelectionNotify;
    answer.xselection.requestor = asked.requestor;
    answer.xselection.selection = asked.selection;
    answer.xselection.target = asked.target;
    answer.xselection.time = asked.time;
    const ::Atom place = asked.property == None ? asked.target : asked.property;
    const ::Atom forms[] = {targets, list};
    if (asked.target == targets)
        XChangeProperty(display, asked.requestor, place, XA_ATOM, 32, PropModeReplace,
                        reinterpret_cast<const unsigned char*>(forms), 2);
    else if (asked.target == list)
        XChangeProperty(display, asked.requestor, place, list, 8, PropModeReplace,
                        reinterpret_cast<const unsigned char*>(uris.data()), static_cast<int>(uris.size()));
    answer.xselection.property = asked.target == targets || asked.target == list ? place : None;
    XSendEvent(display, asked.requestor, False, NoEventMask, &answer);
}

DragOut::DragOut()
    : x_([] {
          ::Display* const opened = XOpenDisplay(nullptr);
          return opened == nullptr ? nullptr : std::make_unique<X>(opened);
      }())
{
}

DragOut::~DragOut()
{
    if (!x_)
        return;
    const XErrorsIgnored quiet(x_->display);
    leave();
}

void DragOut::begin(const std::vector<std::string>& paths)
{
    if (!x_ || paths.empty())
        return;
    uris_ = uri_list(paths);
    receiver_ = {};
    dragging_ = true;
    released_ = waiting_ = accepted_ = moved_ = false;
    XSetSelectionOwner(x_->display, x_->selection, x_->source, CurrentTime);
    move();
}

void DragOut::move()
{
    if (!dragging_)
        return;
    const XErrorsIgnored quiet(x_->display);
    const Receiver receiver = under_pointer(at_x_, at_y_);
    if (receiver.window != receiver_.window) {
        leave();
        enter(receiver);
    }
    moved_ = true;
    tell_position();
}

void DragOut::drop()
{
    if (!dragging_)
        return;
    dragging_ = false;
    released_ = true;
    released_at_ = std::chrono::steady_clock::now();
    const XErrorsIgnored quiet(x_->display);
    if (!waiting_)
        finish_drop();
}

void DragOut::answer()
{
    if (!x_)
        return;
    const XErrorsIgnored quiet(x_->display);
    while (XPending(x_->display) > 0) {
        XEvent event;
        XNextEvent(x_->display, &event);
        if (event.type == SelectionRequest)
            x_->serve(event.xselectionrequest, uris_);
        const bool about_this = event.type == ClientMessage && event.xclient.message_type == x_->status
            && static_cast<unsigned long>(event.xclient.data.l[0]) == receiver_.window;
        if (!about_this)
            continue;
        waiting_ = false;
        accepted_ = (event.xclient.data.l[1] & 1) != 0;
        tell_position();
        if (released_ && !waiting_)
            finish_drop();
    }
    if (released_ && std::chrono::steady_clock::now() - released_at_ > patience) {
        accepted_ = false;
        finish_drop();
    }
}

// The first window from the top on that takes drops, on the way down to what lies under the pointer.
DragOut::Receiver DragOut::under_pointer(int& x, int& y) const
{
    ::Display* const display = x_->display;
    ::Window root = 0;
    ::Window window = 0;
    int unused = 0;
    unsigned mask = 0;
    XQueryPointer(display, x_->root, &root, &window, &x, &y, &unused, &unused, &mask);
    for (int level = 0; window != 0 && level < most_levels; ++level) {
        const ::Window proxy = property(display, window, x_->proxy, XA_WINDOW);
        const ::Window speaker = proxy != 0 && property(display, proxy, x_->proxy, XA_WINDOW) == proxy ? proxy : window;
        const auto version = static_cast<long>(property(display, speaker, x_->aware, XA_ATOM));
        if (version > 0)
            return {window, speaker, std::min(version, our_version)};
        ::Window child = 0;
        if (XTranslateCoordinates(display, x_->root, window, x, y, &unused, &unused, &child) == 0)
            break;
        window = child;
    }
    return {};
}

void DragOut::enter(const Receiver& receiver)
{
    receiver_ = receiver;
    waiting_ = accepted_ = false;
    if (receiver_.window != 0)
        send(x_->enter, receiver_.version << 24, static_cast<long>(x_->list), 0, 0);
}

void DragOut::leave()
{
    if (receiver_.window != 0)
        send(x_->leave, 0, 0, 0, 0);
    receiver_ = {};
}

// Only one position is under way at a time.
void DragOut::tell_position()
{
    if (receiver_.window == 0 || waiting_ || !moved_)
        return;
    moved_ = false;
    waiting_ = true;
    send(x_->position, 0, (static_cast<long>(at_x_) << 16) | at_y_, CurrentTime, static_cast<long>(x_->copy));
}

void DragOut::finish_drop()
{
    released_ = false;
    if (receiver_.window != 0 && accepted_)
        send(x_->drop, 0, CurrentTime, 0, 0);
    else
        leave();
    // It is the receiver's now; the list is still there for it.
    receiver_ = {};
}

void DragOut::send(unsigned long type, long second, long third, long fourth, long fifth) const
{
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.display = x_->display;
    event.xclient.window = receiver_.window;
    event.xclient.message_type = type;
    event.xclient.format = 32;
    event.xclient.data.l[0] = static_cast<long>(x_->source);
    event.xclient.data.l[1] = second;
    event.xclient.data.l[2] = third;
    event.xclient.data.l[3] = fourth;
    event.xclient.data.l[4] = fifth;
    XSendEvent(x_->display, receiver_.speaker, False, NoEventMask, &event);
    XFlush(x_->display);
}

}  // namespace bandmate
