#include "key_focus.hpp"

#include <X11/Xlib.h>

#include <DistrhoUI.hpp>

#include "x_errors.hpp"

namespace bandmate {
namespace {

::Display* own(void* display)
{
    return static_cast<::Display*>(display);
}

// The window that ours lies in.
::Window parent_of(::Display* display, ::Window window)
{
    ::Window root = 0;
    ::Window parent = 0;
    ::Window* children = nullptr;
    unsigned count = 0;
    if (XQueryTree(display, window, &root, &parent, &children, &count) == 0)
        return 0;
    if (children != nullptr)
        XFree(children);
    return parent == root ? 0 : parent;
}

unsigned x_state(unsigned modifiers)
{
    return ((modifiers & DGL_NAMESPACE::kModifierShift) != 0 ? ShiftMask : 0U)
        | ((modifiers & DGL_NAMESPACE::kModifierControl) != 0 ? ControlMask : 0U)
        | ((modifiers & DGL_NAMESPACE::kModifierAlt) != 0 ? Mod1Mask : 0U)
        | ((modifiers & DGL_NAMESPACE::kModifierSuper) != 0 ? Mod4Mask : 0U);
}

}  // namespace

KeyFocus::KeyFocus(std::uintptr_t window)
    : display_(XOpenDisplay(nullptr)), window_(window)
{
}

KeyFocus::~KeyFocus()
{
    if (display_ == nullptr)
        return;
    release();
    XCloseDisplay(own(display_));
}

void KeyFocus::take()
{
    if (display_ == nullptr || taken_)
        return;
    int revert = 0;
    XGetInputFocus(own(display_), &before_, &revert);
    XSetInputFocus(own(display_), window_, RevertToParent, CurrentTime);
    XFlush(own(display_));
    taken_ = true;
}

void KeyFocus::release()
{
    if (display_ == nullptr || !taken_)
        return;
    taken_ = false;
    ::Window now = 0;
    int revert = 0;
    XGetInputFocus(own(display_), &now, &revert);
    if (now != window_)
        return;  // the user gave them to another window
    // The window that had the keys may be gone by now.
    const XErrorsIgnored quiet(own(display_));
    XSetInputFocus(own(display_), before_ == window_ ? PointerRoot : before_, RevertToPointerRoot, CurrentTime);
}

void KeyFocus::pass_on(bool press, unsigned keycode, unsigned modifiers) const
{
    if (display_ == nullptr)
        return;
    const ::Window parent = parent_of(own(display_), window_);
    if (parent == 0)
        return;
    XEvent event{};
    event.xkey.type = press ? KeyPress : KeyRelease;
    event.xkey.display = own(display_);
    event.xkey.window = parent;
    event.xkey.root = DefaultRootWindow(own(display_));
    event.xkey.time = CurrentTime;
    event.xkey.keycode = keycode;
    event.xkey.state = x_state(modifiers);
    event.xkey.same_screen = True;
    XSendEvent(own(display_), parent, True, press ? KeyPressMask : KeyReleaseMask, &event);
    XFlush(own(display_));
}

}  // namespace bandmate
