// Calls about windows of other programs, which may be gone by then: Xlib would end the process.
#pragma once

#include <X11/Xlib.h>

namespace bandmate {

// While it lives, nobody hears of errors of this display.
class XErrorsIgnored {
public:
    explicit XErrorsIgnored(::Display* display) : display_(display), before_(XSetErrorHandler(ignore)) {}
    ~XErrorsIgnored()
    {
        XSync(display_, False);
        XSetErrorHandler(before_);
    }
    XErrorsIgnored(const XErrorsIgnored&) = delete;
    XErrorsIgnored& operator=(const XErrorsIgnored&) = delete;

private:
    static int ignore(::Display*, XErrorEvent*) { return 0; }

    ::Display* const display_;
    const XErrorHandler before_;
};

}  // namespace bandmate
