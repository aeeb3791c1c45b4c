// receive_drop X Y: a window of another program that takes files, as a DAW's arrangement does. Prints `ready`, then what
// was dropped on it, and ends.
#include <cstdlib>
#include <iostream>
#include <string>

#include <X11/Xatom.h>
#include <X11/Xlib.h>

namespace {

class Receiver {
public:
    Receiver(int x, int y) : display_(XOpenDisplay(nullptr)), window_(XCreateSimpleWindow(display_, DefaultRootWindow(display_), x, y, 200, 200, 0, 0, 0))
    {
        const ::Atom version = 5;
        XChangeProperty(display_, window_, atom("XdndAware"), XA_ATOM, 32, PropModeReplace,
                        reinterpret_cast<const unsigned char*>(&version), 1);
        XMapWindow(display_, window_);
        XSync(display_, False);
    }

    std::string take()
    {
        for (;;) {
            XEvent event;
            XNextEvent(display_, &event);
            if (event.type == ClientMessage)
                on_message(event.xclient);
            if (event.type == SelectionNotify)
                return on_files(event.xselection);
        }
    }

private:
    ::Atom atom(const char* name) const { return XInternAtom(display_, name, False); }

    void on_message(const XClientMessageEvent& message)
    {
        source_ = static_cast<::Window>(message.data.l[0]);
        if (message.message_type == atom("XdndEnter"))
            offered_ = static_cast<::Atom>(message.data.l[2]) == atom("text/uri-list");
        if (message.message_type == atom("XdndPosition"))
            answer("XdndStatus", offered_ ? 1 : 0);
        if (message.message_type == atom("XdndDrop"))
            XConvertSelection(display_, atom("XdndSelection"), atom("text/uri-list"), atom("FILES"), window_,
                              static_cast<::Time>(message.data.l[2]));
    }

    std::string on_files(const XSelectionEvent& selection)
    {
        ::Atom type = None;
        int format = 0;
        unsigned long count = 0;
        unsigned long after = 0;
        unsigned char* data = nullptr;
        XGetWindowProperty(display_, window_, selection.property, 0, 65'536, True, AnyPropertyType, &type, &format, &count,
                           &after, &data);
        std::string files(reinterpret_cast<const char*>(data), count);
        XFree(data);
        answer("XdndFinished", 1);
        XSync(display_, False);
        return files;
    }

    void answer(const char* type, long flags)
    {
        XEvent event{};
        event.xclient.type = ClientMessage;
        event.xclient.window = source_;
        event.xclient.message_type = atom(type);
        event.xclient.format = 32;
        event.xclient.data.l[0] = static_cast<long>(window_);
        event.xclient.data.l[1] = flags;
        event.xclient.data.l[4] = static_cast<long>(atom("XdndActionCopy"));
        XSendEvent(display_, source_, False, NoEventMask, &event);
    }

    ::Display* const display_;
    const ::Window window_;
    ::Window source_ = 0;
    bool offered_ = false;
};

}  // namespace

int main(int count, char** words)
{
    if (count != 3)
        return 2;
    Receiver receiver(std::atoi(words[1]), std::atoi(words[2]));
    std::cout << "ready" << std::endl;
    std::cout << receiver.take() << std::flush;
    return 0;
}
